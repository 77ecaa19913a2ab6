/** `replica-set` in a process of its own, as scripts call it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OperationOutcome, OperationPreview } from '../../shared/operations';
import { equalPriorities } from '../operations/test-support/operations-harness';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine, type CommandLineResult } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

let server: TestMongod;
let client: MongoClient;
let folder: string;
let program: string;

function call(...args: string[]): Promise<CommandLineResult> {
  const environment = { LIFEBOAT_URI: server.uri, LIFEBOAT_WORKER_FILE: join(folder, 'none.js') };
  return runCommandLine(program, [...args, '--data-dir', join(folder, 'data')], environment);
}

const lifeboat = (...args: string[]): Promise<CommandLineResult> => call('replica-set', ...args);

async function primary(): Promise<string> {
  return String((await client.db('admin').command({ hello: 1 }))['me']);
}

beforeAll(async () => {
  folder = temporaryFolder('cli');
  program = await bundleWorker('electron/cli/index.ts', folder, 'cli');
  server = await startTestMongod({ members: 3 });
  client = await server.connect();
  await equalPriorities(client);
});

afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

it('shows first, does when told to, and keeps what came of it', async () => {
  const former = await primary();
  const shown = await lifeboat('step-down', '--json');
  expect(shown.code).toBe(0);
  const preview = JSON.parse(shown.stdout) as OperationPreview;
  expect(preview).toMatchObject({ refusal: null, pin: { primary: former }, commands: ['rs.stepDown(60, 10)'] });
  expect(await primary()).toBe(former);

  const report = join(folder, 'failover.md');
  const tested = await lifeboat('failover-test', '--yes', '--json', '--quiet', '--report', report);
  expect(tested).toMatchObject({ code: 0 });
  const outcome = JSON.parse(tested.stdout) as OperationOutcome;
  expect(outcome).toMatchObject({ status: 'succeeded', origin: 'cli', failover: { writesLost: 0, passed: true } });
  expect(readFileSync(report, 'utf8')).toContain(outcome.failover?.newPrimary ?? 'nobody');
  expect(await primary()).toBe(outcome.failover?.newPrimary);

  const history = await lifeboat('history');
  expect(history).toMatchObject({ code: 0 });
  expect(history.stdout).toContain(outcome.id);
  const told = await lifeboat('history', 'latest');
  expect(told.stdout).toMatch(/acknowledged writes lost\s+0/);
});

it('refuses unsafe changes with exit code 4, and wrong calls with 2', async () => {
  const host = await primary();
  const refused = await lifeboat('reconfigure', '--change', `${host},priority=0`, '--yes');
  expect(refused).toMatchObject({ code: 4 });
  expect(refused.stderr).toContain('step it down first');
  const shown = await lifeboat('reconfigure', '--change', `${host},tags.dc=west`, '--json');
  expect(shown).toMatchObject({ code: 0 });
  expect((JSON.parse(shown.stdout) as OperationPreview).changes).toHaveLength(1);
  expect(await lifeboat('reconfigure', '--change', `${host},colour=red`)).toMatchObject({ code: 2 });
  expect(await lifeboat('freeze', 'nobody:1', '--yes')).toMatchObject({ code: 1 });
});

it('wants the name of a saved production connection, and refuses on a read-only one', async () => {
  const added = ['connection', 'add', 'shop-prod', '--secret', 'none'];
  expect(await call(...added)).toMatchObject({ code: 0 });
  expect(await call('connection', 'add', 'shop-look', '--secret', 'none', '--read-only')).toMatchObject({ code: 0 });
  const host = server.members.map((member) => member.host);
  const other = host.find((each) => each !== host[0]) ?? '';
  const freeze = ['freeze', (await primary()) === other ? (host[0] ?? '') : other, '--seconds', '1', '--yes'];
  expect(await lifeboat(...freeze, '--connection', 'shop-prod')).toMatchObject({ code: 4 });
  expect(await lifeboat(...freeze, '--connection', 'shop-prod', '--confirm', 'shop')).toMatchObject({ code: 4 });
  expect(await lifeboat(...freeze, '--connection', 'shop-prod', '--confirm', 'shop-prod')).toMatchObject({ code: 0 });
  expect(await lifeboat(...freeze, '--connection', 'shop-look')).toMatchObject({ code: 4 });
  const guide = await lifeboat('resync-guide', other, '--connection', 'shop-look');
  expect(guide).toMatchObject({ code: 0 });
  expect(guide.stdout).toContain('catches up');
});
