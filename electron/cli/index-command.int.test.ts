/** `index` in a process of its own, as scripts call it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collection } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine, type CommandLineResult } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

let server: TestMongod;
let folder: string;
let program: string;
let orders: Collection;

function lifeboat(...args: string[]): Promise<CommandLineResult> {
  const environment = { LIFEBOAT_URI: server.uri, LIFEBOAT_WORKER_FILE: join(folder, 'none.js') };
  return runCommandLine(program, ['index', ...args, '--data-dir', join(folder, 'data')], environment);
}

beforeAll(async () => {
  folder = temporaryFolder('cli');
  program = await bundleWorker('electron/cli/index.ts', folder, 'cli');
  server = await startTestMongod();
  orders = (await server.connect()).db('shop').collection('orders');
  await orders.insertMany([{ status: 1 }, { status: 2 }]);
  await orders.createIndexes([{ key: { status: 1 } }, { key: { status: 1, at: -1 } }]);
});

afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

it('reviews, previews and applies a plan, hides, and drops only when told twice', async () => {
  const reviewed = await lifeboat('review', '--db', 'shop', '--json');
  expect(reviewed.code).toBe(3);
  const { findings } = JSON.parse(reviewed.stdout) as { findings: { code: string; index: string | null }[] };
  expect(findings).toContainEqual(expect.objectContaining({ code: 'redundant', index: 'status_1' }));

  const file = join(folder, 'plan.json');
  const wanted = { collection: 'orders', indexes: [{ key: { at: 1 }, expireAfterSeconds: 3600 }] };
  writeFileSync(
    file,
    JSON.stringify({ kind: 'lifeboat-index-plan', formatVersion: 1, database: 'shop', collections: [wanted] }),
  );
  const planned = await lifeboat('plan', file);
  expect(planned).toMatchObject({ code: 3 });
  expect(planned.stdout).toMatch(/create\s+shop\.orders\s+at_1/);
  expect(await lifeboat('apply', file)).toMatchObject({ code: 4 });
  expect((await orders.indexes()).length).toBe(3);
  const applied = await lifeboat('apply', file, '--yes', '--json');
  expect(applied.code).toBe(0);
  expect(JSON.parse(applied.stdout)).toMatchObject({ steps: [{ action: 'create', name: 'at_1', outcome: 'done' }] });
  expect(await lifeboat('plan', file)).toMatchObject({ code: 0 });

  expect(await lifeboat('hide', 'shop.orders', 'status_1', '--yes')).toMatchObject({ code: 0 });
  expect((await orders.indexes()).find(({ name }) => name === 'status_1')).toMatchObject({ hidden: true });
  expect(await lifeboat('drop', 'shop.orders', 'status_1', '--yes')).toMatchObject({ code: 4 });
  expect(await lifeboat('drop', 'shop.orders', 'status_1', '--yes', '--unwatched')).toMatchObject({ code: 0 });
  expect((await orders.indexes()).map(({ name }) => name)).toEqual(['_id_', 'status_1_at_-1', 'at_1']);
  expect(await lifeboat('review', '--db', 'nothing')).toMatchObject({ code: 1 });
}, 120_000);
