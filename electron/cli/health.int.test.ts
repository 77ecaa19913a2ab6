/** `health snapshot` and `health watch` in a process of its own, as scripts call them. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine, type CommandLineResult } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

let server: TestMongod;
let folder: string;
let program: string;

beforeAll(async () => {
  folder = temporaryFolder('cli');
  program = await bundleWorker(join(__dirname, 'index.ts'), folder, 'cli');
  server = await startTestMongod({ members: 3 });
});
afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

function lifeboat(...args: string[]): Promise<CommandLineResult> {
  return runCommandLine(program, ['health', ...args, '--data-dir', join(folder, 'data')], { LIFEBOAT_URI: server.uri });
}

interface Snapshot {
  set: string;
  primary: string;
  oplogWindowHours: number;
  members: { host: string; state: string; health: number; lagSeconds: number | null }[];
  alerts: { rule: string; severity: string; host: string | null }[];
}

it('a snapshot says what the set says, and one sample a line is what a watch prints', async () => {
  const snapshot = await lifeboat('snapshot', '--json');
  expect(snapshot.stderr).toBe('');
  const told = JSON.parse(snapshot.stdout) as Snapshot;
  expect(told).toMatchObject({ set: 'rs0', primary: server.host });
  expect(told.members.map(({ host }) => host).sort()).toEqual(server.members.map(({ host }) => host).sort());
  expect(told.members.every(({ health }) => health === 1)).toBe(true);
  expect(told.oplogWindowHours).toBeGreaterThanOrEqual(0);
  expect(told.alerts.filter(({ severity, rule }) => severity === 'critical' && rule !== 'disk-critical')).toEqual([]);
  const watch = await lifeboat('watch', '--interval', '1', '--samples', '2', '--json');
  const lines = watch.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Snapshot);
  expect(lines.map(({ primary }) => primary)).toEqual([server.host, server.host]);
});

it('exit codes: 3 when a critical rule is broken, 2 for a wrong call, 7 when nobody answers', async () => {
  await server.members[2]?.kill();
  const broken = await lifeboat('snapshot');
  expect(broken.stdout).toContain(`critical: A member does not answer (${server.members[2]?.host ?? ''})`);
  expect(broken.code).toBe(3);
  expect((await lifeboat('watch', '--interval', '0')).code).toBe(2);
  const watch = await lifeboat('watch', '--interval', '1', '--exit-on-critical', '--json');
  expect(watch.code).toBe(3);
  await Promise.all(server.members.map((member) => member.kill()));
  expect((await lifeboat('snapshot', '--json')).code).toBe(7);
});
