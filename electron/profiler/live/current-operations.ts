/** `$currentOp` of one member. */
import type { Document } from 'bson';
import { MongoServerError, type MongoClient } from 'mongodb';

const unauthorized = 13;

/** Of all users, or of this one alone where no more is permitted. Throws the driver's errors. */
export async function operationsNow(client: MongoClient, idle: boolean): Promise<Document[]> {
  return ask(client, { idleConnections: idle, idleCursors: idle, idleSessions: false }, []);
}

/** Null when it has ended. */
export async function operationByNumber(client: MongoClient, opid: string): Promise<Document | null> {
  const number = /^-?\d+$/.test(opid) ? Number(opid) : opid;
  const [found] = await ask(client, { idleConnections: false }, [{ $match: { opid: number } }]);
  return found ?? null;
}

async function ask(client: MongoClient, options: Document, stages: Document[]): Promise<Document[]> {
  const run = (allUsers: boolean): Promise<Document[]> =>
    client
      .db('admin')
      .aggregate<Document>([{ $currentOp: { allUsers, ...options } }, ...stages], { bsonRegExp: true })
      .toArray();
  try {
    return await run(true);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== unauthorized) throw error;
    return run(false);
  }
}
