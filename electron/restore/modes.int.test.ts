import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Double, Int32, serialize } from 'bson';
import type { Db, MongoClient } from 'mongodb';
import { defaultMetadata, effectOfPicks, type RestoreResult } from '../../shared/restore';
import type { RestoreMode } from '../../shared/diff';
import type { PickedDocuments } from '../../shared/picks';
import { findId, packValue } from '../diff/bson-reader';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { insertRaw, type WriteContext } from './writing/raw-commands';
import { fetchDocuments, idKey } from './documents/raw-documents';
import { createRestoreHarness, effect, type RestoreHarness } from './test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let shop: Db;
/** Of the orders as every test begins with them. */
let backup: string;

interface Order {
  _id: number;
  status?: string;
  vip?: boolean;
  address?: { city?: string; zip?: string };
  lines?: object[];
}

const id = (value: unknown): never => value as never;
const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));
const scope = { kind: 'databases' as const, databases: ['shop'] };
const orders = () => shop.collection<Order>('orders');
const order = (at: number): Order => ({
  _id: at,
  status: 'paid',
  address: { city: 'Paris' },
  lines: [{ sku: `s${at}`, price: at }],
});

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true, args: ['--setParameter', 'enableTestCommands=1'] });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  shop = client.db('shop');
  await fill();
  backup = await lifeboat.backUp(scope);
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});
beforeEach(fill);

async function fill(): Promise<void> {
  await shop.dropDatabase();
  await orders().insertMany(Array.from({ length: 1000 }, (_, at) => order(at)));
  await orders().createIndex({ status: 1 });
}

/** 40 orders gone, 20 changed, 10 of which only hold more, 5 added, an index dropped and another made. */
async function damage(): Promise<void> {
  await orders().deleteMany({ _id: { $lt: 40 } });
  await orders().updateMany(
    { _id: { $gte: 40, $lt: 50 } },
    { $set: { status: 'lost', vip: true, 'address.zip': '1' } },
  );
  await orders().updateMany({ _id: { $gte: 50, $lt: 60 } }, { $set: { vip: true, 'address.zip': '1' } });
  await orders().insertMany(Array.from({ length: 5 }, (_, at) => ({ _id: 9000 + at, status: 'new' })));
  await orders().dropIndex('status_1');
  await orders().createIndex({ vip: 1 });
}

function pick(part: Partial<PickedDocuments>): PickedDocuments {
  return { ns: 'shop.orders', changes: [], except: [], documents: [], fields: [], ...part };
}

/** Previews and applies; what was done is what was predicted. */
async function restore(from: string, mode: RestoreMode, picks: PickedDocuments[] = []): Promise<RestoreResult> {
  const preview = await lifeboat.preview(from, { mode });
  const { result } = await lifeboat.apply(preview, { picks });
  expect(result.failures).toEqual([]);
  expect(result.conflicts).toEqual([]);
  expect(result.effect).toEqual(result.predicted);
  if (mode !== 'pick') expect(result.predicted).toEqual(preview.result.totals.effect);
  await lifeboat.restores.closePreview(preview.id);
  return result;
}

const indexNames = async () => (await orders().indexes()).map(({ name }) => name).sort();

describe('overwrite', () => {
  it('puts back what is missing or changed and leaves what only the target has; once is enough', async () => {
    await damage();
    const result = await restore(backup, 'overwrite');
    expect(result.effect).toEqual(effect({ insert: 40, replace: 20, keep: 945 }));
    expect(result.remaining?.totals.documents).toMatchObject({ changed: 0, onlyInBackup: 0, onlyInTarget: 5 });
    expect(await orders().findOne({ _id: 45 })).toEqual(order(45));
    expect(await indexNames()).toEqual(['_id_', 'status_1', 'vip_1']);
    expect((await restore(backup, 'overwrite')).effect).toEqual(effect({ keep: 1005 }));
  });
});

describe('merge', () => {
  it('sets what the backup holds, keeps what only the target has, and tells what it leaves as kept', async () => {
    await damage();
    const result = await restore(backup, 'merge');
    expect(result.effect).toEqual(effect({ insert: 40, replace: 10, keep: 955 }));
    expect(await orders().findOne({ _id: 45 })).toEqual({
      ...order(45),
      address: { city: 'Paris', zip: '1' },
      vip: true,
    });
    expect(result.remaining?.totals.documents).toMatchObject({ changed: 20, onlyInBackup: 0, onlyInTarget: 5 });
    expect((await restore(backup, 'merge')).effect).toEqual(effect({ keep: 1005 }));
  });

  it('succeeds, since what it leaves is not left over', async () => {
    await damage();
    const { job } = await lifeboat.apply(await lifeboat.preview(backup, { mode: 'merge' }));
    expect(job.status).toBe('succeeded');
  });
});

describe('pick', () => {
  it('puts back all missing documents but three, and nothing else', async () => {
    await damage();
    const picks = [pick({ changes: ['onlyInBackup'], except: [0, 7, 39] })];
    const result = await restore(backup, 'pick', picks);
    expect(result.effect).toEqual(effect({ insert: 37, keep: 965 }));
    expect(await orders().countDocuments({ _id: { $lt: 40 } })).toBe(37);
    expect(result.remaining?.totals.documents).toMatchObject({ changed: 20, onlyInBackup: 3, onlyInTarget: 5 });
    expect(await indexNames()).toEqual(['_id_', 'vip_1']);
  });

  it('inserts, replaces and deletes the documents ticked; predicted by the picks alone', async () => {
    await damage();
    const preview = await lifeboat.preview(backup, { mode: 'pick' });
    const page = await lifeboat.restores.documents({
      previewId: preview.id,
      ns: 'shop.orders',
      change: null,
      offset: 0,
      limit: 500,
    });
    const at = (wanted: number): number =>
      page.documents.find((document) => document.id === `{"$numberInt":"${wanted}"}`)?.index ?? -1;
    const picks = [pick({ documents: [at(3), at(44), at(9001)] })];
    expect(effectOfPicks(picks, preview.result.namespaces)).toEqual(
      effect({ insert: 1, replace: 1, delete: 1, keep: 963 }),
    );
    const { job, result } = await lifeboat.apply(preview, { picks });
    expect(job.status).toBe('succeeded');
    expect(result.effect).toEqual(effectOfPicks(picks, preview.result.namespaces));
    expect(await orders().findOne({ _id: 3 })).toEqual(order(3));
    expect(await orders().findOne({ _id: 44 })).toEqual(order(44));
    expect(await orders().findOne({ _id: 9001 })).toBeNull();
    // Once more, by the same preview: nothing is left to do.
    const again = await lifeboat.apply(preview, { picks });
    expect(again.result).toMatchObject({ conflicts: [], failures: [] });
    expect(again.result.effect).toMatchObject({ insert: 0, replace: 0, delete: 0, conflict: 0 });
  });

  it('puts back single fields, where they are, and says beforehand which need nothing', async () => {
    await damage();
    const preview = await lifeboat.preview(backup, { mode: 'pick' });
    // The 20 changed come after the 40 missing; half of them still have their status.
    const fields = Array.from({ length: 20 }, (_, at) => ({ document: 40 + at, paths: [['status']] }));
    const { job, result } = await lifeboat.apply(preview, { picks: [pick({ fields })] });
    expect(job.status).toBe('succeeded');
    expect(result.failures).toEqual([]);
    expect(result.predicted).toEqual(effect({ replace: 10, keep: 955 }));
    expect(result.effect).toEqual(result.predicted);
    const { _id, ...rest } = order(45);
    expect(await orders().findOne({ _id: 45 })).toEqual({
      _id,
      ...rest,
      address: { city: 'Paris', zip: '1' },
      vip: true,
    });
    expect(await orders().countDocuments({ status: 'lost' })).toBe(0);
  });

  it('removes a picked field that the backup lacks', async () => {
    await damage();
    const fields = [{ document: 40, paths: [['vip'], ['address', 'zip']] }];
    await restore(backup, 'pick', [pick({ fields })]);
    expect(await orders().countDocuments({ vip: true })).toBe(19);
    expect(await orders().countDocuments({ 'address.zip': '1' })).toBe(19);
  });

  it('refuses what the preview does not hold and paths through arrays, before anything is written', async () => {
    await damage();
    await orders().updateOne({ _id: 59 }, { $set: { lines: [] } });
    const preview = await lifeboat.preview(backup, { mode: 'pick' });
    const before = await orders().find().sort({ _id: 1 }).toArray();
    const refused = [
      { picks: [pick({ ns: 'shop.none', documents: [0] })], code: 'not-found' },
      { picks: [pick({ documents: [65] })], code: 'usage' },
      { picks: [pick({ fields: [{ document: 0, paths: [['status']] }] })], code: 'usage' },
      {
        picks: [pick({ documents: [0, 1, 2], fields: [{ document: 59, paths: [['lines', '0', 'price']] }] })],
        code: 'usage',
      },
    ];
    for (const { picks, code } of refused) {
      const applied = lifeboat.apply(preview, { picks, metadata: { ...defaultMetadata('exact') } });
      await expect(applied).rejects.toMatchObject({ error: { code } });
    }
    expect(await orders().find().sort({ _id: 1 }).toArray()).toEqual(before);
    expect(await indexNames()).toEqual(['_id_', 'vip_1']);
  });

  it('makes a collection that the target lacks only for documents that go there', async () => {
    await shop.createCollection('lost', { validator: { a: { $exists: true } } });
    await shop.collection('lost').insertMany([
      { _id: id(1), a: 1 },
      { _id: id(2), a: 2 },
    ]);
    const own = await lifeboat.backUp(scope);
    await shop.collection('lost').drop();
    await restore(own, 'pick', []);
    expect(await shop.listCollections({ name: 'lost' }).toArray()).toEqual([]);
    const result = await restore(own, 'pick', [pick({ ns: 'shop.lost', documents: [1] })]);
    expect(result).toMatchObject({ collectionsCreated: 1, effect: { insert: 1 } });
    expect(await shop.collection('lost').find().toArray()).toEqual([{ _id: 2, a: 2 }]);
    expect((await shop.listCollections({ name: 'lost' }).toArray())[0]).toMatchObject({
      options: { validator: { a: { $exists: true } } },
    });
  });

  it('takes tens of thousands of single positions', async () => {
    await shop.collection('many').insertMany(Array.from({ length: 30_000 }, (_, at) => ({ _id: id(at), at })));
    const own = await lifeboat.backUp(scope);
    await shop.collection('many').deleteMany({});
    const documents = Array.from({ length: 15_000 }, (_, at) => at * 2);
    const result = await restore(own, 'pick', [pick({ ns: 'shop.many', documents })]);
    expect(result.effect.insert).toBe(15_000);
    expect(await shop.collection('many').countDocuments()).toBe(15_000);
  });
});

describe('a writer beside a restore', () => {
  for (const mode of ['merge', 'overwrite', 'exact', 'pick'] as const) {
    it(`keeps its edits under ${mode}, and they are conflicts with three versions`, async () => {
      await damage();
      const preview = await lifeboat.preview(backup, { mode });
      await orders().updateOne({ _id: 41 }, { $set: { status: 'late' } });
      await orders().deleteOne({ _id: 42 });
      await orders().insertOne({ _id: 5, status: 'again' });
      const picks = mode === 'pick' ? [pick({ changes: ['changed', 'onlyInBackup'], except: [] })] : [];
      const { job, result } = await lifeboat.apply(preview, { picks });
      expect(job.status).toBe('succeeded-with-warnings');
      expect(result.effect.conflict).toBe(3);
      const previewed = { ...order(41), status: 'lost', address: { city: 'Paris', zip: '1' }, vip: true };
      const versionsOf = (wanted: number) => {
        const versions = result.conflicts.find((conflict) => conflict.id === `{"$numberInt":"${wanted}"}`)?.versions;
        const parse = (text: string | null | undefined): unknown =>
          typeof text === 'string' ? JSON.parse(text.replace(/\{"\$numberInt":"(\d+)"\}/g, '$1')) : text;
        return { backup: parse(versions?.backup), preview: parse(versions?.preview), now: parse(versions?.now) };
      };
      expect(versionsOf(41)).toEqual({ backup: order(41), preview: previewed, now: { ...previewed, status: 'late' } });
      expect(versionsOf(42)).toEqual({
        backup: order(42),
        preview: { ...previewed, ...order(42), status: 'lost', address: { city: 'Paris', zip: '1' } },
        now: null,
      });
      expect(versionsOf(5)).toEqual({ backup: order(5), preview: null, now: { _id: 5, status: 'again' } });
      expect(await orders().findOne({ _id: 41 })).toMatchObject({ status: 'late' });
      expect(await orders().findOne({ _id: 42 })).toBeNull();
      expect(await orders().findOne({ _id: 5 })).toEqual({ _id: 5, status: 'again' });
    });
  }

  it.each(['renameCollection', 'drop'])(
    'keeps a document that came after its collection was found empty and before its %s',
    async (command) => {
      await shop.collection<{ _id: number }>('extra').insertOne({ _id: 1 });
      const preview = await lifeboat.preview(backup, { mode: 'exact' });
      const data = { failCommands: [command], blockConnection: true, blockTimeMS: 2000 };
      await client.db('admin').command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data });
      const restored = lifeboat.apply(preview, {});
      await expect.poll(() => shop.collection('extra').countDocuments(), { timeout: 10_000, interval: 20 }).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 500));
      await shop.collection<{ _id: number }>('extra').insertOne({ _id: 2 });
      const { job } = await restored;
      expect(job.status).toBe('succeeded-with-warnings');
      expect(await shop.collection('extra').find().toArray()).toEqual([{ _id: 2 }]);
      const names = await shop.listCollections({}, { nameOnly: true }).toArray();
      expect(names.filter(({ name }) => name.startsWith('lifeboat_'))).toEqual([]);
      await shop.collection('extra').drop();
    },
  );
});

describe('documents that JavaScript cannot hold', () => {
  const context = (): WriteContext => ({
    client,
    database: 'shop',
    collection: 'odd',
    majority: true,
    bypassValidation: false,
  });
  const twice = (): Buffer => {
    const document = raw({ _id: 'dup', aa: 1, bb: 2, nan: new Double(NaN), zero: new Double(-0) });
    document.write('aa', document.indexOf('bb'));
    document.writeBigUInt64LE(0x7ff8dead_beef0001n, document.indexOf('nan\0') + 4);
    return document;
  };
  const proto = (text: string): Buffer => raw(JSON.parse(text) as object);

  const live = async (document: Buffer): Promise<Buffer | undefined> => {
    const element = findId(document);
    if (!element) return undefined;
    const packed = packValue(element);
    return (await fetchDocuments({ client, database: 'shop', collection: 'odd' }, [packed])).get(idKey(packed));
  };

  it('are overwritten, merged and picked byte for byte', async () => {
    await shop.createCollection('odd');
    const saved = [
      twice(),
      proto('{"_id":"proto","__proto__":{"x":1},"$dollar":1,"a.b":1}'),
      raw({ _id: new Int32(1), a: 1 }),
    ];
    await insertRaw(context(), saved);
    const own = await lifeboat.backUp({ kind: 'collections', namespaces: ['shop.odd'] });
    const spoil = async (): Promise<void> => {
      await shop.collection('odd').deleteMany({});
      await insertRaw(context(), [
        raw({ _id: 'dup', more: 1, aa: 5 }),
        proto('{"_id":"proto","__proto__":{"mine":1},"$dollar":2}'),
        raw({ _id: new Double(1), b: 1 }),
      ]);
    };
    await spoil();
    expect((await restore(own, 'overwrite')).effect).toEqual(effect({ replace: 3 }));
    for (const document of saved) expect((await live(document))?.equals(document)).toBe(true);

    await spoil();
    expect((await restore(own, 'merge')).effect).toEqual(effect({ replace: 3 }));
    const merged = proto('{"_id":"proto","__proto__":{"mine":1,"x":1},"$dollar":1,"a.b":1}');
    expect((await live(merged))?.toString('hex')).toBe(merged.toString('hex'));
    const one = raw({ _id: new Double(1), b: 1, a: 1 });
    expect((await live(one))?.toString('hex')).toBe(one.toString('hex'));
    const dup = await live(twice());
    expect(dup?.includes(twice().subarray(twice().indexOf('nan\0') - 1, -1))).toBe(true);
    expect((await restore(own, 'merge')).effect).toEqual(effect({ keep: 3 }));

    await spoil();
    const preview = await lifeboat.preview(own, { mode: 'pick' });
    const page = await lifeboat.restores.documents({
      previewId: preview.id,
      ns: 'shop.odd',
      change: null,
      offset: 0,
      limit: 9,
    });
    const document = page.documents.find((row) => row.id === '"proto"')?.index ?? -1;
    const fields = [{ document, paths: [['__proto__', 'x'], ['$dollar'], ['a.b']] }];
    const { result } = await lifeboat.apply(preview, { picks: [pick({ ns: 'shop.odd', fields })] });
    expect(result.effect).toEqual(effect({ replace: 1, keep: 2 }));
    expect((await live(merged))?.toString('hex')).toBe(merged.toString('hex'));
  });
});
