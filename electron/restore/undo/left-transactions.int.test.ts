import { afterAll, beforeAll, expect, it } from 'vitest';
import { MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { endLeftTransactions, writerName } from './left-transactions';

let server: TestMongod;
let client: MongoClient;
const writers: MongoClient[] = [];

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  await client
    .db('shop')
    .collection<{ _id: number }>('orders')
    .insertMany([{ _id: 1 }, { _id: 2 }]);
});
afterAll(async () => {
  await Promise.all(writers.map((writer) => writer.close()));
  await server.stop();
});

/** A client under the name that has changed one order and not committed. */
async function leaveOpen(appName: string, _id: number): Promise<void> {
  const writer = await new MongoClient(server.uri, { appName }).connect();
  writers.push(writer);
  const session = writer.startSession();
  session.startTransaction();
  await writer
    .db('shop')
    .collection<{ _id: number }>('orders')
    .updateOne({ _id }, { $set: { left: true } }, { session });
}

function change(_id: number): Promise<unknown> {
  const orders = client.db('shop').collection<{ _id: number }>('orders');
  return orders.updateOne({ _id }, { $set: { changed: true } }, { maxTimeMS: 1000 });
}

it("ends what one restore's writer left open, and nobody else's", async () => {
  await leaveOpen(writerName('restore-20261121T000000Z-00000001'), 1);
  await leaveOpen(writerName('restore-20261121T000000Z-00000002'), 2);
  await expect(change(1)).rejects.toThrow(/time limit/);
  expect(await endLeftTransactions(client, 'restore-20261121T000000Z-00000001')).toBe(1);
  await change(1);
  await expect(change(2)).rejects.toThrow(/time limit/);
  expect(await endLeftTransactions(client, 'restore-20261121T000000Z-00000001')).toBe(0);
});
