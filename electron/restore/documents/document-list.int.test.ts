import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decimal128, Double, EJSON, Int32, Long, ObjectId } from 'bson';
import type { Db, MongoClient } from 'mongodb';
import { documentsRequestSchema, type DocumentsRequestInput, type Preview } from '../../../shared/restore';
import { readPreviewVersion } from '../../diff/details/live-spool';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;
let shop: Db;
let preview: Preview;

/** Without it the driver replaces an `_id` of null. */
const asTheyAre = { forceServerObjectId: true };
const oddIds: unknown[] = [
  null,
  new Int32(-5),
  new Double(2.5),
  Long.fromString('9007199254740993'),
  Decimal128.fromString('2.75'),
  'ant',
  'anteater',
  'bee',
  { a: 1, b: 'x' },
  { a: 1, b: 'y' },
  new ObjectId('655c00000000000000000001'),
  new ObjectId('655c00000000000000000002'),
  false,
  new Date(0),
  new Date('2024-01-02T03:04:05Z'),
];

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
  shop = client.db('shop');
  const orders = shop.collection<{
    _id: number;
    status: string;
    total: number;
    items: { sku: string; price: number }[];
  }>('orders');
  await orders.insertMany(
    Array.from({ length: 3000 }, (_, at) => ({
      _id: at,
      status: 'paid',
      total: at,
      items: [
        { sku: 'a', price: 1 },
        { sku: 'b', price: 2 },
      ],
    })),
  );
  await shop.collection('odd').insertMany(
    oddIds.map((id) => ({ _id: id as never, from: 'backup' })),
    asTheyAre,
  );
  const backup = await lifeboat.backUp({ kind: 'databases', databases: ['shop'] });
  await orders.deleteMany({ _id: { $lt: 300 } });
  await orders.updateMany({ _id: { $gte: 300, $lt: 1504 } }, { $set: { status: 'refunded' } });
  await orders.updateMany({ _id: { $in: [400, 401, 402] } }, { $set: { 'items.1.price': 9 } });
  await orders.updateMany({ _id: { $gte: 2000, $lt: 2010 } }, { $set: { note: 'only here' } as never });
  await orders.insertMany(
    Array.from({ length: 50 }, (_, at) => ({ _id: 5000 + at, status: 'new', total: 0, items: [] })),
  );
  await shop.collection('odd').deleteMany({});
  preview = await lifeboat.preview(backup, { mode: 'exact', details: 'always' });
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

async function list(more: Partial<DocumentsRequestInput>) {
  const answer = await lifeboat.restores.documents({
    previewId: preview.id,
    ns: 'shop.orders',
    change: null,
    offset: 0,
    limit: 500,
    ...more,
  });
  return { ...answer, ids: answer.documents.map(({ id }) => JSON.parse(id) as unknown) };
}

describe('the details of a preview', () => {
  it('sum up the changed paths and what merge would leave as it is', () => {
    const { details } = preview.result.namespaces.find(({ ns }) => ns === 'shop.orders') ?? {};
    expect(details).toEqual({
      documents: 1214,
      mergeKeeps: 10,
      paths: [
        { path: 'status', documents: 1204 },
        { path: 'note', documents: 10 },
        { path: 'items.*.price', documents: 3 },
      ],
      pathsOmitted: 0,
    });
  });

  it('keep the versions seen, which the document view goes on showing', async () => {
    const { documents } = await list({ search: '300' });
    const index = documents[0]?.index ?? -1;
    const plan = preview.result.namespaces.findIndex(({ ns }) => ns === 'shop.orders');
    await shop.collection('orders').updateOne({ _id: 300 as never }, { $set: { status: 'later' } });
    const folder = `${lifeboat.dataFolder.previewsFolder}/${preview.id}`;
    const kept = await readPreviewVersion(folder, plan, index);
    expect(kept?.includes('refunded')).toBe(true);
    const { rows } = await lifeboat.restores.document({ previewId: preview.id, ns: 'shop.orders', index });
    expect(rows.find(({ name }) => name === 'status')?.target?.text).toBe('"refunded"');
    expect(await readPreviewVersion(folder, plan, 0)).toBeNull();
    expect(await readPreviewVersion(folder, plan, 99_999)).toBeUndefined();
  });
});

describe('the list of differing documents', () => {
  it('filters by a changed path', async () => {
    expect(await list({ path: 'items.*.price' })).toMatchObject({ total: 3 });
    expect((await list({ path: 'items.*.price' })).documents.map(({ id }) => id)).toEqual([
      '{"$numberInt":"400"}',
      '{"$numberInt":"401"}',
      '{"$numberInt":"402"}',
    ]);
    expect(await list({ path: 'note', change: 'changed', limit: 3, offset: 8 })).toMatchObject({ total: 10 });
    expect(await list({ path: 'nowhere' })).toMatchObject({ total: 0, documents: [] });
    expect(await list({ path: 'status', change: 'onlyInBackup' })).toMatchObject({ total: 0 });
  });

  it('finds an _id typed as text or Extended JSON, of any kind of change', async () => {
    for (const search of ['17', '{"$numberInt":"17"}', '17.0', '{"$numberDecimal":"17"}', ' 17 ']) {
      expect((await list({ search })).ids, search).toEqual([{ $numberInt: '17' }]);
    }
    expect(await list({ search: '5003' })).toMatchObject({ total: 1, documents: [{ change: 'onlyInTarget' }] });
    expect(await list({ search: '99999' })).toMatchObject({ total: 0 });
    const odd = async (search: string) => (await list({ ns: 'shop.odd', search })).ids;
    expect(await odd('ant')).toEqual(['ant', 'anteater']);
    expect(await odd('"ant"')).toEqual(['ant']);
    expect(await odd('655c')).toHaveLength(2);
    expect(await odd('ObjectId("655c00000000000000000002")')).toEqual([{ $oid: '655c00000000000000000002' }]);
    expect(await odd('{"a":1,"b":"y"}')).toHaveLength(1);
    expect(await odd('2024-01-02T03:04:05Z')).toHaveLength(1);
    expect(await odd('null')).toEqual([null]);
    expect(await odd('9007199254740993')).toHaveLength(1);
    expect(await odd('process.exit(1)')).toEqual([]);
  });

  it('sorts by _id in the server’s order, both ways, keeping positions', async () => {
    const byServer = await shop
      .collection('order')
      .insertMany(
        oddIds.map((id) => ({ _id: id as never })),
        asTheyAre,
      )
      .then(() =>
        shop
          .collection('order')
          .find({}, { sort: { _id: 1 }, promoteValues: false })
          .toArray(),
      );
    const sorted = await list({ ns: 'shop.odd', sort: 'id' });
    const texts = byServer.map(({ _id }) => EJSON.stringify(_id, { relaxed: false }));
    expect(sorted.documents.map(({ id }) => id)).toEqual(texts);
    const natural = await list({ ns: 'shop.odd' });
    expect(sorted.documents.map(({ id }) => id)).not.toEqual(natural.documents.map(({ id }) => id));
    const descending = await list({ ns: 'shop.odd', sort: 'id', direction: 'descending' });
    expect(descending.documents).toEqual([...sorted.documents].reverse());
    for (const { index, id } of sorted.documents) expect(natural.documents[index]?.id).toBe(id);
  });

  it('pages through a sorted list, forwards and backwards', async () => {
    const all: number[] = [];
    for (let offset = 0; offset < 1600; offset += 500) {
      const { total, documents } = await list({ sort: 'id', direction: 'descending', offset });
      expect(total).toBe(1564);
      all.push(...documents.map(({ id }) => Number((JSON.parse(id) as { $numberInt: string }).$numberInt)));
    }
    expect(all).toEqual([...all].sort((a, b) => b - a));
    expect(new Set(all).size).toBe(1564);
    const whole = await list({ direction: 'descending', limit: 2 });
    expect(whole.documents.map(({ index }) => index)).toEqual([1563, 1562]);
    expect((await list({ sort: 'change', direction: 'descending', limit: 1 })).documents[0]?.change).toBe(
      'onlyInTarget',
    );
  });

  it('tells every list as positions, too, which picks name documents by', async () => {
    const lists: Partial<DocumentsRequestInput>[] = [
      {},
      { change: 'changed', offset: 3, limit: 5 },
      { change: 'onlyInTarget', direction: 'descending', limit: 4 },
      { path: 'status', sort: 'id', direction: 'descending', offset: 2, limit: 7 },
      { search: '1' },
    ];
    for (const more of lists) {
      const { total, documents } = await list(more);
      const request = documentsRequestSchema.parse({
        previewId: preview.id,
        ns: 'shop.orders',
        change: null,
        offset: 0,
        limit: 500,
        ...more,
      });
      const positions = documents.map(({ index }) => index);
      expect(await lifeboat.restores.positions(request)).toEqual({ total, positions });
    }
  });
});

describe('ticks of a preview that is refreshed', () => {
  it('stay with their documents, but for those that were written or do not differ any more', async () => {
    const orders = shop.collection<{ _id: number; status: string }>('orders');
    const { documents } = await list({ search: '5001' });
    const { documents: changed } = await list({ path: 'note', sort: 'id', limit: 3 });
    const [first, second, third] = changed.map(({ index }) => index);
    await orders.insertOne({ _id: 7, status: 'back again' });
    await orders.updateOne({ _id: 2001 }, { $set: { status: 'written since' } });
    const refreshed = await lifeboat.preview(preview.request.backupId, { mode: 'exact', details: 'always' });
    const at = async (search: string, previewId: string) =>
      (await list({ search, previewId })).documents.map(({ index }) => index);
    const carried = await lifeboat.restores.carryPicks({
      from: preview.id,
      to: refreshed.id,
      picks: [
        {
          ns: 'shop.orders',
          changes: ['onlyInBackup'],
          except: [],
          documents: [documents[0]?.index ?? 0, first ?? 0, second ?? 0],
          fields: [{ document: third ?? 0, paths: [['note']] }],
        },
      ],
    });
    // Document 7 is there again with another content, 2001 was written: neither is what was ticked.
    expect(carried.lost).toBe(2);
    const [pick] = carried.picks;
    expect(pick?.changes).toEqual(['onlyInBackup']);
    expect(pick?.documents.sort((a, b) => a - b)).toEqual([
      ...(await at('2000', refreshed.id)),
      ...(await at('5001', refreshed.id)),
    ]);
    expect(pick?.fields).toEqual([{ document: (await at('2002', refreshed.id))[0], paths: [['note']] }]);
  });
});
