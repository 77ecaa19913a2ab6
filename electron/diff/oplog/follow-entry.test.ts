import { describe, expect, it } from 'vitest';
import { Binary, Double, Long, serialize, Timestamp, type Document } from 'bson';
import { EJSON } from 'bson';
import { valueToExtendedJson } from '../../archive/extended-json';
import { followEntry, type Concerned } from './follow-entry';
import { readEntry } from './oplog-entry';
import { TouchedIds } from './touched-ids';

const uuid = new Binary(Buffer.from('00112233445566778899aabbccddeeff', 'hex'), 4);
const uuidText = '00112233445566778899aabbccddeeff';
const other = new Binary(Buffer.alloc(16, 7), 4);
const noPlace = { ts: new Timestamp({ t: 0, i: 0 }), t: Long.fromNumber(-1) };
const place = (t: number, i = 1) => ({ ts: new Timestamp({ t, i }), t: Long.fromNumber(3) });

interface Followed {
  touched: string[];
  lost: { concerned: Concerned; reason: string }[];
  continues: string[];
}

function raw(entry: Document): Buffer {
  return Buffer.from(serialize({ ...place(100), v: Long.fromNumber(2), wall: new Date(0), ...entry }));
}

function follow(entry: Document): Followed {
  const followed: Followed = { touched: [], lost: [], continues: [] };
  followEntry(readEntry(raw(entry)), {
    touched: (ns, ui, id) => followed.touched.push(`${ns} ${ui ?? '-'} ${valueToExtendedJson(id)}`),
    lost: (concerned, reason) => followed.lost.push({ concerned, reason }),
    continues: ({ time, term }) => followed.continues.push(`${time.seconds}.${time.increment} t${term}`),
  });
  return followed;
}

const nothing: Followed = { touched: [], lost: [], continues: [] };
const write = (op: string, o: Document, more: Document = {}): Document => ({
  op,
  ns: 'shop.orders',
  ui: uuid,
  o,
  ...more,
});
const touchedLine = (id: unknown): string => `shop.orders ${uuidText} ${EJSON.stringify(id, { relaxed: false })}`;
const command = (o: Document, more: Document = {}): Document => ({ op: 'c', ns: 'shop.$cmd', ui: uuid, o, ...more });
const applyOps = (operations: Document[], o: Document = {}, more: Document = {}): Document => ({
  op: 'c',
  ns: 'admin.$cmd',
  lsid: { id: new Binary(Buffer.alloc(16), 4), uid: new Binary(Buffer.alloc(32)) },
  txnNumber: Long.fromNumber(5),
  o: { applyOps: operations, ...o },
  ...more,
});

describe('an entry read from its bytes', () => {
  it('has its place, names and links', () => {
    const entry = readEntry(raw(applyOps([], {}, { prevOpTime: place(99, 7), multiOpType: 1 })));
    expect(entry).toMatchObject({
      op: 'c',
      ns: 'admin.$cmd',
      ui: null,
      place: { time: { seconds: 100, increment: 1 }, term: 3 },
      previous: { time: { seconds: 99, increment: 7 }, term: 3 },
      isVectored: true,
    });
    expect(readEntry(raw(write('i', {}, { prevOpTime: noPlace }))).previous).toBeNull();
    expect(readEntry(Buffer.from('no bson')).op).toBe('');
  });
});

describe('writes', () => {
  it('name the document of an insert, update, replacement and delete', () => {
    expect(follow(write('i', { _id: 1, a: 2 })).touched).toEqual([touchedLine(1)]);
    expect(follow(write('i', { a: 2, _id: 'late' }, { o2: { _id: 'late' } })).touched).toEqual([touchedLine('late')]);
    expect(follow(write('u', { $v: 2, diff: { u: { a: 3 } } }, { o2: { _id: new Double(2) } })).touched).toEqual([
      touchedLine(new Double(2)),
    ]);
    expect(follow(write('u', { $v: 1, $set: { a: 3 } }, { o2: { _id: 3 } })).touched).toEqual([touchedLine(3)]);
    expect(follow(write('u', { _id: 4, whole: true }, { o2: { _id: 4 } })).touched).toEqual([touchedLine(4)]);
    expect(follow(write('d', { _id: { b: 1, a: 2 } })).touched).toEqual([touchedLine({ b: 1, a: 2 })]);
  });

  it('find the _id behind the fields of a shard key', () => {
    expect(follow(write('u', { $v: 2, diff: {} }, { o2: { region: 'eu', _id: 5 } })).touched).toEqual([touchedLine(5)]);
    expect(follow(write('d', { region: 'eu', _id: 6 }, { fromMigrate: true })).touched).toEqual([touchedLine(6)]);
  });

  it('of retried statements count as any other, images and notes as none', () => {
    const retried = {
      lsid: { id: new Binary(Buffer.alloc(16), 4) },
      txnNumber: Long.fromNumber(9),
      stmtId: 0,
      prevOpTime: place(90),
      needsRetryImage: 'preImage',
    };
    expect(follow(write('u', { $v: 2, diff: {} }, { o2: { _id: 1 }, ...retried }))).toEqual({
      ...nothing,
      touched: [touchedLine(1)],
    });
    expect(
      follow(write('u', { _id: 1 }, { o2: { _id: 1 }, preImageOpTime: place(99), stmtId: [0, 1] })).touched,
    ).toEqual([touchedLine(1)]);
    expect(follow(write('n', { _id: 1, image: true }))).toEqual(nothing);
    expect(follow({ op: 'n', ns: '', o: { msg: 'new primary' } })).toEqual(nothing);
    expect(
      follow({ op: 'n', ns: 'shop.orders', ui: uuid, o: { msg: 'x' }, o2: { type: 'migrateChunkToNewShard' } }),
    ).toEqual(nothing);
  });

  it('without an _id end the following of that collection', () => {
    for (const entry of [
      write('u', { $v: 2, diff: {} }, { o2: { region: 'eu' } }),
      write('d', {}),
      write('u', { a: 1 }),
    ]) {
      const { touched, lost } = follow(entry);
      expect(touched).toEqual([]);
      expect(lost).toMatchObject([{ concerned: { kind: 'collection', ns: 'shop.orders', uuid: uuidText } }]);
    }
  });
});

describe('transactions', () => {
  const operations = [
    { op: 'i', ns: 'shop.orders', ui: uuid, o: { _id: 1 }, o2: { _id: 1 } },
    { op: 'u', ns: 'shop.orders', ui: uuid, o: { $v: 2, diff: {} }, o2: { _id: 2 } },
    { op: 'd', ns: 'shop.orders', ui: uuid, o: { _id: 3 } },
    { op: 'n', ns: 'shop.orders', ui: uuid, o: {}, o2: {} },
  ];
  const lines = [1, 2, 3].map(touchedLine);

  it('of one entry name each of their documents', () => {
    expect(follow(applyOps(operations, {}, { prevOpTime: noPlace }))).toEqual({ ...nothing, touched: lines });
  });

  it('of several entries name theirs each, and say what comes before', () => {
    expect(follow(applyOps(operations, { partialTxn: true }, { prevOpTime: noPlace })).continues).toEqual([]);
    expect(follow(applyOps(operations, { partialTxn: true }, { prevOpTime: place(98) }))).toEqual({
      ...nothing,
      touched: lines,
      continues: ['98.1 t3'],
    });
    expect(follow(applyOps(operations, { count: Long.fromNumber(8) }, { prevOpTime: place(99) })).continues).toEqual([
      '99.1 t3',
    ]);
  });

  it('that are prepared count at once, and lead back to their beginning when they are committed', () => {
    expect(follow(applyOps(operations, { prepare: true }, { prevOpTime: place(80) }))).toEqual({
      ...nothing,
      touched: lines,
      continues: ['80.1 t3'],
    });
    const commit = {
      op: 'c',
      ns: 'admin.$cmd',
      o: { commitTransaction: 1, commitTimestamp: new Timestamp({ t: 99, i: 1 }) },
    };
    expect(follow({ ...commit, prevOpTime: place(97, 4) })).toEqual({ ...nothing, continues: ['97.4 t3'] });
    expect(follow({ ...commit, prevOpTime: noPlace }).lost).toMatchObject([{ concerned: { kind: 'all' } }]);
    expect(follow({ op: 'c', ns: 'admin.$cmd', o: { abortTransaction: 1 }, prevOpTime: place(97) })).toEqual(nothing);
  });

  it('nested in others are looked into, and so are commands within', () => {
    const nested = applyOps([
      { op: 'c', ns: 'admin.$cmd', o: { applyOps: operations } },
      { op: 'c', ns: 'shop.$cmd', ui: other, o: { create: 'made', idIndex: {} } },
      { op: 'c', ns: 'shop.$cmd', ui: uuid, o: { createIndexes: 'made', v: 2, key: { a: 1 }, name: 'a_1' } },
    ]);
    const { touched, lost } = follow(nested);
    expect(touched).toEqual(lines);
    expect(lost).toContainEqual({
      concerned: { kind: 'collection', ns: 'shop.made', uuid: '07'.repeat(16) },
      reason: 'it was created since',
    });
    expect(follow(applyOps([{ op: 'xi', ns: 'shop.orders', ui: uuid, o: {} }])).lost).toMatchObject([
      { concerned: { kind: 'all' } },
    ]);
  });

  it('are told from vectored writes, which stand alone', () => {
    const vectored = applyOps(operations, {}, { multiOpType: 1, prevOpTime: place(50) });
    expect(follow(vectored)).toEqual({ ...nothing, touched: lines });
  });

  it('that hold something other than operations end all following', () => {
    expect(follow({ op: 'c', ns: 'admin.$cmd', o: { applyOps: [1] } }).lost).toMatchObject([
      { concerned: { kind: 'all' } },
    ]);
  });
});

describe('commands', () => {
  it.each<[string, Document]>([
    ['createIndexes', { createIndexes: 'orders', v: 2, key: { a: 1 }, name: 'a_1' }],
    ['startIndexBuild', { startIndexBuild: 'orders', indexBuildUUID: uuid, indexes: [] }],
    ['commitIndexBuild', { commitIndexBuild: 'orders', indexBuildUUID: uuid, indexes: [] }],
    ['abortIndexBuild', { abortIndexBuild: 'orders', indexBuildUUID: uuid, indexes: [], cause: {} }],
    ['dropIndexes', { dropIndexes: 'orders', index: 'a_1' }],
    ['collMod', { collMod: 'orders', validator: {} }],
    ['collMod of a time series', { collMod: 'system.buckets.weather', timeseries: { granularity: 'hours' } }],
    ['dbCheck', { dbCheck: 'shop.orders', type: 'collection' }],
    ['modifyCollectionShardingIndexCatalog', { modifyCollectionShardingIndexCatalog: 'shop.orders' }],
  ])('%s leaves documents alone', (_, o) => {
    expect(follow(command(o))).toEqual(nothing);
  });

  it.each<[string, Document, string]>([
    ['create', { create: 'orders', idIndex: {} }, 'shop.orders'],
    ['drop', { drop: 'orders' }, 'shop.orders'],
    ['convertToCapped', { convertToCapped: 'orders', size: 4096 }, 'shop.orders'],
    ['emptycapped', { emptycapped: 'orders' }, 'shop.orders'],
    ['importCollection', { importCollection: 'shop.orders' }, 'shop.orders'],
    ['truncateRange', { truncateRange: 'shop.orders', minRecordId: 1, maxRecordId: 2 }, 'shop.orders'],
    ['drop of buckets', { drop: 'system.buckets.weather' }, 'shop.system.buckets.weather'],
  ])('%s ends the following of its collection', (_, o, ns) => {
    const { lost, touched } = follow(command(o));
    expect(touched).toEqual([]);
    expect(lost.map(({ concerned }) => concerned)).toContainEqual({ kind: 'collection', ns, uuid: uuidText });
  });

  it('renameCollection ends that of both names and of the collection it replaced', () => {
    const o = { renameCollection: 'shop.a', to: 'shop.b', stayTemp: false, dropTarget: other };
    expect(follow(command(o)).lost.map(({ concerned }) => concerned)).toEqual([
      { kind: 'collection', ns: 'shop.a', uuid: uuidText },
      { kind: 'collection', ns: 'shop.b', uuid: '07'.repeat(16) },
    ]);
  });

  it('dropDatabase ends that of all its collections', () => {
    const { lost } = follow({ op: 'c', ns: 'shop.$cmd', o: { dropDatabase: 1 } });
    expect(lost).toMatchObject([{ concerned: { kind: 'database', database: 'shop' } }]);
  });

  it('nobody knows, and operations nobody knows, end all following', () => {
    for (const entry of [
      command({ mangleCollection: 'orders' }),
      command({}),
      { op: 'km', ns: 'shop.orders', o: {} },
      { op: 'ci', ns: 'shop.orders', container: 'x', o: { k: 1, v: 2 } },
      { op: '', ns: '', o: {} },
    ]) {
      expect(follow(entry).lost).toMatchObject([{ concerned: { kind: 'all' } }]);
    }
  });
});

describe('touched documents', () => {
  const orders = { index: 0, ns: 'shop.orders', uuid: 'aa', mostTouched: 3 };
  const unnamed = { index: 1, ns: 'shop.system.buckets.weather', uuid: null, mostTouched: 3 };
  const id = (value: number): Buffer => Buffer.from([0x10, value, 0, 0, 0]);

  it('are kept once each, by the UUID of their collection, or by its name where no UUID is known', () => {
    const touched = new TouchedIds([orders, unnamed]);
    touched.touched('shop.orders', 'aa', id(1));
    touched.touched('shop.orders', 'aa', id(1));
    touched.touched('shop.renamed', 'aa', id(2));
    touched.touched('shop.orders', null, id(3));
    touched.touched('shop.system.buckets.weather', 'bb', id(4));
    touched.touched('shop.else', 'cc', id(5));
    expect(touched.ids(0)).toEqual([id(1), id(2), id(3)]);
    expect(touched.ids(1)).toEqual([id(4)]);
    expect(touched.areAllLost).toBe(false);
  });

  it('of another collection of the same name end the following', () => {
    const touched = new TouchedIds([orders]);
    touched.touched('shop.orders', 'zz', id(1));
    expect(touched.reason(0)).toMatch(/another collection/);
    expect(touched.ids(0)).toEqual([]);
    expect(touched.areAllLost).toBe(true);
  });

  it('are given up when there are too many of them', () => {
    const touched = new TouchedIds([orders, unnamed]);
    for (let at = 0; at < 4; at++) touched.touched('shop.orders', 'aa', id(at));
    expect(touched.reason(0)).toMatch(/more than 3/);
    expect(touched.reason(1)).toBeNull();
  });

  it('are given up by name, UUID, database or altogether, for the first reason', () => {
    const touched = new TouchedIds([orders, unnamed]);
    touched.lost({ kind: 'database', database: 'sho' }, 'wrong');
    touched.lost({ kind: 'collection', ns: 'shop.other', uuid: null }, 'wrong');
    expect(touched.reason(1)).toBeNull();
    touched.lost({ kind: 'collection', ns: 'shop.other', uuid: 'aa' }, 'first');
    touched.lost({ kind: 'all' }, 'second');
    expect([touched.reason(0), touched.reason(1)]).toEqual(['first', 'second']);
  });
});
