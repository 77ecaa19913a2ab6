/** What a bad deployment does to the demo shop: exactly these numbers, so that a diff can be held against them. */
import { MongoClient } from 'mongodb';

export const damage = { deleted: 400, changed: 25, added: 7, droppedIndex: 'status_1_at_-1' };

/** Deletes, changes and adds orders, drops an index and weakens the validator of `shop.orders`. */
export async function damageShop(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    const orders = client.db('shop').collection('orders');
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
    const template = await orders.findOne({});
    await orders.insertMany(
      Array.from({ length: damage.added }, (_, index) => ({
        ...template,
        _id: `added-${index}` as unknown as (typeof ids)[number],
        note: 'added by a bad migration',
      })),
      { bypassDocumentValidation: true },
    );
    await orders.dropIndex(damage.droppedIndex);
    await client.db('shop').command({ collMod: 'orders', validator: {}, validationLevel: 'off' });
  } finally {
    await client.close();
  }
}
