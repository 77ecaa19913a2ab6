/** Operations that meet trouble: a killed Lifeboat, a member with another key, a member that stands still. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document, MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationOutcome } from '../../shared/operations';
import { chooseSample } from '../restore/test-support/fault-sample';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine, type CommandLineResult } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { createOperationsHarness, equalPriorities } from './test-support/operations-harness';

let programFolder: string;
let program: string;
let folder: string;
let server: TestMongod;
let client: MongoClient;

beforeAll(async () => {
  programFolder = temporaryFolder('cli');
  program = await bundleWorker('electron/cli/index.ts', programFolder, 'cli');
});

afterAll(() => removeTemporaryFolder(programFolder));

beforeEach(() => {
  folder = temporaryFolder('operations');
});

afterEach(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

async function begin(): Promise<void> {
  server = await startTestMongod({ members: 3 });
  client = await server.connect();
  await equalPriorities(client);
}

function commandOf(args: readonly string[]): string[] {
  return ['replica-set', ...args, '--data-dir', join(folder, 'data')];
}

function environment(): Record<string, string> {
  return { LIFEBOAT_URI: server.uri, LIFEBOAT_WORKER_FILE: join(folder, 'none.js') };
}

function lifeboat(...args: string[]): Promise<CommandLineResult> {
  return runCommandLine(program, commandOf(args), environment());
}

/** Ends it by SIGKILL as soon as it says that it does what `phase` begins with. */
async function killIn(phase: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...commandOf(args), '--progress', 'json'], {
    env: { ...process.env, ...environment() },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes(`"phase":"${phase}`)) child.kill('SIGKILL');
  });
  const signal = await new Promise<string | null>((resolve) => child.once('close', (_code, by) => resolve(by)));
  expect(signal, said).toBe('SIGKILL');
}

async function latest(): Promise<OperationOutcome> {
  const { stdout } = await lifeboat('history', 'latest', '--json');
  return JSON.parse(stdout) as OperationOutcome;
}

async function members(): Promise<Document[]> {
  const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
  return (config as { members: Document[] }).members;
}

async function databases(): Promise<string[]> {
  const answer = await client.db('admin').command({ listDatabases: 1 });
  return (answer['databases'] as { name: string }[]).map(({ name }) => name);
}

const cases: Record<string, () => Promise<void>> = {
  'a failover test that is killed is told as interrupted, and the next one clears up': async () => {
    await begin();
    await killIn('Waiting for a new primary', 'failover-test', '--yes');
    const outcome = await latest();
    expect(outcome).toMatchObject({ kind: 'failover-test', status: 'interrupted', error: { code: 'interrupted' } });
    expect(outcome.steps[1]).toMatchObject({ status: 'done' });
    expect(await databases()).toContain('lifeboat_failover_test');
    expect(await lifeboat('failover-test', '--yes')).toMatchObject({ code: 0 });
    expect(await databases()).not.toContain('lifeboat_failover_test');
    const audit = await runCommandLine(program, ['audit', 'verify', '--data-dir', join(folder, 'data')], environment());
    expect(audit).toMatchObject({ code: 0 });
  },

  'a reconfiguration that is killed leaves whole steps, and can be done again': async () => {
    await begin();
    const primary = String((await client.db('admin').command({ hello: 1 }))['me']);
    const [one, two] = server.members.map(({ host }) => host).filter((host) => host !== primary);
    const before = await members();
    const change = ['--change', `${one ?? ''},votes=0,tags.a=b`, '--change', `${two ?? ''},votes=1,tags.a=b`];
    await killIn('Changing the configuration (1 of 2)', 'reconfigure', ...change, '--yes');
    expect(await latest()).toMatchObject({ kind: 'reconfigure', status: 'interrupted' });
    const left = await members();
    expect(left).toHaveLength(before.length);
    expect(left.filter(({ votes }) => votes === 1).length).toBeGreaterThanOrEqual(2);
    expect(await lifeboat('reconfigure', ...change, '--yes')).toMatchObject({ code: 0 });
    const after = await members();
    expect(after.find(({ host }) => host === one)).toMatchObject({ votes: 0, priority: 0, tags: { a: 'b' } });
  },

  'an addition that is killed leaves a member without vote at most': async () => {
    await begin();
    const fresh = await startTestMongod({ args: ['--replSet', 'rs0', '--oplogSize', '64'] });
    try {
      await killIn('Adding', 'add-member', fresh.host, '--yes');
      expect(await latest()).toMatchObject({ kind: 'add-member', status: 'interrupted' });
      const found = (await members()).find(({ host }) => host === fresh.host);
      if (found) {
        expect(found).toMatchObject({ votes: 0, priority: 0 });
        expect(await lifeboat('remove-member', fresh.host, '--yes')).toMatchObject({ code: 0 });
      }
      expect(await members()).toHaveLength(3);
    } finally {
      await fresh.stop();
    }
  },

  'a member with another keyFile is explained and taken out again': async () => {
    server = await startTestMongod({ members: 3, auth: { user: 'root', password: 'secret' } });
    client = await server.connect();
    const key = join(folder, 'key');
    writeFileSync(key, randomBytes(96).toString('base64'), { mode: 0o400 });
    const args = ['--replSet', 'rs0', '--oplogSize', '64', '--keyFile', key];
    const fresh = await startTestMongod({ args });
    const services = await createOperationsHarness(server.uri);
    try {
      const settings = { arbiterOnly: false, priority: 1, votes: 1 as const, hidden: false, delaySeconds: 0, tags: {} };
      const { preview, outcome } = await services.run({ kind: 'add-member', host: fresh.host, ...settings });
      expect(preview.remarks.map(({ text }) => text).join('\n')).toContain('has no users yet');
      expect(outcome).toMatchObject({ status: 'failed', error: { code: 'unreachable' } });
      expect(outcome.text).toContain('do not accept each other');
      expect(await members()).toHaveLength(3);
      const open = await startTestMongod({ args: ['--replSet', 'rs0'] });
      const refused = await services.preview({ kind: 'add-member', host: open.host, ...settings });
      await open.stop();
      expect(refused.refusal?.message).toContain('runs without access control');
    } finally {
      await services.close();
      await fresh.stop();
    }
  },

  'a user without the privileges is told so before': async () => {
    server = await startTestMongod({ members: 3, auth: { user: 'root', password: 'secret' } });
    client = await server.connect();
    await client.db('admin').command({ createUser: 'looker', pwd: 'secret', roles: ['clusterMonitor'] });
    await client.db('admin').command({ createUser: 'reader', pwd: 'secret', roles: ['readAnyDatabase'] });
    const services = await createOperationsHarness(server.uri.replace('root:secret', 'looker:secret'));
    try {
      const reader = await services.connect(server.uri.replace('root:secret', 'reader:secret'), { name: 'reading' });
      await expect(services.preview({ kind: 'failover-test' }, reader.id)).rejects.toMatchObject({
        error: {
          code: 'not-authorized',
          message: expect.stringMatching(/^The user of reading may not look at/) as string,
        },
      });
      const preview = await services.preview({ kind: 'step-down', seconds: 10, catchUpSeconds: 5, force: false });
      expect(preview.refusal).toMatchObject({ code: 'not-authorized' });
      expect(preview.refusal?.message).toContain('replSetStateChange on the cluster');
      await expect(services.start(preview)).rejects.toMatchObject({ error: { code: 'not-authorized' } });
    } finally {
      await services.close();
    }
  },

  'a change that too few members could agree on is refused, and a silent one can be replaced': async () => {
    await begin();
    const services = await createOperationsHarness(server.uri);
    const fresh = await startTestMongod({ args: ['--replSet', 'rs0', '--oplogSize', '64'] });
    try {
      const primary = String((await client.db('admin').command({ hello: 1 }))['me']);
      const others = server.members.filter(({ host }) => host !== primary);
      const [silent, other] = others;
      await silent?.kill();
      const state = async (): Promise<number> => {
        const { members: told } = await client.db('admin').command({ replSetGetStatus: 1 });
        return (told as { health: number }[]).filter(({ health }) => health === 0).length;
      };
      while ((await state()) === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      const removal = await services.preview({ kind: 'remove-member', host: other?.host ?? '' });
      expect(removal.refusal?.message).toContain('voting members of rs0 answer');
      const { outcome } = await services.run({
        kind: 'replace-member',
        host: silent?.host ?? '',
        newHost: fresh.host,
      });
      expect(outcome.error).toBeNull();
      expect((await members()).map(({ host }) => String(host))).not.toContain(silent?.host);
      const guide = await services.operations.resyncGuide(services.connection.id, null, other?.host ?? '');
      expect(guide.verdict).toBe('catches up');
    } finally {
      await services.close();
      await fresh.stop();
    }
  },
};

describe('an operation in trouble', () => {
  const chosen = chooseSample('operations in trouble', Object.entries(cases), 2, ([name]) => name);
  it.each(chosen)('%s', (_, work) => work());
});
