import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEntry } from '../shared/audit';
import type { CatalogueEntry, Manifest, Verification } from '../shared/backups';
import type { Connection, ConnectionTest } from '../shared/connections';
import type { DiffResult } from '../shared/diff';
import type { RestoreResult } from '../shared/restore';
import { exitCodes, type AppError } from '../shared/result';
import type { DoctorReport, Sandbox } from '../shared/toolchain';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import { freePort, startTestMongod, type TestMongod } from '../electron/test-support/test-mongod';
import { expect, repository, test } from './fixtures';
import { runCommand, startCommand, type CommandResult } from './support/command-line';
import { hasEnded, isRunning, processesUsing } from './support/processes';

interface BackupAnswer {
  backupId: string;
  path: string;
  manifest: Manifest;
  verification: Verification;
}

const documents = 500;
let server: TestMongod;
let dataFolder: string;

test.beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  const client = await server.connect();
  await client
    .db('shop')
    .collection('orders')
    .insertMany(Array.from({ length: documents }, (_, index) => ({ number: index, status: 'paid' })));
});

test.afterAll(async () => server.stop());

test.beforeEach(() => {
  dataFolder = temporaryFolder('data');
});

/** With `--json` and the server of these tests as target. */
function lifeboat(...args: string[]): Promise<CommandResult> {
  return runCommand([...args, '--json'], { dataFolder, env: { LIFEBOAT_URI: server.uri } });
}

/** Two calls at a time. */
async function inPairs(calls: readonly string[][]): Promise<{ args: string[]; result: CommandResult }[]> {
  const results: { args: string[]; result: CommandResult }[] = [];
  const waiting = [...calls];
  const lane = async (): Promise<void> => {
    for (let args = waiting.shift(); args; args = waiting.shift())
      results.push({ args, result: await lifeboat(...args) });
  };
  await Promise.all([lane(), lane()]);
  return results;
}

function expectFailure(result: CommandResult, exitCode: number, code: AppError['code']): void {
  expect(result.code, result.stderr).toBe(exitCode);
  expect(result.json<{ error: AppError }>().error.code).toBe(code);
  expect(result.stderr).toContain('error: ');
}

test('npm run -s lifeboat prints the answer alone on stdout', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'lifeboat', '--', 'connection', 'list', '--json'], {
    cwd: repository,
    env: { ...process.env, LIFEBOAT_HOME: dataFolder },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  expect(status, stderr).toBe(exitCodes.done);
  expect(JSON.parse(stdout)).toEqual({ connections: [] });
});

test('doctor finds the tools and tells what is missing', async () => {
  const well = await lifeboat('doctor');
  expect(well.code, well.stderr).toBe(exitCodes.done);
  const report = well.json<DoctorReport>();
  expect(report.healthy).toBe(true);
  expect(report.tools.map(({ name }) => name).sort()).toEqual(['mongod', 'mongodump', 'mongorestore']);

  const ill = await runCommand(['doctor', '--json'], { dataFolder, env: { LIFEBOAT_MONGODUMP: '/nowhere/mongodump' } });
  expect(ill.code, ill.stderr).toBe(exitCodes.failed);
  expect(ill.json<DoctorReport>().healthy).toBe(false);
});

test('connections are added, listed, tested and removed, the password in a file with a passphrase', async () => {
  const password = 'tiller-and-rudder-3190';
  const guarded = await startTestMongod({ auth: { user: 'keeper', password } });
  try {
    const uriFile = join(dataFolder, 'uri');
    const passphraseFile = join(dataFolder, 'passphrase');
    writeFileSync(uriFile, `${guarded.uri}\n`, { mode: 0o600 });
    writeFileSync(passphraseFile, 'a long passphrase\n', { mode: 0o600 });
    const secret = ['--passphrase-file', passphraseFile];
    const added = await lifeboat(
      ...['connection', 'add', 'guarded', '--uri-file', uriFile, '--environment', 'staging', ...secret],
    );
    expect(added.code, added.stderr).toBe(exitCodes.done);
    const listed = (await lifeboat('connection', 'list')).json<{ connections: Connection[] }>();
    expect(listed.connections).toMatchObject([{ name: 'guarded', username: 'keeper', secretPlace: 'passphrase' }]);

    const tested = await lifeboat('connection', 'test', 'guarded', ...secret);
    expect(tested.code, tested.stderr).toBe(exitCodes.done);
    expect(tested.json<ConnectionTest>()).toMatchObject({ reachable: true, error: null });
    const locked = await lifeboat('connection', 'test', 'guarded');
    expect(locked.code).toBe(exitCodes.failed);
    writeFileSync(passphraseFile, 'another passphrase\n');
    expect((await lifeboat('connection', 'test', 'guarded', ...secret)).code).toBe(exitCodes.failed);

    expect((await lifeboat('connection', 'remove', 'guarded')).code).toBe(exitCodes.done);
    expect((await lifeboat('connection', 'list')).json()).toEqual({ connections: [] });
    for (const result of [added, tested, locked]) expect(result.stdout + result.stderr).not.toContain(password);
    expectFailure(await lifeboat('connection', 'remove', 'guarded'), exitCodes.failed, 'not-found');
  } finally {
    await guarded.stop();
  }
});

test('a wrong call is told as such, with nothing but JSON on stdout', async () => {
  const wrong = [
    ['backup', 'run', '--level', '11'],
    ['backup', 'run', '--db', 'shop', '--ns', 'shop.orders'],
    ['backup', 'list', '--type', 'odd'],
    ['backup', 'verify', 'latest', '--level', '9'],
    ['restore', 'diff', 'latest', '--mode', 'sideways'],
    ['sandbox', 'start', '--members', '2'],
    ['audit', 'export', join(dataFolder, 'audit.pdf'), '--format', 'pdf'],
    ['doctor', '--progress', 'loud'],
  ];
  for (const { args, result } of await inPairs(wrong)) {
    expect(result.code, args.join(' ')).toBe(exitCodes.usage);
    expect(result.json<{ error: AppError }>().error.code, args.join(' ')).toBe('usage');
  }
  const unknown = [
    ['row'],
    ['backup'],
    ['backup', 'sail'],
    ['backup', 'list', '--what'],
    // Would back up or restore more than was meant.
    ['backup', 'run', 'shop'],
    ['restore', 'apply', 'latest', 'shop.orders', '--mode', 'exact', '--yes'],
    ['restore', 'apply', 'latest'],
    ['restore', 'diff', 'latest', '--connection', ''],
    ['restore', 'diff', 'latest', '--connection', 'shop', '--uri', 'mongodb://localhost'],
  ];
  for (const { args, result } of await inPairs(unknown)) {
    expect(result.code, args.join(' ')).toBe(exitCodes.usage);
    expect(result.json<{ error: AppError }>().error.code, args.join(' ')).toBe('usage');
    expect(result.stderr, args.join(' ')).toMatch(/error: |Usage: /);
  }
  const nowhere = await runCommand(['backup', 'run', '--json'], { dataFolder });
  expectFailure(nowhere, exitCodes.usage, 'usage');
  const help = await runCommand(['restore', 'apply', '--help'], { dataFolder });
  expect(help.code).toBe(exitCodes.done);
  expect(help.stdout).toContain('Example');
});

test('backs up, lists, verifies, compares, restores and keeps the record of it', async () => {
  const made = await lifeboat('backup', 'run', '--db', 'shop', '--progress', 'json');
  expect(made.code, made.stderr).toBe(exitCodes.done);
  const backup = made.json<BackupAnswer>();
  expect(backup.manifest).toMatchObject({ formatVersion: 1, id: backup.backupId, type: 'database' });
  expect(backup.verification).toMatchObject({ level: 2, ok: true });
  expect(existsSync(join(backup.path, 'manifest.json'))).toBe(true);
  const progress = made.stderr.split('\n').filter((line) => line.startsWith('{'));
  expect(progress.length).toBeGreaterThan(0);
  for (const line of progress) expect(JSON.parse(line)).toHaveProperty('progress');

  const listed = (await lifeboat('backup', 'list')).json<{ backups: CatalogueEntry[] }>();
  expect(listed.backups.map(({ id }) => id)).toEqual([backup.backupId]);
  const verified = await lifeboat('backup', 'verify', 'latest', '--level', '2');
  expect(verified.code, verified.stderr).toBe(exitCodes.done);

  expect((await lifeboat('restore', 'diff', 'latest')).code).toBe(exitCodes.done);
  const client = await server.connect();
  const orders = client.db('shop').collection('orders');
  await orders.deleteMany({ number: { $lt: 10 } });
  await orders.updateMany({ number: { $gte: 490 } }, { $set: { status: 'lost' } });
  const file = join(dataFolder, 'documents.jsonl');
  const differing = await lifeboat('restore', 'diff', 'latest', '--documents', file, '--fields');
  expect(differing.code, differing.stderr).toBe(exitCodes.differs);
  const diff = differing.json<DiffResult>();
  expect(diff).toMatchObject({ backupId: backup.backupId, mode: 'exact' });
  expect(diff.totals.effect).toEqual({ insert: 10, replace: 10, delete: 0, keep: documents - 20, conflict: 0 });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines).toHaveLength(20);
  const changed = lines.map((line) => JSON.parse(line) as { change: string; fields?: unknown[] });
  expect(changed.filter(({ change }) => change === 'changed')[0]?.fields).toMatchObject([
    { path: 'status', kind: 'changed', backup: { text: '"paid"' }, target: { text: '"lost"' } },
  ]);

  expectFailure(await lifeboat('restore', 'apply', 'latest', '--mode', 'exact'), exitCodes.refused, 'refused');
  const applied = await lifeboat('restore', 'apply', 'latest', '--mode', 'exact', '--yes');
  expect(applied.code, applied.stderr).toBe(exitCodes.done);
  const result = applied.json<RestoreResult>();
  expect(result.effect).toMatchObject({ insert: 10, replace: 10, delete: 0, conflict: 0 });
  expect(result.remaining?.namespaces.every(({ status }) => status === 'same')).toBe(true);
  expect(await orders.countDocuments({ status: 'paid' })).toBe(documents);

  expectFailure(await lifeboat('backup', 'delete', 'latest'), exitCodes.refused, 'refused');
  expectFailure(await lifeboat('backup', 'delete', 'latest', '--yes'), exitCodes.refused, 'refused');
  expect((await lifeboat('backup', 'delete', backup.backupId, '--yes')).code).toBe(exitCodes.done);
  expect(existsSync(backup.path)).toBe(false);
  expectFailure(await lifeboat('backup', 'show', 'latest'), exitCodes.failed, 'not-found');

  const { entries } = (await lifeboat('audit', 'list')).json<{ entries: AuditEntry[] }>();
  const operations = new Set(entries.map(({ operation, result: end }) => `${operation} ${end}`));
  for (const operation of ['backup.run', 'restore.apply', 'backup.delete'])
    expect(operations).toContain(`${operation} succeeded`);
  expect((await lifeboat('audit', 'verify')).code).toBe(exitCodes.done);
  expect((await lifeboat('audit', 'export', join(dataFolder, 'audit.csv'))).code).toBe(exitCodes.done);
  const auditFile = join(dataFolder, 'audit.jsonl');
  writeFileSync(
    auditFile,
    readFileSync(auditFile, 'utf8').replace('"operation":"restore.apply"', '"operation":"none"'),
  );
  expect((await lifeboat('audit', 'verify')).code).toBe(exitCodes.differs);
});

test('a damaged backup is told as one that failed its verification', async () => {
  const { backupId, path } = (await lifeboat('backup', 'run', '--db', 'shop')).json<BackupAnswer>();
  const archive = join(path, 'archive.gz');
  const bytes = readFileSync(archive);
  bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
  writeFileSync(archive, bytes);
  const verified = await lifeboat('backup', 'verify', backupId);
  expect(verified.code, verified.stderr).toBe(exitCodes.differs);
  expect(verified.json<{ verification: Verification }>().verification.ok).toBe(false);
  const applied = await lifeboat('restore', 'apply', backupId, '--mode', 'clone');
  expect([exitCodes.differs, exitCodes.failed], applied.stderr).toContain(applied.code);
});

test('what cannot be reached ends with 7', async () => {
  const uri = `mongodb://127.0.0.1:${await freePort()}/?serverSelectionTimeoutMS=1000&directConnection=true`;
  const result = await runCommand(['backup', 'run', '--json'], { dataFolder, env: { LIFEBOAT_URI: uri } });
  expect(result.code, result.stderr).toBe(exitCodes.unreachable);
  expect(result.json<{ error: AppError }>().error.code).toBe('unreachable');
  expect(readdirSync(join(dataFolder, 'backups'), { recursive: true })).toEqual([]);
});

test('sandboxes run until they are stopped', async () => {
  const started = await lifeboat('sandbox', 'start', '--members', '1');
  expect(started.code, started.stderr).toBe(exitCodes.done);
  const sandbox = started.json<Pick<Sandbox, 'id' | 'uri' | 'members'>>();
  expect(sandbox.members).toHaveLength(1);
  const pid = sandbox.members[0]?.pid ?? 0;
  try {
    expect(isRunning(pid)).toBe(true);
    const { sandboxes } = (await lifeboat('sandbox', 'list')).json<{ sandboxes: Sandbox[] }>();
    expect(sandboxes.map(({ id }) => id)).toEqual([sandbox.id]);
    const reached = await runCommand(['connection', 'test', '--uri', sandbox.uri, '--json'], { dataFolder });
    expect(reached.json<ConnectionTest>().reachable).toBe(true);
  } finally {
    expect((await lifeboat('sandbox', 'stop', sandbox.id)).json()).toEqual({ stopped: [sandbox.id] });
  }
  await hasEnded(pid);
  expect(readdirSync(join(dataFolder, 'sandboxes'))).toEqual([]);
  expectFailure(await lifeboat('sandbox', 'stop', sandbox.id), exitCodes.failed, 'not-found');
});

test.describe('with something under way', () => {
  const many = 300_000;
  const filler = 'x'.repeat(400);

  test.beforeAll(async () => {
    const client = await server.connect();
    const cargo = client.db('harbour').collection('cargo');
    for (let first = 0; first < many; first += 20_000) {
      await cargo.insertMany(
        Array.from({ length: 20_000 }, (_, index) => ({ number: first + index, filler })),
        { ordered: false },
      );
    }
  });

  test('Ctrl-C ends a backup with 130 and leaves nothing', async () => {
    const command = startCommand(['backup', 'run', '--db', 'harbour', '--json', '--progress', 'json'], {
      dataFolder,
      env: { LIFEBOAT_URI: server.uri },
    });
    await command.says(/"bytesDone":[1-9]/);
    command.interrupt();
    const result = await command.ended;
    expect(result.code, result.stderr).toBe(exitCodes.cancelled);
    expect(result.json<{ error: AppError }>().error.code).toBe('cancelled');
    expect(readdirSync(join(dataFolder, 'backups'), { recursive: true })).toEqual([]);
    expect(readdirSync(join(dataFolder, 'temporary'))).toEqual([]);
    expect([...processesUsing(dataFolder).values()]).toEqual([]);
  });

  test('a second restore into the same target is told who is at work there', async () => {
    const env = { LIFEBOAT_URI: server.uri };
    expect((await lifeboat('backup', 'run', '--db', 'harbour')).code).toBe(exitCodes.done);
    const client = await server.connect();
    await client
      .db('harbour')
      .collection('cargo')
      .deleteMany({ number: { $lt: 60_000 } });
    const first = startCommand(
      ['restore', 'apply', 'latest', '--mode', 'drop', '--yes', '--json', '--progress', 'json'],
      { dataFolder, env },
    );
    await first.says(/"phase":"Restoring/);
    // Held, so that it is still at work however long the second one takes to compare.
    const toolOf = (): number =>
      [...processesUsing(dataFolder)].find(([, commandLine]) => commandLine.includes('mongorestore'))?.[0] ?? 0;
    await expect.poll(toolOf).toBeGreaterThan(0);
    const tool = toolOf();
    process.kill(tool, 'SIGSTOP');
    try {
      const second = await lifeboat('restore', 'apply', 'latest', '--mode', 'insert-missing');
      expectFailure(second, exitCodes.busy, 'busy');
      expect(second.stderr).toContain(String(first.pid));
    } finally {
      process.kill(tool, 'SIGCONT');
    }
    const ended = await first.ended;
    expect(ended.code, ended.stderr).toBe(exitCodes.done);
    expect(await client.db('harbour').collection('cargo').countDocuments()).toBe(many);
  });
});
