/** What a real server does right now, and ending one of it. */
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveOperation } from '../../../shared/live-operations';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { createTestServices, type TestServices } from '../../test-support/test-services';

let server: TestMongod;
let client: MongoClient;
let lifeboat: TestServices;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect({ appName: 'workload' });
  lifeboat = await createTestServices(server.uri);
  await client.db('shop').collection('orders').insertOne({ customer: 1 });
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

/** Runs until it is ended. */
function slow(): Promise<string> {
  const found = client.db('shop').collection('orders').find({ customer: 1, $where: 'sleep(60000) || true' });
  return found.toArray().then(
    () => 'finished',
    (error: unknown) => (error instanceof Error && 'codeName' in error ? String(error.codeName) : String(error)),
  );
}

async function list(connectionId = lifeboat.connection.id, internal = false): Promise<LiveOperation[]> {
  return (await lifeboat.liveOperations.list({ connectionId, hosts: null, internal, idle: false })).operations;
}

async function slowOne(): Promise<LiveOperation> {
  for (let tries = 0; tries < 200; tries++) {
    const found = (await list()).find(({ shape }) => shape === '{ filter: { $where: ?, customer: ? } }');
    if (found) return found;
  }
  throw new Error('The operation was not seen');
}

const kill = ({ host, opid, shapeId, connection }: LiveOperation, typedName: string | null, connectionId: string) =>
  lifeboat.liveOperations.kill({ connectionId, host, opid, shapeId, connection, typedName });

describe('live operations', () => {
  it('are shown with what they are, and ended when they are still the same', async () => {
    const ended = slow();
    const seen = await slowOne();
    expect(seen).toMatchObject({
      ns: 'shop.orders',
      kind: 'find',
      app: 'workload',
      active: true,
      protectedBecause: null,
    });
    expect(seen.runningMs).toBeGreaterThanOrEqual(0);
    expect(seen.command).toContain('sleep(60000)');

    const { id } = lifeboat.connection;
    expect(await kill({ ...seen, shapeId: '0000000000000000' }, null, id)).toEqual({ outcome: 'gone' });
    const production = await lifeboat.connect(server.uri, { name: 'prod', environment: 'production' });
    const refused = { error: { code: 'refused' } };
    await expect(kill(seen, null, production.id)).rejects.toMatchObject(refused);
    const readOnly = await lifeboat.connect(server.uri, { name: 'look', readOnly: true });
    await expect(kill(seen, 'look', readOnly.id)).rejects.toMatchObject(refused);

    expect(['killed', 'told']).toContain((await kill(seen, 'prod', production.id)).outcome);
    expect(await ended).toMatch(/Interrupted|JSInterpreterFailure|InternalError/);
    const { entries } = await lifeboat.audit.list({ offset: 0, limit: 4 });
    expect(entries.map(({ operation, result }) => `${operation} ${result}`)).toEqual([
      'operation.kill succeeded',
      'operation.kill refused',
      'operation.kill refused',
      'operation.kill succeeded',
    ]);
    expect(entries[0]?.parameters).toMatchObject({ ns: 'shop.orders', kind: 'find', app: 'workload' });
    expect(JSON.stringify(entries)).not.toContain('60000');
  });

  it('of the server itself are set apart and never ended', async () => {
    expect((await list()).every(({ internal }) => !internal)).toBe(true);
    const own = (await list(lifeboat.connection.id, true)).find(({ protectedBecause }) => protectedBecause !== null);
    if (!own) throw new Error('A replica set always does something for itself');
    expect(own.internal).toBe(true);
    const outcome = kill(own, null, lifeboat.connection.id).then(
      (result) => result.outcome,
      () => 'refused',
    );
    expect(['refused', 'gone']).toContain(await outcome);
  });
});
