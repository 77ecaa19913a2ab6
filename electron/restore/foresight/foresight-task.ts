/**
 * Looks, in a worker thread, at the documents that a restore would write: which of them the target's validators and unique
 * indexes would refuse, and which would keep a unique index from being built. Reads only.
 */
import { MongoClient } from 'mongodb';
import { BsonKernel } from '../../archive/kernel/bson-kernel';
import type { Task } from '../../jobs/task';
import type { ForesightTaskInput, ForesightTaskOutput, NamespaceForesight } from './foresight-input';
import { NamespaceForeseer } from './namespace-foreseer';

export const foresightTask: Task<ForesightTaskInput, ForesightTaskOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, {
    appName: 'Lifeboat',
    serverSelectionTimeoutMS: 15_000,
    // Refusals quote the documents.
    enableUtf8Validation: false,
  });
  const kernel = new BsonKernel();
  try {
    const namespaces: NamespaceForesight[] = [];
    for (const namespace of input.namespaces) {
      namespaces.push(await new NamespaceForeseer(input, namespace, client, kernel, context).run());
    }
    return { namespaces };
  } finally {
    await client.close();
  }
};
