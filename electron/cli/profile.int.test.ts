/** `profile report` in a process of its own, as scripts call it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileReportSchema, type ProfileReport } from '../../shared/profiler';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine, type CommandLineResult } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

let server: TestMongod;
let folder: string;
let program: string;
let worker: string;
let log: string;

const lifeboat = (...args: string[]): Promise<CommandLineResult> => profile('report', ...args);

function profile(...args: string[]): Promise<CommandLineResult> {
  const environment = { LIFEBOAT_URI: server.uri, LIFEBOAT_WORKER_FILE: worker };
  return runCommandLine(program, ['profile', ...args, '--data-dir', join(folder, 'data')], environment);
}

function slowLine(minutesAgo: number, attr: object): string {
  const time = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const attributes = { type: 'command', ns: 'shop.orders', durationMillis: 200, planSummary: 'COLLSCAN', ...attr };
  return JSON.stringify({
    t: { $date: time },
    s: 'I',
    c: 'COMMAND',
    id: 51803,
    ctx: 'c',
    msg: 'Slow query',
    attr: attributes,
  });
}

beforeAll(async () => {
  folder = temporaryFolder('cli');
  program = await bundleWorker('electron/cli/index.ts', folder, 'cli');
  worker = await bundleWorker('electron/worker/index.ts', folder, 'worker');
  server = await startTestMongod();
  log = join(folder, 'mongod.log');
  const lines = [
    slowLine(600, { command: { find: 'orders', filter: { old: 1 } } }),
    slowLine(5, { command: { find: 'orders', filter: { email: 'secret@example.org' } } }),
    slowLine(4, { command: { find: 'orders', filter: { email: 'other@example.org' } }, durationMillis: 300 }),
    slowLine(3, { ns: 'other.c', command: { find: 'c', filter: { 'key\u001b[31m\u202e': 1 } } }),
  ];
  writeFileSync(log, `${lines.join('\n')}\nnot a line of a log\n`);
  const db = (await server.connect({ appName: 'app' })).db('shop');
  await db.collection('orders').insertOne({ a: 1 });
  await db.command({ profile: 2 });
  for (let at = 0; at < 3; at++) await db.collection('orders').findOne({ a: at });
  await db.command({ profile: 0 });
});
afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

describe('profile report', () => {
  it('prints the fields scripts rely on as JSON and nothing else', async () => {
    const { code, stdout, stderr } = await lifeboat('--source', log, '--json');
    expect(code, stderr).toBe(0);
    const report: ProfileReport = profileReportSchema.parse(JSON.parse(stdout));
    expect(report).toMatchObject({ source: 'mongod.log', operations: 4, log: { lines: 5, unreadable: 1 } });
    expect(stderr).toContain('1 line could not be read');
    const shape = report.shapes[0];
    expect(shape).toMatchObject({
      ns: 'shop.orders',
      op: 'find',
      shape: '{ filter: { email: ? } }',
      count: 2,
      totalMs: 500,
      meanMs: 250,
      p50Ms: 200,
      p95Ms: 300,
      p99Ms: 300,
      maxMs: 300,
      docsExamined: 0,
      keysExamined: 0,
      returned: 0,
      collscan: true,
      sortStage: false,
      planSummaries: [{ planSummary: 'COLLSCAN', count: 2, totalMs: 500 }],
    });
    expect(shape?.id).toMatch(/^[0-9a-f]{16}$/);
    for (const name of ['firstSeen', 'lastSeen', 'example'] as const) expect(shape?.[name]).toBeTruthy();
  });

  it('looks back from now, and at one database', async () => {
    const { stdout } = await lifeboat('--source', log, '--json', '--since', '1h', '--db', 'shop');
    const { operations, shapes } = profileReportSchema.parse(JSON.parse(stdout));
    expect(operations).toBe(2);
    expect(shapes).toHaveLength(1);
  });

  it('writes HTML and Markdown, without values when asked for that', async () => {
    const file = join(folder, 'report.html');
    const { code, stdout } = await lifeboat(
      '--source',
      log,
      '--format',
      'html',
      '--output',
      file,
      '--obfuscate',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ file, format: 'html' });
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('&#60;string&#62;');
    expect(html).not.toContain('secret@example.org');
    const markdown = await lifeboat('--source', log, '--format', 'md');
    expect(markdown.stdout).toMatch(/^# Slow operations of `mongod\.log`/);
    expect(markdown.stdout).toContain('## Collection scans an index may help');
  });

  it('shows no control character of a log to a terminal, in any format', async () => {
    for (const format of ['text', 'json', 'md', 'html']) {
      const { code, stdout, stderr } = await lifeboat('--source', log, '--format', format);
      expect(code).toBe(0);
      for (const text of [stdout, stderr])
        for (const control of ['\u001b', '\u202e']) expect(text).not.toContain(control);
      if (format === 'json')
        expect((JSON.parse(stdout) as ProfileReport).shapes.map(({ shape }) => shape).join()).toContain('\\u001b');
    }
  });

  it('reads system.profile of a server when no file is named', async () => {
    const { code, stdout, stderr } = await lifeboat('--json', '--db', 'shop');
    expect(code, stderr).toBe(0);
    const { shapes, log: none } = profileReportSchema.parse(JSON.parse(stdout));
    expect(none).toBeNull();
    expect(shapes.find(({ ns, op }) => ns === 'shop.orders' && op === 'find')).toMatchObject({
      count: 3,
      shape: '{ filter: { a: ? }, limit: ? }',
      collscanKind: 'index-may-help',
    });
  });

  it.each([
    [['--source', '/no/such/file'], 1],
    [['--source', 'LOG', '--since', 'yesterday'], 2],
    [['--source', 'LOG', '--format', 'pdf'], 2],
    [['--source', 'LOG', '--format', 'html', '--json'], 2],
    [['--from', 'nowhere'], 2],
  ])('%s ends with %i', async (args, expected) => {
    const { code } = await lifeboat(...args.map((arg) => (arg === 'LOG' ? log : arg)));
    expect(code).toBe(expected);
  });
});

describe('profile import', () => {
  it('leaves a capture for the window', async () => {
    const { code, stdout, stderr } = await profile('import', '--source', log, '--title', 'Monday', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      title: 'Monday',
      status: 'complete',
      operations: 4,
      unreadableLines: 1,
      error: null,
    });
    expect((await profile('import')).code).toBe(2);
  });
});
