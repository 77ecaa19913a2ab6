/** A deployment with everything that bites: types, sizes, names, kinds of collections. */
import {
  BSONRegExp,
  BSONSymbol,
  Binary,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
  type Document,
  type MongoClient,
} from 'mongodb';

/** A view's pipeline whose sort means something else with its keys in another order. */
export const openOrders = [
  { $match: { status: 'open' } },
  { $sort: { status: 1, n: -1, customer: 1, at: -1, total: 1, _id: 1 } },
];

export const specialNames = [
  'sp ace',
  'quo"te\'s',
  'per%cent',
  'ünïcödé-文-🛟',
  '-dash',
  'dot.ted.name',
  'back\\slash',
  'l'.repeat(200),
];

export function everyBsonType(): Document[] {
  const values: unknown[] = [
    new Double(1),
    new Double(-0),
    new Double(NaN),
    new Double(Infinity),
    new Int32(1),
    Long.fromNumber(1),
    Decimal128.fromString('1.00'),
    'text with \u0000 NUL and ünïcödé 🛟',
    { nested: { deep: [1, 'two', null] } },
    [],
    {},
    new Binary(Buffer.from([0, 1, 255]), 0),
    new Binary(Buffer.from([7]), 128),
    new UUID('0123456789abcdef0123456789abcdef'),
    new ObjectId('0123456789abcdef01234567'),
    true,
    false,
    new Date(0),
    new Date(-1),
    null,
    new BSONRegExp('^a.*z$', 'im'),
    new Code('function () { return 1; }'),
    new Code('function () { return x; }', { x: 1 }),
    new BSONSymbol('symbol'),
    new Timestamp({ t: 42, i: 7 }),
    new MinKey(),
    new MaxKey(),
    new DBRef('orders', new ObjectId('0123456789abcdef01234567'), 'shop'),
    { '': 'empty name', 'with.dot': 1, $dollar: 2, __proto__x: 3 },
  ];
  return values.map((value, index) => ({ _id: index as unknown as ObjectId, value }));
}

/** About 16 MB of databases `shop`, `crm` and `-neg`. */
export async function fillWithEverything(client: MongoClient): Promise<void> {
  const shop = client.db('shop');
  await shop.createCollection('orders', { validator: { n: { $gte: 0 } } });
  const orders = Array.from({ length: 2000 }, (_, n) => ({
    n,
    status: n % 3 === 0 ? 'open' : 'done',
    text: 'x'.repeat(99),
  }));
  await shop.collection('orders').insertMany(orders);
  await shop.collection('orders').createIndex({ n: 1 }, { unique: true, name: 'by number' });
  await shop.collection('types').insertMany(everyBsonType());
  await shop.collection('big').insertOne({ data: Buffer.alloc(15 * 1024 * 1024, 'large document ') });
  await shop.createCollection('empty');
  await shop.createCollection('capped', { capped: true, size: 4096, max: 10 });
  await shop.collection('capped').insertMany(Array.from({ length: 15 }, (_, n) => ({ n })));
  await shop.createCollection('open', { viewOn: 'orders', pipeline: openOrders });
  await shop.createCollection('readings', { timeseries: { timeField: 'at', metaField: 'sensor' } });
  const readings = Array.from({ length: 300 }, (_, n) => ({
    at: new Date(1.7e12 + n * 1000),
    sensor: n % 3,
    value: n,
  }));
  await shop.collection('readings').insertMany(readings);
  for (const name of specialNames) await shop.collection(name).insertOne({ name });
  await shop.command({ createUser: 'clerk', pwd: 'not-a-secret', roles: ['read'] });
  await client
    .db('crm')
    .collection('people')
    .insertMany([{ name: 'Ann' }, { name: 'Bob' }]);
  await client.db('-neg').collection('-coll').insertOne({ x: 1 });
}
