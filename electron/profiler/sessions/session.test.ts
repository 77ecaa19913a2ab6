/** Every answer of an open capture, held against what a loop over the operations says. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../../shared/profiler';
import { everyOperation, type CaptureFilter, type ShapesPage } from '../../../shared/slow-queries';
import { removeTemporaryFolder, temporaryFolder } from '../../test-support/temporary-folder';
import { LogTally } from '../logs/log-tally';
import { readColumnFile, writeColumnFile } from './column-file';
import { CommandSpool } from './command-spool';
import { Gathering } from './gathering';
import { gatherLogs, shortNames } from './gather-logs';
import { LogFollower } from './log-follower';
import { OperationColumns } from './operation-columns';
import { CaptureSession } from './session';
import { randomOperations } from './testing/random-operations';

const sample = fileURLToPath(new URL('../../../../shared/testdata/logs/sample-mongod.log.gz', import.meta.url));
const absent = !existsSync(sample);
const why = absent ? ' (skipped: ../shared/testdata is not there)' : '';

let folder: string;
let commands: CommandSpool;
const all: Operation[] = randomOperations(6000);
const hostOf = (at: number): string => (at % 2 === 0 ? 'a:1' : 'b:1');
let session: CaptureSession;
let columns: OperationColumns;

beforeAll(() => {
  folder = temporaryFolder('session');
  commands = new CommandSpool(join(folder, 'commands.txt'), 'new');
  columns = new OperationColumns();
  const gathering = new Gathering(columns, commands, () => undefined);
  all.forEach((operation, at) => gathering.add([operation], hostOf(at)));
  session = new CaptureSession({ operations: columns, commands, log: null, notes: () => gathering.notes() });
});
afterAll(() => {
  commands.close();
  removeTemporaryFolder(folder);
});

const page = { sort: 'totalMs', descending: true, offset: 0, limit: 1000, buckets: 20 } as const;
const shapesOf = (filter: CaptureFilter, from = session): ShapesPage => from.ask('shapes', { ...page, filter });

const middle = all[3000]?.time ?? 0;
const filters: [string, Partial<CaptureFilter>, (operation: Operation, at: number) => boolean][] = [
  ['nothing', {}, () => true],
  ['a namespace', { ns: ['db1.c1'] }, ({ ns }) => ns === 'db1.c1'],
  ['databases', { ns: ['db1', 'db2'] }, ({ database }) => database === 'db1' || database === 'db2'],
  ['kinds', { kinds: ['find', 'count'] }, ({ kind }) => kind === 'find' || kind === 'count'],
  ['an app and none', { apps: ['shop', ''] }, ({ app }) => app === 'shop' || app === null],
  ['a host', { hosts: ['b:1'] }, (_, at) => hostOf(at) === 'b:1'],
  ['a plan', { plan: 'ixscan { A' }, ({ planSummary }) => planSummary?.startsWith('IXSCAN') === true],
  ['text', { text: 'FIELD1' }, ({ shape }) => shape.includes('field1')],
  ['COLLSCANs', { collscan: true }, ({ collscan }) => collscan],
  ['no sort in memory', { sortStage: false }, ({ sortStage }) => !sortStage],
  ['a period', { from: middle, to: middle + 5000 }, ({ time }) => time >= middle && time <= middle + 5000],
  ['durations', { minMs: 500, maxMs: 900 }, ({ durationMs }) => durationMs >= 500 && durationMs <= 900],
  [
    'all of it',
    { collscan: false, minMs: 300, apps: ['shop'], text: 'db0' },
    (operation) =>
      !operation.collscan && operation.durationMs >= 300 && operation.app === 'shop' && operation.ns.includes('db0'),
  ],
];

describe('a filter', () => {
  for (const setApart of ['counted', 'internal', 'outer', 'all'] as const)
    it.each(filters)(`by %s lets through the ${setApart} ones that a loop finds`, (_, part, matches) => {
      const isApart = (operation: Operation): boolean =>
        setApart === 'all' || (operation.setApart ?? 'counted') === setApart;
      const expected = all.filter((operation, at) => matches(operation, at) && isApart(operation));
      const filter: CaptureFilter = { ...everyOperation, ...part, setApart };
      const { matched } = session.ask('summary', { filter });
      const sum = expected.reduce((total, { durationMs }) => total + durationMs, 0);
      expect([matched.operations, matched.totalMs]).toEqual([expected.length, sum]);
      const byShape = new Map<string, Operation[]>();
      for (const operation of expected)
        byShape.set(operation.shapeId, [...(byShape.get(operation.shapeId) ?? []), operation]);
      const { shapes, total } = shapesOf(filter);
      expect([shapes.length, total]).toEqual([byShape.size, byShape.size]);
      for (const row of shapes) {
        const members = byShape.get(row.id) ?? [];
        const sorted = members.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
        const quantile = (share: number): number | undefined =>
          sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1];
        const total = (of: (operation: Operation) => number | null): number =>
          members.reduce((result, operation) => result + (of(operation) ?? 0), 0);
        expect(row).toMatchObject({
          count: members.length,
          p50Ms: quantile(0.5),
          p95Ms: quantile(0.95),
          p99Ms: quantile(0.99),
          maxMs: sorted[sorted.length - 1],
          totalMs: total(({ durationMs }) => durationMs),
          docsExamined: total(({ docsExamined }) => docsExamined),
          returned: total(({ returned }) => returned),
          collscanCount: members.filter(({ collscan }) => collscan).length,
          errors: members.filter(({ errorCode }) => errorCode !== null).length,
          firstSeen: Math.min(...members.map(({ time }) => time)),
        });
        expect(row.sparkline.reduce((result, value) => result + value, 0)).toBe(row.totalMs);
      }
      const { counts, matched: inMap } = session.ask('heatMap', { filter, columns: 30, rows: 12 });
      expect([counts.reduce((result, value) => result + value, 0), inMap]).toEqual([expected.length, expected.length]);
    });
});

describe('pages', () => {
  it('hold each shape once, in the order that was asked for', () => {
    const whole = session.ask('shapes', { ...page, filter: everyOperation, sort: 'p95Ms', descending: false });
    const values = whole.shapes.map(({ p95Ms }) => p95Ms);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    const pages = [0, 10, 20, 30, 40, 50, 60].flatMap(
      (offset) =>
        session.ask('shapes', { ...page, filter: everyOperation, sort: 'p95Ms', descending: false, offset, limit: 10 })
          .shapes,
    );
    expect(pages.map(({ id }) => id)).toEqual(whole.shapes.map(({ id }) => id));
  });

  it.each(['durationMs', 'time', 'docsExamined', 'keysExamined', 'responseBytes'] as const)(
    'of operations are ordered by %s, what was not told last',
    (sort) => {
      for (const descending of [true, false]) {
        const { total, operations } = session.ask('operations', {
          filter: { ...everyOperation, setApart: 'all' },
          sort,
          descending,
          offset: 37,
          limit: 50,
          masked: true,
        });
        const missing = descending ? -Infinity : Infinity;
        const expected = all
          .map((operation) => operation[sort] ?? missing)
          .sort((a, b) => (descending ? b - a : a - b))
          .slice(37, 87);
        expect(total).toBe(all.length);
        expect(operations.map((operation) => operation[sort] ?? missing)).toEqual(expected);
        expect(operations.every(({ client }) => client === null)).toBe(true);
      }
    },
  );

  it('tell an operation as it was recorded, with its command masked or not', () => {
    const [first] = all;
    const filter: CaptureFilter = { ...everyOperation, setApart: 'all' };
    const ask = (masked: boolean) =>
      session.ask('operations', { filter, sort: 'time', descending: false, offset: 0, limit: 1000, masked }).operations;
    const plain = ask(false).find(({ operation }) => operation === 0);
    expect(plain).toMatchObject({
      time: first?.time,
      client: first?.client,
      command: '{"find":"c","filter":{"field":0}}',
    });
    expect(ask(true).find(({ operation }) => operation === 0)?.command).toBe(
      '{"find":"c","filter":{"field":"<number>"}}',
    );
  });
});

describe('dots', () => {
  it('are all of few operations, and of many a sample that holds the slowest', () => {
    const filter: CaptureFilter = { ...everyOperation, setApart: 'all' };
    expect(session.ask('points', { filter, limit: 5000 }).points.length).toBeLessThanOrEqual(5000);
    const few = session.ask('points', { filter: { ...filter, kinds: ['count'] }, limit: 5000 });
    expect(few.points).toHaveLength(few.matched);
    const { matched, points, shapes } = session.ask('points', { filter, limit: 200 });
    expect(matched).toBe(all.length);
    expect(points.length).toBeGreaterThan(150);
    const slowest = [...all].sort((a, b) => b.durationMs - a.durationMs).slice(0, 20);
    const shown = new Set(points.map(({ durationMs, time }) => `${durationMs} ${time}`));
    for (const { durationMs, time } of slowest) expect(shown).toContain(`${durationMs} ${time}`);
    expect(points.every(({ shape }) => shapes[shape] !== undefined)).toBe(true);
  });
});

describe('a shape', () => {
  it('has its numbers over time, and the slowest and newest operations', () => {
    const [row] = shapesOf(everyOperation).shapes;
    if (!row) throw new Error('There are shapes');
    const details = session.ask('shape', { filter: everyOperation, shapeId: row.id, buckets: 24, masked: true });
    expect(details.row).toMatchObject({ id: row.id, count: row.count, p95Ms: row.p95Ms });
    const { series } = details;
    expect(series.count.reduce((sum, count) => sum + count, 0)).toBe(row.count);
    expect(Math.max(...series.maxMs.map((value) => value ?? 0))).toBe(row.maxMs);
    expect(details.slowest[0]?.durationMs).toBe(row.maxMs);
    expect(details.newest[0]?.time).toBe(row.lastSeen);
    expect(() => session.ask('shape', { filter: everyOperation, shapeId: 'none', buckets: 3, masked: true })).toThrow(
      'No operation of this shape is left.',
    );
  });
});

describe('on disk', () => {
  it('a capture is the same again, and a damaged one is refused', async () => {
    const path = join(folder, 'operations.bin');
    await writeColumnFile(path, columns);
    const again = new CaptureSession({ operations: await readColumnFile(path), commands, log: null, notes: () => [] });
    expect(shapesOf(everyOperation, again)).toEqual(shapesOf(everyOperation));
    const bytes = await readFile(path);
    for (const damage of [bytes.subarray(0, bytes.length - 5000), bytes.subarray(1), Buffer.alloc(3)]) {
      await writeFile(path, damage);
      await expect(readColumnFile(path)).rejects.toMatchObject({ error: { code: 'stored-file-damaged' } });
    }
  });
});

describe.skipIf(absent)(`the sample log as a capture${why}`, () => {
  it('has its COLLSCANs apart, its plans and its members', async () => {
    const tally = new LogTally();
    const operations = new OperationColumns();
    const spool = new CommandSpool(join(folder, 'sample.txt'), 'new');
    await gatherLogs([sample], new Gathering(operations, spool, () => undefined), { tally, report: () => undefined });
    const log = { tally, ignoredFiles: [] };
    const opened = new CaptureSession({ operations, commands: spool, log, notes: () => [] });
    const summary = opened.ask('summary', { filter: everyOperation });
    expect(operations.count).toBe(27_429);
    expect(summary.log).toMatchObject({ lines: 27_995, unreadable: 0 });
    expect(summary.facets.hosts.map(({ name }) => name)).toEqual(['sample-mongod.log.gz']);
    const lists = opened.ask('collscans', { filter: everyOperation });
    expect(lists.indexMayHelp).toEqual([]);
    expect(lists.fullReads.map(({ ns }) => ns)).toEqual(lists.fullReads.map(() => 'testdb.vehicles'));
    expect(lists.fullReads.reduce((sum, row) => sum + row.collscanCount, 0)).toBe(3);
    expect(lists.fullReads.reduce((sum, row) => sum + row.collscanMs, 0)).toBe(504);
    const email = summary.facets.plans.find(({ name }) => name === 'IXSCAN { email: 1 }');
    expect(email).toMatchObject({ count: 8964, totalMs: 1_114_284 });
    const finds = opened.ask('summary', {
      filter: { ...everyOperation, plan: 'IXSCAN { email: 1 }', kinds: ['find'] },
    });
    expect(finds.matched).toMatchObject({ operations: 2988, totalMs: 371_660 });
    spool.close();
  });
});

describe('lines of getLog', () => {
  it('are told once, and a gap is noticed', () => {
    const follower = new LogFollower();
    expect(follower.newLines(['a', 'b', 'b'])).toEqual(['a', 'b', 'b']);
    expect(follower.newLines(['a', 'b', 'b'])).toEqual([]);
    expect(follower.newLines(['b', 'b', 'b', 'c'])).toEqual(['b', 'c']);
    expect(follower.lost).toBe(false);
    expect(follower.newLines(['x', 'y'])).toEqual(['x', 'y']);
    expect(follower.lost).toBe(true);
  });
});

describe('names of logs', () => {
  it('have as many folders as it takes', () => {
    const names = shortNames(['/logs/a/mongod.log', '/logs/b/mongod.log', '/logs/mongos.log']);
    expect([...names.values()].sort()).toEqual(
      ['a/mongod.log', 'b/mongod.log', 'mongos.log'].map((name) => join(name)),
    );
  });
});
