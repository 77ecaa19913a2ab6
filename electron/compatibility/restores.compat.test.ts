/** Every restore mode, its undo and its proof, and comparisons by every way, on servers of other versions. */
import type { Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RestoreMode } from '../../shared/diff';
import type { ApplyRequestInput } from '../../shared/restore';
import { compareBothWays, lineOf } from '../restore/test-support/compare-both-ways';
import { createRestoreHarness, type RestoreHarness } from '../restore/test-support/restore-harness';
import { readState } from '../restore/test-support/target-state';
import type { TestMongod } from '../test-support/test-mongod';
import { resultOf } from '../test-support/test-services';
import { damageShop, fillShop, type Order } from './test-support/shop-data';
import { describeVersions, versionOf } from './test-support/tested-versions';

const scope = { kind: 'databases' as const, databases: ['shop'] };
const picks = [{ ns: 'shop.orders', changes: ['changed' as const], except: [], documents: [3, 66], fields: [] }];

describeVersions('4.4', (version) => {
  describe.each(['a replica set of three', 'a single server'])('%s', (topology) => {
    const isSet = topology !== 'a single server';
    let server: TestMongod;
    let client: MongoClient;
    let shop: Db;
    let harness: RestoreHarness;
    let backup: string;

    beforeAll(async () => {
      server = await version.start(isSet ? { members: 3 } : {});
      client = await server.connect();
      shop = client.db('shop');
      harness = await createRestoreHarness(server.uri);
      await fillShop(shop, version);
      backup = await harness.backUp(scope);
    });
    afterAll(async () => {
      await harness?.close();
      await server?.stop();
    });

    describe('a restore', () => {
      // Each ends where it began.
      beforeAll(() => damageShop(shop));

      it.each<[RestoreMode, Partial<ApplyRequestInput>]>([
        ['exact', {}],
        ['insert-missing', {}],
        ['overwrite', {}],
        ['merge', {}],
        ['pick', { picks }],
        ['drop', {}],
        ['clone', {}],
      ])('%s does what it previewed, and undo puts everything back', async (mode, more) => {
        const before = await readState(shop);
        const preview = await harness.preview(backup, { mode });
        const { job, result } = await harness.apply(preview, more);
        expect([job.error, result.failures, result.conflicts]).toEqual([null, [], []]);
        expect(result.effect).toEqual(result.predicted);
        if (mode !== 'clone') expect(await readState(shop)).not.toEqual(before);
        if (mode === 'exact' || mode === 'drop' || mode === 'clone')
          expect(result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
        const undoing = await harness.restores.undoPreview(result.restoreId);
        const undo = await harness.restores.getPreview(resultOf(await harness.jobs.wait(undoing.id)));
        const undone = await harness.apply(undo, { mode: 'exact' });
        const { failures, conflicts } = undone.result;
        if (mode === 'clone' && !version.isAtLeast('6.0')) {
          // Nothing can be deleted from the clone's capped collection; that is predicted and told, and it stays.
          expect(undo.result.problems.map(({ code }) => code)).toContain('capped-collection');
          expect(failures.filter(({ ns }) => !ns.endsWith('.events'))).toEqual([]);
          await client.db(preview.cloneNames['shop'] ?? '').dropDatabase();
        } else expect([undone.job.status, failures, conflicts]).toEqual(['succeeded', [], []]);
        expect(await readState(shop)).toEqual(before);
      });
    });

    it('does not overwrite what somebody wrote after the preview', async () => {
      await fillShop(shop, version);
      const own = await harness.backUp(scope);
      const orders = shop.collection<Order>('orders');
      await orders.updateMany({ _id: { $lt: 3 } }, { $set: { status: 'lost' } });
      await orders.insertOne({ _id: 9000, status: 'new' });
      const preview = await harness.preview(own, { mode: 'exact' });
      await orders.updateOne({ _id: 1 }, { $set: { status: 'late' } });
      await orders.updateOne({ _id: 9000 }, { $set: { status: 'late' } });
      const { result } = await harness.apply(preview);
      expect(result.conflicts.map(({ id }) => id).sort()).toEqual(['{"$numberInt":"1"}', '{"$numberInt":"9000"}']);
      expect(await orders.countDocuments({ status: 'late' })).toBe(2);
      expect((await orders.findOne({ _id: 2 }))?.status).toBe('sent');
    });

    describe.runIf(isSet)('a comparison by the oplog', () => {
      beforeEach(() => fillShop(shop, version));

      it('follows updates of every form as a full comparison finds them', async () => {
        const own = await harness.backUp(scope);
        const orders = shop.collection<Order>('orders');
        // A $set, an operator of its own, one inside arrays, a pipeline, a replacement: `$v: 1`, `$v: 2` or a whole document.
        await orders.updateOne({ _id: 1 }, { $set: { status: 'a', 'attributes.size': 1e9 } });
        await orders.updateOne({ _id: 2 }, { $inc: { total: 0.5 }, $unset: { customer: 1 } });
        await orders.updateOne({ _id: 3 }, { $set: { 'lines.1.count': 7 }, $push: { tags: 'x' } });
        await orders.updateOne({ _id: 4 }, [{ $set: { total: { $add: ['$total', 1] }, extra: '$status' } }]);
        await orders.replaceOne({ _id: 5 }, { status: 'replaced' });
        await orders.updateMany({ _id: { $gte: 100, $lt: 120 } }, { $set: { status: 'b' } });
        await orders.findOneAndUpdate({ _id: 6 }, { $set: { status: 'c' } }, { returnDocument: 'before' });
        await orders.deleteMany({ _id: { $gte: 200, $lt: 210 } });
        await orders.insertMany([{ _id: 9001, status: 'new' }]);
        await shop.collection('events').insertOne({ at: 70 });
        if (version.isAtLeast('5.0'))
          await shop.collection('readings').insertOne({ at: new Date(1.7e12 + 5), sensor: 1, at2: -1 });
        const preview = await compareBothWays(harness, own);
        expect(lineOf(preview, 'shop.orders')).toMatchObject({
          comparedBy: 'oplog',
          documents: { changed: 26, onlyInBackup: 10, onlyInTarget: 1 },
        });
        if (version.isAtLeast('5.0')) expect(lineOf(preview, 'shop.readings')).toMatchObject({ status: 'differs' });
      });

      it('follows transactions, also large and aborted ones', async () => {
        const own = await harness.backUp(scope);
        const orders = shop.collection<Order>('orders');
        await client.withSession(async (session) => {
          await session.withTransaction(async () => {
            await orders.insertOne({ _id: 9002, status: 'new' }, { session });
            await orders.updateOne({ _id: 7 }, { $set: { status: 'd' } }, { session });
            await orders.deleteOne({ _id: 8 }, { session });
          });
          await session.withTransaction(async () => {
            for (let at = 0; at < 3; at++)
              await orders.insertOne({ _id: 9100 + at, status: 'x'.repeat(7_000_000) }, { session });
          });
          session.startTransaction();
          await orders.insertOne({ _id: 9200, status: 'never' }, { session });
          await session.abortTransaction();
        });
        const preview = await compareBothWays(harness, own);
        expect(lineOf(preview, 'shop.orders')).toMatchObject({
          comparedBy: 'oplog',
          documents: { changed: 1, onlyInBackup: 1, onlyInTarget: 4 },
        });
      });
    });

    it('compares the same with and without the digest', async () => {
      await fillShop(shop, version);
      const own = await harness.backUp(scope);
      await damageShop(shop);
      const withDigest = await harness.preview(own, { full: true });
      const { archive } = await harness.catalogue.location(own);
      const imported = resultOf(await harness.jobs.wait((await harness.catalogue.import(archive, null)).id));
      const without = await harness.preview(imported, { full: true });
      const lines = ({ result }: typeof without) =>
        result.namespaces.map(({ ns, status, documents }) => ({ ns, status, documents }));
      expect(lines(without)).toEqual(lines(withDigest));
    });
  });
});

describe('between versions', () => {
  const [old, recent] = [versionOf('4.4'), versionOf('6.0')];

  it.runIf(old && recent)(
    'a backup of 4.4 is compared with and restored to 6.0, with a warning of both versions',
    async () => {
      if (!old || !recent) return;
      const [source, target] = [await old.start({ members: 1 }), await recent.start({ members: 1 })];
      const harness = await createRestoreHarness(target.uri);
      try {
        await fillShop((await source.connect()).db('shop'), old);
        const backup = await harness.backUp(scope, await harness.connect(source.uri, { name: 'source' }));
        const preview = await harness.preview(backup);
        const codes = preview.result.problems.map(({ code, severity }) => `${code} ${severity}`);
        expect(codes).toContain('version-mismatch warning');
        expect(codes).toContain('feature-compatibility-mismatch warning');
        const { job, result } = await harness.apply(preview);
        expect([job.error, result.failures]).toEqual([null, []]);
        expect(result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);
      } finally {
        await harness.close();
        await source.stop();
        await target.stop();
      }
    },
  );
});
