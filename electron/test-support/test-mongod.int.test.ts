import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { identifyProcess } from '../platform/process-identity';
import { bundleWorker } from './bundle-worker';
import { makeTestCertificates } from './test-certificates';
import { startTestMongod } from './test-mongod';
import { temporaryFolder } from './temporary-folder';

it('a replica set of one accepts writes at once, and nothing of it is left after stop', async () => {
  const mongod = await startTestMongod({ replicaSet: true });
  const client = await mongod.connect();
  await client
    .db('shop')
    .collection('orders')
    .insertOne({ a: 1 }, { writeConcern: { w: 'majority' } });
  await mongod.stop();
  for (const member of mongod.members) {
    expect(identifyProcess(member.pid)).toBeNull();
    expect(existsSync(member.folder)).toBe(false);
  }
});

it('a set of three survives the loss of a member, which can come back', async () => {
  const mongod = await startTestMongod({ members: 3 });
  const client = await mongod.connect();
  const orders = client.db('shop').collection('orders');
  await orders.insertOne({ a: 1 }, { writeConcern: { w: 3 } });
  await mongod.members[2]?.kill();
  await orders.insertOne({ a: 2 }, { writeConcern: { w: 'majority' } });
  await mongod.members[2]?.restart();
  await orders.insertOne({ a: 3 }, { writeConcern: { w: 3 } });
  await mongod.stop();
});

it('access control and TLS are really on', async () => {
  const certificates = makeTestCertificates(temporaryFolder());
  const auth = { user: 'ann', password: 'p@ss:/w?rd' };
  const mongod = await startTestMongod({ replicaSet: true, auth, tls: certificates });
  expect(mongod.uri).not.toContain(auth.password);
  await (await mongod.connect()).db('shop').collection('orders').insertOne({ a: 1 });
  const { MongoClient } = await import('mongodb');
  const stranger = new MongoClient(mongod.uriWithoutCredentials, { serverSelectionTimeoutMS: 5000 });
  await expect(stranger.db('shop').collection('orders').findOne()).rejects.toThrow(/auth/);
  await stranger.close();
  const plain = new MongoClient(`mongodb://${mongod.host}/?directConnection=true`, { serverSelectionTimeoutMS: 500 });
  await expect(plain.connect()).rejects.toBeDefined();
  await plain.close();
  await mongod.stop();
});

it('ends with the test process, also when that is killed', async () => {
  const here = dirname(fileURLToPath(import.meta.url));
  const script = await bundleWorker(join(here, 'start-mongod-entry.ts'), temporaryFolder());
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(String(data))),
  );
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string };
  expect(identifyProcess(pid)).not.toBeNull();
  child.kill('SIGKILL');
  await expect.poll(() => identifyProcess(pid), { timeout: 5000 }).toBeNull();
  await expect.poll(() => existsSync(folder), { timeout: 5000 }).toBe(false);
});
