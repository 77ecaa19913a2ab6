/** What a bad deployment does to the demo shop: exactly these numbers, so that a diff can be held against them. */
import { Int32, MongoClient, type ObjectId } from 'mongodb';

export const damage = {
  deleted: 400,
  changed: 25,
  added: 7,
  droppedIndex: 'status_1_at_-1',
  /** Orders of the undamaged demo. */
  orders: 90_000,
} as const;

/** Beyond the numbers of all real orders, whose index is unique. */
const firstAddedNumber = 9_000_000;

interface Order {
  _id: ObjectId | string;
  [field: string]: unknown;
}

/** Deletes, changes and adds orders, drops an index and takes the validator of `shop.orders` away. */
export async function damageShop(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    const shop = client.db('shop');
    const orders = shop.collection<Order>('orders');
    const ids = await orders
      .find({}, { projection: { _id: 1 }, sort: { _id: 1 }, limit: damage.deleted + damage.changed })
      .map((order) => order._id)
      .toArray();
    await orders.deleteMany({ _id: { $in: ids.slice(0, damage.deleted) } });
    await orders.updateMany(
      { _id: { $in: ids.slice(damage.deleted) } },
      { $set: { status: 'refunded', note: 'changed by a bad migration' } },
      { bypassDocumentValidation: true },
    );
    const template = await orders.findOne({}, { promoteValues: false });
    await orders.insertMany(
      Array.from({ length: damage.added }, (_, index) => ({
        ...template,
        _id: `added-${index}`,
        number: new Int32(firstAddedNumber + index),
        note: 'added by a bad migration',
      })),
      { bypassDocumentValidation: true, forceServerObjectId: true },
    );
    await orders.dropIndex(damage.droppedIndex);
    await shop.command({ collMod: 'orders', validator: { total: { $exists: true } }, validationLevel: 'moderate' });
  } finally {
    await client.close();
  }
}

export interface ShopState {
  orders: number;
  refunded: number;
  added: number;
  indexes: string[];
  validated: boolean;
}

/** What of the damage can be seen in the database. */
export async function shopState(uri: string): Promise<ShopState> {
  const client = await MongoClient.connect(uri);
  try {
    const shop = client.db('shop');
    const orders = shop.collection<Order>('orders');
    const [information] = await shop.listCollections({ name: 'orders' }).toArray();
    const options = information && 'options' in information ? information.options : {};
    return {
      orders: await orders.countDocuments(),
      refunded: await orders.countDocuments({ status: 'refunded' }),
      added: await orders.countDocuments({ note: 'added by a bad migration' }),
      indexes: (await orders.indexes()).map(({ name }) => name ?? '').sort(),
      validated: JSON.stringify(options?.['validator'] ?? {}).includes('customerId'),
    };
  } finally {
    await client.close();
  }
}

/** Numbers of documents by `database.collection`, of everything but views and the server's own databases. */
export async function countDocuments(uri: string, database: string): Promise<Record<string, number>> {
  const client = await MongoClient.connect(uri);
  try {
    const db = client.db(database);
    const counts: Record<string, number> = {};
    for (const { name, type } of await db.listCollections().toArray()) {
      if (type !== 'view' && !name.startsWith('system.')) counts[name] = await db.collection(name).countDocuments();
    }
    return counts;
  } finally {
    await client.close();
  }
}
