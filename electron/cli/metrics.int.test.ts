/** `metrics` in a process of its own, over a real set with a real backup, as a timer calls it. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { freePort, startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createTestServices, type TestServices } from '../test-support/test-services';

let server: TestMongod;
let services: TestServices;
let folder: string;
let program: string;

beforeAll(async () => {
  folder = temporaryFolder('metrics');
  program = await bundleWorker(join(__dirname, 'index.ts'), folder, 'cli');
  server = await startTestMongod({ members: 3 });
  services = await createTestServices(server.uri);
  const { connections } = services;
  const input = {
    colour: 'gray',
    environment: 'production',
    readOnly: false,
    username: null,
    secretPlace: 'none',
  } as const;
  const shop = await connections.add({ ...input, name: 'shop', uri: server.uri });
  await connections.add({ ...input, name: 'gone', uri: `mongodb://127.0.0.1:${await freePort()}` });
  const client = await server.connect();
  await client
    .db('shop')
    .collection('orders')
    .insertOne({ a: 1 }, { writeConcern: { w: 3 } });
  await services.makeBackup({ kind: 'databases', databases: ['shop'] }, { connectionId: shop.id });
});
afterAll(async () => {
  await services.close();
  await server.stop();
  removeTemporaryFolder(folder);
});

function lifeboat(...args: string[]) {
  return runCommandLine(program, ['metrics', ...args, '--data-dir', services.dataFolder.root], { LIFEBOAT_URI: '' });
}

function valueOf(text: string, start: string): number | null {
  const line = text.split('\n').find((each) => each.startsWith(start));
  return line === undefined ? null : Number(line.split(' ').at(-1));
}

it('prints every saved connection, the one that does not answer as such, and the backup', async () => {
  const { code, stdout, stderr } = await lifeboat();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: gone: .*127\.0\.0\.1/m);
  expect(valueOf(stdout, 'lifeboat_deployment_up{connection="shop"')).toBe(1);
  expect(valueOf(stdout, 'lifeboat_deployment_up{connection="gone"')).toBe(0);
  expect(valueOf(stdout, 'lifeboat_set_has_primary{connection="shop",set="rs0"}')).toBe(1);
  for (const { host } of server.members)
    expect(
      valueOf(stdout, `lifeboat_member_connections{connection="shop",set="rs0",member="${host}"}`),
    ).toBeGreaterThan(0);
  expect(stdout.match(/^lifeboat_member_lag_seconds\{/gm)).toHaveLength(2);
  expect(stdout).toContain(`member="${server.host}",state="PRIMARY"} 1`);
  expect(valueOf(stdout, 'lifeboat_backup_documents{connection="shop"}')).toBe(1);
  expect(valueOf(stdout, 'lifeboat_backup_age_seconds{connection="shop"}')).toBeLessThan(600);
  expect(
    valueOf(stdout, 'lifeboat_backup_verified_timestamp_seconds{connection="shop",category="operational"}'),
  ).toBeGreaterThan(Date.now() / 1000 - 600);
  expect(valueOf(stdout, 'lifeboat_backup_last_attempt_failed{connection="shop"}')).toBe(0);
  expect(valueOf(stdout, 'lifeboat_store_available{')).toBe(1);
  expect(valueOf(stdout, 'lifeboat_alerts_open{connection="gone",severity="critical"}')).toBe(1);
});

it('replaces the file of the textfile collector whole, readable for it', async () => {
  const file = join(folder, 'lifeboat.prom');
  const answer = await lifeboat('--connection', 'shop', '--output', file, '--json');
  expect(JSON.parse(answer.stdout)).toEqual({ written: file, deployments: 1 });
  const text = readFileSync(file, 'utf8');
  expect(text).not.toContain('gone');
  expect(text.endsWith('\n')).toBe(true);
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder).filter((name) => name.includes('lifeboat.prom'))).toEqual(['lifeboat.prom']);
  expect((await lifeboat('--connection', 'nobody')).code).toBe(1);
  expect((await lifeboat('--connection', 'shop', '--output', join(folder, 'no', 'such', 'folder.prom'))).code).toBe(1);
});
