/** The main job on servers of other versions: look at a set, back it up, restore it exactly, undo that, prove each. */
import type { Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupDetails } from '../../shared/backups';
import { compareBothWays, lineOf } from '../restore/test-support/compare-both-ways';
import { createRestoreHarness, effect, type RestoreHarness } from '../restore/test-support/restore-harness';
import { readState } from '../restore/test-support/target-state';
import { requireTestTools } from '../test-support/runtime';
import { runTool } from '../platform/spawn-tool';
import { createTestServices, resultOf, type TestServices } from '../test-support/test-services';
import type { TestMongod } from '../test-support/test-mongod';
import { countsOf, damageShop, fillShop, order, orderCount, type Order } from './test-support/shop-data';
import { describeVersions, type TestedVersion } from './test-support/tested-versions';

const auth = { user: 'ann', password: 'p@ss:/w?rd' };

describeVersions('4.2', (version) => {
  describe('a replica set of three', () => {
    mainJob(version, () => version.start({ members: 3, auth }));
  });
  if (process.env['LIFEBOAT_TEST_SERVERS'] !== 'sample')
    describe('a single server', () => {
      mainJob(version, () => version.start({ auth }));
    });
});

function mainJob(version: TestedVersion, start: () => Promise<TestMongod>): void {
  let server: TestMongod;
  let client: MongoClient;
  let shop: Db;
  let services: TestServices;
  let harness: RestoreHarness;
  let isSet: boolean;
  let full: BackupDetails;

  beforeAll(async () => {
    server = await start();
    isSet = server.members.length > 1;
    client = await server.connect({ writeConcern: { w: isSet ? 3 : 1 } });
    shop = client.db('shop');
    await fillShop(shop, version);
    harness = await createRestoreHarness(server.uri);
    services = await createTestServices(server.uri);
  });
  afterAll(async () => {
    await harness?.close();
    await services?.close();
    await server?.stop();
  });

  it('is told by the connection test: version, feature compatibility, topology, privileges', async () => {
    const { error, deployment, privileges, authenticatedAs, warnings } = await services.connections.test(
      services.connection.id,
    );
    expect(error).toBeNull();
    expect(deployment?.serverVersion.startsWith(`${version.series}.`)).toBe(true);
    expect(deployment?.featureCompatibilityVersion).toBe(version.series);
    expect(deployment?.topology).toBe(isSet ? 'replica set' : 'standalone');
    expect(deployment?.members.map(({ state }) => state).sort()).toEqual(
      isSet ? ['PRIMARY', 'SECONDARY', 'SECONDARY'] : [],
    );
    expect(authenticatedAs).toBe('ann@admin');
    expect(privileges.filter(({ granted }) => !granted)).toEqual([]);
    const aboutVersion = warnings.filter((warning) => warning.includes('MongoDB 4.2'));
    expect(aboutVersion).toHaveLength(version.isAtLeast('4.4') ? 0 : 1);
    const saved = await services.connections.add({
      name: 'saved',
      colour: 'gray',
      environment: 'development',
      readOnly: false,
      uri: server.uriWithoutCredentials,
      username: auth.user,
      password: auth.password,
      secretPlace: 'ask',
    });
    const { checks } = await services.doctor.report({ testConnections: true });
    const check = checks.find(({ id }) => id === `connection-${saved.id}`);
    expect(check?.summary).toMatch(new RegExp(`^MongoDB ${version.series}`));
    expect(check?.status).toBe(version.isAtLeast('4.4') ? 'ok' : 'warning');
    if (!version.isAtLeast('4.4')) expect(check?.hint).toContain('4.4');
  });

  it('is backed up as a whole, verified, and read back by mongorestore alone', async () => {
    const writing = new AbortController();
    const writes = keepWriting(client, writing.signal);
    full = await services.makeBackup({ kind: 'deployment' });
    writing.abort();
    await writes;
    expect(full.entry.verification).toMatchObject({ ok: true, level: 2, problems: [] });
    expect(full.manifest?.source.serverVersion).toMatch(new RegExp(`^${version.series}\\.`));
    expect(full.manifest?.source.featureCompatibilityVersion).toBe(version.series);
    if (isSet) expect(full.manifest?.oplog?.entries).toBeGreaterThan(0);
    else expect(full.manifest?.oplog).toBeNull();
    const again = await services.catalogue.verify(full.entry.id, 2);
    const { entry } = await services.catalogue.show(resultOf(await services.jobs.wait(again.id)));
    expect(entry.verification).toMatchObject({ ok: true, level: 2 });

    const elsewhere = await version.start();
    try {
      const { archive } = await services.catalogue.location(full.entry.id);
      const exit = await runTool({
        path: requireTestTools().mongorestore,
        args: [`--uri=${elsewhere.uri}`, '--gzip', `--archive=${archive}`, ...(isSet ? ['--oplogReplay'] : [])],
      });
      expect(exit.code, exit.stderrTail).toBe(0);
      expect(exit.stderrTail).toContain('0 document(s) failed to restore');
      const restored = (await elsewhere.connect()).db('shop');
      const expected = await countsOf(shop);
      expect({ ...(await countsOf(restored)), ticks: 0 }).toEqual({ ...expected, ticks: 0 });
      expect(await restored.collection<Order>('orders').findOne({ _id: 77 })).toEqual(order(77));
    } finally {
      await elsewhere.stop();
    }
  });

  it('is restored exactly as previewed, proven, and put back by undo', async () => {
    await client
      .db('shop')
      .collection('ticks')
      .drop()
      .catch(() => undefined);
    const backup = await harness.backUp({ kind: 'databases', databases: ['shop'] });
    const same = await harness.preview(backup);
    expect(same.result.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
    const grave = same.result.problems.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
    expect(grave).toEqual(version.isAtLeast('4.4') ? [] : ['server-too-old']);

    await damageShop(shop);
    const before = await readState(shop);
    const canFollow = isSet && version.isAtLeast('4.4');
    const preview = canFollow ? await compareBothWays(harness, backup) : await harness.preview(backup);
    expect(lineOf(preview, 'shop.orders')).toMatchObject({
      documents: { changed: 25, onlyInBackup: 40, onlyInTarget: 5, same: orderCount - 65 },
      indexes: { add: [{ name: 'customer_1_at_-1' }], remove: [{ name: 'status_1' }] },
    });
    if (canFollow) expect(lineOf(preview, 'shop.orders')).toMatchObject({ comparedBy: 'oplog', comparedReason: null });
    if (!version.isAtLeast('4.4')) {
      expect(preview.result.problems).toContainEqual(
        expect.objectContaining({ code: 'server-too-old', severity: 'blocking' }),
      );
      await expect(harness.apply(preview)).rejects.toMatchObject({ error: { code: 'refused' } });
      expect(await readState(shop)).toEqual(before);
      return;
    }
    const { job, result } = await harness.apply(preview);
    expect([job.status, result.failures, result.conflicts]).toEqual(['succeeded', [], []]);
    expect(result.effect).toEqual(effect({ ...preview.result.totals.effect }));
    expect(result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
    expect(await shop.collection<Order>('orders').findOne({ _id: 50 })).toEqual(order(50));

    const undoing = await harness.restores.undoPreview(result.restoreId);
    const undoPreview = await harness.restores.getPreview(resultOf(await harness.jobs.wait(undoing.id)));
    const undone = await harness.apply(undoPreview, { mode: 'exact' });
    expect([undone.job.status, undone.result.failures]).toEqual(['succeeded', []]);
    expect(await readState(shop)).toEqual(before);
  });
}

/** Writes a little into `shop.ticks` all the time. */
async function keepWriting(client: MongoClient, signal: AbortSignal): Promise<void> {
  const ticks = client.db('shop').collection<{ _id: number }>('ticks');
  for (let at = 0; !signal.aborted; at++) {
    await ticks.insertOne({ _id: at });
    await ticks.updateOne({ _id: at }, { $set: { seen: true } });
  }
}
