/** A shop with one of everything that a server of a version can hold. */
import type { Db, Document } from 'mongodb';
import type { TestedVersion } from './tested-versions';

export interface Order {
  _id: number;
  status?: string;
  customer?: number;
  total?: number;
  at?: Date;
  attributes?: { colour: string; size: number };
  lines?: { sku: string; count: number }[];
  tags?: string[];
}

export const orderCount = 1200;

export function order(at: number): Order {
  return {
    _id: at,
    status: ['open', 'paid', 'sent'][at % 3] ?? '',
    customer: at % 40,
    total: at / 4,
    at: new Date(1.6e12 + at * 60_000),
    attributes: { colour: at % 2 ? 'red' : 'blue', size: at % 9 },
    lines: [
      { sku: `s${at % 50}`, count: at % 5 },
      { sku: 'gift', count: 1 },
    ],
  };
}

/** Drops the database and fills it anew. */
export async function fillShop(shop: Db, { isAtLeast }: TestedVersion): Promise<void> {
  await shop.dropDatabase();
  const validator = { $jsonSchema: { required: ['status'], properties: { status: { bsonType: 'string' } } } };
  await shop.createCollection('orders', { validator, validationLevel: 'moderate' });
  const orders = shop.collection<Order>('orders');
  await orders.insertMany(Array.from({ length: orderCount }, (_, at) => order(at)));
  await orders.createIndexes([
    { key: { customer: 1, at: -1 } },
    { key: { 'attributes.$**': 1 }, name: 'attributes' },
    { key: { total: 1 }, partialFilterExpression: { status: 'open' } },
    ...(isAtLeast('4.4') ? [{ key: { 'lines.sku': 1 }, hidden: true }] : []),
  ]);
  const products = shop.collection('products');
  await products.insertMany(
    Array.from({ length: 60 }, (_, at) => ({ sku: `s${at}`, name: `bright lamp ${at}`, price: at + 0.5 })),
  );
  await products.createIndexes([
    { key: { name: 'text' }, default_language: 'english' },
    { key: { sku: 1 }, unique: true, collation: { locale: 'en', strength: 2 } },
  ]);
  const places = shop.collection('places');
  await places.insertMany(
    Array.from({ length: 30 }, (_, at) => ({ at: { type: 'Point', coordinates: [at, at / 2] }, name: `shop ${at}` })),
  );
  await places.createIndex({ at: '2dsphere' });
  await shop.collection('sessions').insertOne({ user: 'ann', seen: new Date(4e12) });
  await shop.collection('sessions').createIndex({ seen: 1 }, { expireAfterSeconds: 3600 });
  await shop.createCollection('events', { capped: true, size: 1 << 16, max: 50 });
  await shop.collection('events').insertMany(Array.from({ length: 70 }, (_, at) => ({ at })));
  await shop.createCollection('open_orders', { viewOn: 'orders', pipeline: [{ $match: { status: 'open' } }] });
  if (isAtLeast('5.0')) {
    await shop.createCollection('readings', { timeseries: { timeField: 'at', metaField: 'sensor' } });
    await shop
      .collection('readings')
      .insertMany(
        Array.from({ length: 200 }, (_, at) => ({ at: new Date(1.7e12 + at * 1000), sensor: at % 4, at2: at })),
      );
  }
  if (isAtLeast('6.0')) {
    await shop.createCollection('clustered', { clusteredIndex: { key: { _id: 1 }, unique: true } });
    await shop.collection<Order>('clustered').insertMany([{ _id: 1 }, { _id: 2 }]);
  }
}

/** 40 orders gone, 25 changed, 5 added, an index dropped and one made, options changed, a collection gone. */
export async function damageShop(shop: Db): Promise<void> {
  const orders = shop.collection<Order>('orders');
  await orders.deleteMany({ _id: { $lt: 40 } });
  await orders.updateMany({ _id: { $gte: 40, $lt: 65 } }, { $set: { status: 'lost', 'attributes.size': 99 } });
  await orders.insertMany(Array.from({ length: 5 }, (_, at) => ({ _id: 9000 + at, status: 'new' })));
  await orders.dropIndex('customer_1_at_-1');
  await orders.createIndex({ status: 1 });
  await shop.command({ collMod: 'orders', validator: { status: { $exists: true } } });
  await shop.collection('places').drop();
}

/** Names of collections with their documents, views and internal ones left out. */
export async function countsOf(db: Db): Promise<Record<string, number>> {
  const found: [string, number][] = [];
  for (const { name, type } of (await db.listCollections().toArray()) as Document[])
    if (type !== 'view' && !String(name).startsWith('system.'))
      found.push([String(name), await db.collection(String(name)).countDocuments()]);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
