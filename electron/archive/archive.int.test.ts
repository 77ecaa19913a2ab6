import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Code, Decimal128, Long, MaxKey, MinKey, type MongoClient, Timestamp } from 'mongodb';
import { create } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testTools } from '../test-support/runtime';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { temporaryFolder } from '../test-support/temporary-folder';
import { openDump } from './detect-format';
import { inspectArchive } from './inspect-archive';
import { openDumpFolder } from './dump-folder';
import { scanArchive } from './scan-archive';
import type { NamespaceSummary } from './namespace-progress';
import { type ArchiveChunks, type BlockedArchiveResult, writeBlockedArchive } from './write-blocked-archive';

const tools = testTools();
const longName = `${'n'.repeat(200)}éééé`;
const oddNames = ['odd na"me % é', '-lead', "quote's", longName];

interface Ended {
  code: number | null;
  stderr: string;
}

describe.skipIf(tools.skip !== null)(
  `archives and the real tools${tools.skip === null ? '' : ` (${tools.skip})`}`,
  () => {
    const { mongodump, mongorestore } = tools.skip === null ? tools : { mongodump: '', mongorestore: '' };
    const folder = temporaryFolder('real');
    let mongod: TestMongod;
    let client: MongoClient;

    beforeAll(async () => {
      mongod = await startTestMongod({ replicaSet: true });
      client = await mongod.connect();
      await seed(client);
    });
    afterAll(() => mongod.stop());

    /** Bytes of the tool's standard output as they come, failing when the tool fails. */
    async function* dump(args: string[]): AsyncGenerator<Buffer> {
      const child = spawn(mongodump, [`--uri=${mongod.uri}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      let stderr = '';
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      yield* child.stdout as AsyncIterable<Buffer>;
      expect([await ended, stderr]).toEqual([0, stderr]);
    }

    async function run(program: string, args: string[]): Promise<Ended> {
      const child = spawn(program, [`--uri=${mongod.uri}`, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let stderr = '';
      child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
      return { code: await new Promise((resolve) => child.once('close', resolve)), stderr };
    }

    async function write(chunks: ArchiveChunks, name: string): Promise<BlockedArchiveResult> {
      const base = join(folder, name);
      return writeBlockedArchive(chunks, {
        archivePath: `${base}.gz`,
        digestPath: `${base}.digest`,
        blocksPath: `${base}.blocks`,
      });
    }

    function identity(namespaces: NamespaceSummary[], database: string): Record<string, unknown> {
      const own = namespaces.filter((each) => each.database === database);
      return Object.fromEntries(
        own.map(({ collection, documents, contentHash }) => [collection, { documents, contentHash }]),
      );
    }

    async function liveIdentity(database: string): Promise<Record<string, unknown>> {
      return identity((await scanArchive(dump(['--archive', `--db=${database}`]))).namespaces, database);
    }

    async function restoreAs(name: string, database: string): Promise<void> {
      await client.db(database).dropDatabase();
      const renaming = ['--nsInclude=shop.*', '--nsFrom=shop.*', `--nsTo=${database}.*`];
      const { code, stderr } = await run(mongorestore, ['--gzip', `--archive=${join(folder, name)}.gz`, ...renaming]);
      expect([code, stderr]).toEqual([0, expect.stringContaining(' 0 document(s) failed to restore')]);
    }

    it('a whole deployment with its oplog goes through the blocked writer and back through mongorestore', async () => {
      const result = await write(dump(['--archive', '--oplog']), 'full');
      expect(result.oplog).not.toBeNull();
      expect(result.namespaces.every(({ checksum, complete }) => checksum === 'ok' && complete)).toBe(true);
      expect(result.missing).toEqual([]);
      expect(result.prelude?.header.serverVersion).toMatch(/^\d+\.\d+\.\d+/);
      for (const name of oddNames) expect(result.namespaces.map(({ collection }) => collection)).toContain(name);
      expect(await inspectArchive(join(folder, 'full.gz'))).toMatchObject({ ok: true });
      await restoreAs('full', 'again');
      expect(await liveIdentity('again')).toEqual(identity(result.namespaces, 'shop'));
      expect(await client.db('again').collection('shipped').countDocuments()).toBe(100);
      expect(await client.db('again').collection('weather').countDocuments()).toBe(200);
      expect((await client.db('again').collection('orders').indexes()).map(({ name }) => name)).toContain('customer_1');
    });

    it.each([
      ['plain', []],
      ['gzip', ['--gzip']],
    ])('a dump folder (%s), and a tar of it, mean the same as the archive', async (name, flags) => {
      const direct = await write(dump(['--archive', '--db=shop']), `direct-${name}`);
      const out = join(folder, `out-${name}`);
      mkdirSync(out);
      expect((await run(mongodump, [`--out=${out}/dump`, '--db=shop', ...flags])).code).toBe(0);
      const opened = await openDumpFolder(join(out, 'dump'));
      const converted = await write(opened.chunks, `converted-${name}`);
      expect(opened.notices).toEqual([]);
      expect(identity(converted.namespaces, 'shop')).toEqual(identity(direct.namespaces, 'shop'));
      const describeAll = ({ prelude }: BlockedArchiveResult): unknown =>
        prelude?.collections
          .map(({ collection, type, options, indexes, uuid }) => ({ collection, type, options, indexes, uuid }))
          .sort((a, b) => (a.collection < b.collection ? -1 : 1));
      expect(describeAll(converted)).toEqual(describeAll(direct));
      await restoreAs(`converted-${name}`, 'folder');
      expect(await liveIdentity('folder')).toEqual(identity(direct.namespaces, 'shop'));
      const tar = join(out, 'dump.tar.gz');
      await create({ file: tar, gzip: true, cwd: out }, ['dump']);
      const fromTar = await write((await openDump(tar)).chunks, `tar-${name}`);
      expect(identity(fromTar.namespaces, 'shop')).toEqual(identity(direct.namespaces, 'shop'));
    });

    it("mongodump's own gzip archive and a plain one scan the same", async () => {
      const plain = join(folder, 'plain.archive');
      const packed = join(folder, 'packed.archive');
      expect((await run(mongodump, [`--archive=${plain}`, '--db=shop'])).code).toBe(0);
      expect((await run(mongodump, [`--archive=${packed}`, '--gzip', '--db=shop'])).code).toBe(0);
      const [a, b] = [await scanArchive(plain), await scanArchive(packed)];
      expect(identity(a.namespaces, 'shop')).toEqual(identity(b.namespaces, 'shop'));
      expect((await openDump(packed)).format).toBe('gzip-archive');
    });

    it('an archive from an older dump without server version is accepted by mongorestore', async () => {
      const out = join(folder, 'bare');
      expect((await run(mongodump, [`--out=${out}`, '--db=shop', '--collection=orders'])).code).toBe(0);
      const { prelude, chunks } = await openDumpFolder(out);
      expect(prelude.header.serverVersion).toBe('0.0.0');
      await write(chunks, 'bare');
      await restoreAs('bare', 'bare');
      expect(await client.db('bare').collection('orders').countDocuments()).toBe(5000);
    });
  },
);

async function seed(client: MongoClient): Promise<void> {
  const shop = client.db('shop');
  await shop.createCollection('empty', { validator: { $jsonSchema: { required: ['a'] } } });
  await shop.createCollection('capped', { capped: true, size: 100_000 });
  await shop.createCollection('weather', { timeseries: { timeField: 't', metaField: 'm' } });
  await shop
    .collection('weather')
    .insertMany(Array.from({ length: 200 }, (_, i) => ({ t: new Date(1.6e12 + i * 1000), m: i % 3, v: i })));
  await shop.collection<{ _id: number }>('orders').insertMany(
    Array.from({ length: 5000 }, (_, i) => ({
      _id: i,
      customer: `c${i % 100}`,
      status: i % 50 === 0 ? 'shipped' : 'open',
      pad: 'x'.repeat(i % 200),
    })),
  );
  await shop.collection('orders').createIndex({ customer: 1 });
  await shop.createCollection('shipped', { viewOn: 'orders', pipeline: [{ $match: { status: 'shipped' } }] });
  await shop
    .collection<{ _id: string; data: string }>('big')
    .insertOne({ _id: 'big', data: 'y'.repeat(15 * 1024 * 1024) });
  for (const name of oddNames) await shop.collection(name).insertOne({ a: 1 });
  const types: { _id: Long; [field: string]: unknown } = {
    _id: Long.fromNumber(5),
    decimal: Decimal128.fromString('1.10'),
    time: new Timestamp({ t: 5, i: 1 }),
    least: new MinKey(),
    most: new MaxKey(),
    code: new Code('f', { a: 1 }),
    pattern: /a/i,
    nothing: null,
  };
  await shop.collection<{ _id: Long }>('types').insertOne(types);
}
