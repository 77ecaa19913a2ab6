import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionTest } from '../../shared/connections';
import { makeTestCertificates, type TestCertificates } from '../test-support/test-certificates';
import { freePort, startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { splitConnectionString } from './connection-string';
import { testConnection } from './test-connection';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

function test(fullUri: string, production = false): Promise<ConnectionTest> {
  return testConnection({ fullUri, uri: splitConnectionString(fullUri).uri, production });
}

describe('testing a connection', () => {
  let set: TestMongod;
  let withAccessControl: TestMongod;
  let blackhole: Server;
  let blackholePort: number;

  beforeAll(async () => {
    [set, withAccessControl] = await Promise.all([
      startTestMongod({ members: 3 }),
      startTestMongod({ auth: { user: 'root', password: 'right' } }),
    ]);
    blackhole = createServer(() => undefined);
    blackholePort = await freePort();
    await new Promise<void>((resolve) => blackhole.listen(blackholePort, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    blackhole.close();
    await Promise.all([set.stop(), withAccessControl.stop()]);
  });

  it('describes a replica set with its members', async () => {
    const answer = await test(set.uri);
    expect(answer).toMatchObject({ reachable: true, error: null, authenticatedAs: null });
    expect(answer.deployment).toMatchObject({
      topology: 'replica set',
      setName: 'rs0',
      directToSecondary: false,
      setId: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      serverVersion: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      featureCompatibilityVersion: expect.stringMatching(/^\d+\.\d+$/) as string,
      oplogWindowHours: expect.any(Number) as number,
    });
    const members = answer.deployment?.members ?? [];
    expect(members.map(({ host }) => host).sort()).toEqual(set.members.map(({ host }) => host).sort());
    expect(members.filter(({ state }) => state === 'PRIMARY')).toHaveLength(1);
    for (const { state, lagSeconds } of members) expect(lagSeconds === null).toBe(state !== 'SECONDARY');
    expect(answer.privileges.every(({ granted }) => granted)).toBe(true);
    expect(answer.warnings.join()).toContain('Access control is off');
  });

  it('says that a directly given secondary can be read but not written', async () => {
    const answer = await test(set.uri);
    const secondary = answer.deployment?.members.find(({ state }) => state === 'SECONDARY')?.host ?? '';
    const alone = await test(`mongodb://${secondary}/?directConnection=true`);
    expect(alone.deployment).toMatchObject({ directToSecondary: true, host: secondary });
    expect(alone.warnings.join()).toContain('is a secondary');
  });

  it('says that the name cannot be resolved', async () => {
    const answer = await test('mongodb://no-such-host.invalid:27017/');
    expect(answer).toMatchObject({ reachable: false, deployment: null });
    expect(answer.error).toMatchObject({
      code: 'dns',
      message: expect.stringContaining('no-such-host.invalid') as string,
    });
    expect((await test('mongodb+srv://no-such-cluster.invalid/')).error?.code).toBe('dns');
  });

  it('says that nothing listens there', async () => {
    const port = await freePort();
    const answer = await test(`mongodb://127.0.0.1:${port}/`);
    expect(answer.elapsedMs).toBeLessThan(3000);
    expect(answer.error).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
  });

  it('says that the server never answers, within seconds', async () => {
    const answer = await test(`mongodb://127.0.0.1:${blackholePort}/`);
    expect(answer.error?.code).toBe('timeout');
    expect(answer.elapsedMs).toBeLessThan(20_000);
  });

  it('says that the password is wrong, that one is needed, and who was let in', async () => {
    expect((await test(withAccessControl.uri.replace('right', 'wrong'))).error?.code).toBe('authentication');
    const nobody = await test(withAccessControl.uriWithoutCredentials);
    expect(nobody).toMatchObject({
      reachable: true,
      error: { code: 'authentication', message: expect.stringContaining('requires authentication') as string },
    });
    expect((await test(withAccessControl.uri)).authenticatedAs).toBe('root@admin');
  });

  it('says that the set has another name, or that there is none', async () => {
    expect((await test(`mongodb://${set.host}/?replicaSet=other`)).error).toMatchObject({
      code: 'topology',
      hint: expect.stringContaining('replicaSet=rs0') as string,
    });
    const standalone = `mongodb://root:right@${withAccessControl.host}/?replicaSet=rs0`;
    expect((await test(standalone)).error).toMatchObject({
      code: 'topology',
      message: expect.stringContaining('not a member') as string,
    });
  });

  it('checks privileges against the built-in roles of the real server', async () => {
    const client = await withAccessControl.connect();
    const checks: Record<string, string[]> = {};
    const roleSets: Record<string, { role: string; db: string }[]> = {
      everything: [{ role: 'root', db: 'admin' }],
      backup: [{ role: 'backup', db: 'admin' }],
      restore: [{ role: 'restore', db: 'admin' }],
      readShop: [{ role: 'read', db: 'shop' }],
      readAll: [{ role: 'readAnyDatabase', db: 'admin' }],
      writeAll: [
        { role: 'readWriteAnyDatabase', db: 'admin' },
        { role: 'dbAdminAnyDatabase', db: 'admin' },
      ],
      monitor: [{ role: 'clusterMonitor', db: 'admin' }],
    };
    for (const [user, roles] of Object.entries(roleSets)) {
      await client.db('admin').command({ createUser: user, pwd: 'x', roles });
      const answer = await test(`mongodb://${user}:x@${withAccessControl.host}/?authSource=admin`);
      expect(answer.error).toBeNull();
      // The server itself is the judge of what the privileges mean.
      const own = await new MongoClient(`mongodb://${user}:x@${withAccessControl.host}/?authSource=admin`).connect();
      const readsOplog = await own
        .db('local')
        .collection('oplog.rs')
        .findOne()
        .then(
          () => true,
          () => false,
        );
      const may = async (database: string, stage: object, collection?: string): Promise<boolean> => {
        const from = collection === undefined ? own.db(database) : own.db(database).collection(collection);
        return from
          .aggregate([stage])
          .toArray()
          .then(
            () => true,
            () => false,
          );
      };
      const log = await own
        .db('admin')
        .command({ getLog: 'global' })
        .then(
          () => true,
          () => false,
        );
      const says = (words: string): boolean | undefined =>
        answer.privileges.find(({ feature }) => feature === words)?.granted;
      expect({ user, granted: says("Slow operations from the server's log") }).toEqual({ user, granted: log });
      expect({ user, granted: says('Live operations of all users') }).toEqual({
        user,
        granted: await may('admin', { $currentOp: { allUsers: true } }),
      });
      const uses =
        (await may('shop', { $indexStats: {} }, 'orders')) && (await may('shop', { $collStats: {} }, 'orders'));
      const reads = await may('shop', { $limit: 1 }, 'orders');
      if (says('Review indexes')) expect({ user, uses: uses && reads }).toEqual({ user, uses: true });
      await own.close();
      const oplog = answer.privileges.find(({ feature }) => feature.includes('oplog'));
      expect({ user, granted: oplog?.granted }).toEqual({ user, granted: readsOplog });
      checks[user] = answer.privileges.filter(({ granted }) => granted).map(({ feature }) => feature);
    }
    expect(checks['everything']).toContain('Restore exactly, replacing and deleting');
    expect(checks['everything']).toContain('Back up users and roles');
    expect(checks['backup']).toEqual(
      expect.arrayContaining(['Back up everything', 'Consistent backup with the oplog', 'Back up users and roles']),
    );
    expect(checks['backup']?.join()).not.toContain('Restore');
    expect(checks['restore']).toEqual(
      expect.arrayContaining(['Restore beside the original, insert what is missing', 'Restore users and roles']),
    );
    expect(checks['restore']).not.toContain('Restore exactly, replacing and deleting');
    expect(checks['readShop']?.filter((feature) => feature.includes('Back up'))).toEqual(['Back up shop']);
    expect(checks['readAll']).toContain('Back up everything');
    expect(checks['readAll']).not.toContain('Back up users and roles');
    expect(checks['writeAll']).toContain('Restore exactly, replacing and deleting');
    expect(checks['monitor']).toContain('Replica-set health');
    expect(checks['everything']).toEqual(
      expect.arrayContaining([
        'Review indexes',
        'Set profilers for a time',
        'Resize system.profile',
        'End operations of others',
      ]),
    );
    expect(checks['readShop']).toContain('Explain plans, advise on indexes: shop alone');
    expect(checks['readAll']).toContain('Explain plans, advise on indexes');
    expect(checks['readAll']).not.toContain('Review indexes');
    expect(checks['writeAll']).toEqual(
      expect.arrayContaining(['Set profilers for a time', 'Build, hide, drop and validate indexes']),
    );
    expect(checks['monitor']).toEqual(
      expect.arrayContaining(["Slow operations from the server's log", 'Live operations of all users']),
    );
    expect(checks['monitor']).not.toContain('End operations of others');
    expect(checks['monitor']?.join()).not.toContain('Back up local');
  });
});

describe.skipIf(!hasOpenssl)('testing a connection with TLS', () => {
  let folder: string;
  let files: TestCertificates;
  let encrypted: TestMongod;
  let plain: TestMongod;

  beforeAll(async () => {
    folder = temporaryFolder('lifeboat-tls');
    files = makeTestCertificates(folder);
    [encrypted, plain] = await Promise.all([startTestMongod({ tls: files }), startTestMongod()]);
  });

  afterAll(async () => {
    await Promise.all([encrypted.stop(), plain.stop()]);
    removeTemporaryFolder(folder);
  });

  it('reaches a server whose authority is named', async () => {
    expect(await test(encrypted.uri)).toMatchObject({ reachable: true, error: null });
  });

  it('says that the server expects TLS', async () => {
    expect((await test(`mongodb://${encrypted.host}/`)).error).toMatchObject({
      code: 'tls',
      hint: expect.stringContaining('Add tls=true') as string,
    });
  });

  it('says that the server does not use TLS', async () => {
    expect((await test(`mongodb://${plain.host}/?tls=true`)).error).toMatchObject({
      code: 'tls',
      hint: expect.stringContaining('Remove tls=true') as string,
    });
  });

  it('says that the authority is not trusted', async () => {
    for (const options of ['tls=true', `tls=true&tlsCAFile=${encodeURIComponent(files.otherCaFile)}`])
      expect((await test(`mongodb://${encrypted.host}/?${options}`)).error).toMatchObject({
        code: 'tls',
        message: expect.stringContaining('not trusted') as string,
      });
  });

  it('says that the certificate is for another name', async () => {
    // Resolves to 127.0.0.1 and is no name in the certificate.
    const uri = `mongodb://127.1:${encrypted.port}/?tls=true&tlsCAFile=${encodeURIComponent(files.caFile)}`;
    expect((await test(uri)).error).toMatchObject({
      code: 'tls',
      message: expect.stringContaining('another name') as string,
    });
  });

  it('says that a certificate file cannot be read', async () => {
    expect((await test(`mongodb://${encrypted.host}/?tls=true&tlsCAFile=/nowhere/ca.pem`)).error).toMatchObject({
      code: 'tls',
      message: expect.stringContaining('/nowhere/ca.pem') as string,
    });
  });
});
