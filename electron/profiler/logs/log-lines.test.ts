import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../shared/profiler';
import { temporaryFolder } from '../../test-support/temporary-folder';
import { runLogReport } from '../testing/run-log-report';
import { peekLogFile } from './log-file';
import { LogTally } from './log-tally';
import { mergeByTime } from './merge-by-time';

interface Line {
  time?: string;
  attr?: object;
  extra?: object;
  id?: number;
}

function jsonLine({ time = '2026-01-02T03:04:05.678+00:00', attr = {}, extra = {}, id = 51803 }: Line = {}): string {
  const attributes = {
    type: 'command',
    ns: 'shop.orders',
    command: { find: 'orders', filter: { a: 1 }, $db: 'shop' },
    planSummary: 'COLLSCAN',
    durationMillis: 120,
    ...attr,
  };
  const line = {
    t: { $date: time },
    s: 'I',
    c: 'COMMAND',
    id,
    ctx: 'conn1',
    msg: 'Slow query',
    attr: attributes,
    ...extra,
  };
  return JSON.stringify(line);
}

function fileOf(lines: readonly string[] | Buffer, name = 'mongod.log'): string {
  const path = join(temporaryFolder('logs'), name);
  writeFileSync(path, Buffer.isBuffer(lines) ? lines : `${lines.join('\n')}\n`);
  return path;
}

async function operationsOf(...paths: string[]): Promise<{ operations: Operation[]; tally: LogTally }> {
  const tally = new LogTally();
  const operations: Operation[] = [];
  const files = await Promise.all(paths.map((path) => peekLogFile(path)));
  for await (const batch of mergeByTime(files, { tally })) operations.push(...batch);
  return { operations, tally };
}

async function operationOf(line: string): Promise<Operation> {
  const { operations, tally } = await operationsOf(fileOf([line]));
  expect(tally.kept).toEqual([]);
  const [operation] = operations;
  if (!operation) throw new Error('no operation');
  return operation;
}

describe('lines of the text log', () => {
  it('of 4.2 are read as those of today', async () => {
    const text = await operationOf(
      '2020-05-21T13:42:01.123+0200 I  COMMAND  [conn42] command shop.orders appName: "web: \\"1\\"" command: find { find: "orders", filter: { customer: 7.0, name: "a \\"quoted\\" } b", at: { $gt: new Date(1500000000000) }, _id: { $in: [ ObjectId(\'5ec4f1c8f1d2a3b4c5d6e7f8\'), ObjectId(\'5ec4f1c8f1d2a3b4c5d6e7f9\') ] } }, sort: { at: -1.0 }, lsid: { id: UUID("aa") }, $db: "shop" } planSummary: IXSCAN { customer: 1, at: -1 }, IXSCAN { name: 1 } keysExamined:120 docsExamined:12 hasSortStage:1 cursorExhausted:1 numYields:3 nreturned:9 queryHash:1A2B3C4D planCacheKey:5E6F7A8B reslen:3000 locks:{ Global: { acquireCount: { r: 4 } } } storage:{} protocol:op_msg 234ms',
    );
    expect(text).toMatchObject({
      time: Date.parse('2020-05-21T11:42:01.123Z'),
      ns: 'shop.orders',
      kind: 'find',
      shape: '{ filter: { _id: { $in: [?] }, at: { $gt: ? }, customer: ?, name: ? }, sort: { at: -1 } }',
      durationMs: 234,
      keysExamined: 120,
      docsExamined: 12,
      returned: 9,
      sortStage: true,
      yields: 3,
      responseBytes: 3000,
      planSummary: 'IXSCAN { customer: 1, at: -1 }, IXSCAN { name: 1 }',
      queryHash: '1A2B3C4D',
      context: 'conn42',
      truncated: false,
    });
    const json = await operationOf(
      jsonLine({
        attr: {
          command: {
            find: 'orders',
            filter: { _id: { $in: [{ $oid: 'x' }] }, name: 'y', customer: 1, at: { $gt: { $date: 'z' } } },
            sort: { at: -1 },
          },
        },
      }),
    );
    expect(json.shapeId).toBe(text.shapeId);
  });

  it.each([
    [
      'an update',
      '2019-01-01T00:00:00.000Z I WRITE    [conn1] update shop.orders appName: "x" command: { q: { _id: 1.0 }, u: { $set: { a: "b" } }, multi: false, upsert: false } planSummary: IDHACK keysExamined:1 docsExamined:1 nMatched:1 nModified:1 numYields:0 locks:{} 150ms',
      {
        kind: 'update',
        shape: '{ filter: { _id: ? }, update: { $set: { a: ? } } }',
        planSummary: 'IDHACK',
        written: 1,
      },
    ],
    [
      'an update of 3.4',
      '2017-01-01T00:00:00.000+0000 I WRITE    [conn1] update shop.orders query: { _id: 1.0 } planSummary: IDHACK update: { $set: { a: "b" } } keysExamined:1 docsExamined:1 nModified:1 150ms',
      { kind: 'update', shape: '{ filter: { _id: ? }, update: { $set: { a: ? } } }' },
    ],
    [
      'a removal',
      '2019-01-01T00:00:00.000Z I WRITE    [conn1] remove shop.orders command: { q: { a: /^x\\/y/i }, limit: 1 } planSummary: COLLSCAN keysExamined:0 docsExamined:500 ndeleted:1 numYields:4 locks:{} 150ms',
      { kind: 'delete', shape: '{ filter: { a: /?/i }, limit: 1 }', collscan: true, fullRead: false },
    ],
    [
      'a getMore',
      '2019-01-01T00:00:00.000Z I COMMAND  [conn1] command shop.orders command: getMore { getMore: 12345, collection: "orders", $db: "shop" } originatingCommand: { find: "orders", filter: { a: 1.0 }, $db: "shop" } planSummary: COLLSCAN cursorid:12345 keysExamined:0 docsExamined:500 numYields:4 nreturned:101 reslen:1 locks:{} protocol:op_msg 150ms',
      { kind: 'find', getMore: true, shape: '{ filter: { a: ? } }' },
    ],
    [
      'a query of 2.6',
      '2015-01-01T00:00:00.000+0000 [conn1] query shop.orders query: { $query: { a: 1.0 }, $orderby: { b: 1.0 } } planSummary: IXSCAN { b: 1.0 } ntoreturn:0 ntoskip:0 nscanned:7 nscannedObjects:5 keyUpdates:0 numYields:0 locks(micros) r:1 nreturned:2 reslen:200 150ms',
      { kind: 'find', shape: '{ filter: { a: ? }, sort: { b: 1 } }', keysExamined: 7, docsExamined: 5, returned: 2 },
    ],
    [
      'an aggregation with a failure',
      '2019-01-01T00:00:00.000Z I COMMAND  [conn1] command shop.orders command: aggregate { aggregate: "orders", pipeline: [ { $match: { a: { $gte: 1.0 } } }, { $group: { _id: "$b" } } ], cursor: {}, $db: "shop" } planSummary: COLLSCAN numYields:1 ok:0 errMsg:"operation exceeded time limit" errName:MaxTimeMSExpired errCode:50 reslen:1 locks:{} protocol:op_msg 150ms',
      {
        kind: 'aggregate',
        shape: '{ pipeline: [{ $match: { a: { $gte: ? } } }, { $group: { _id: "$b" } }] }',
        errorCode: 50,
        errorName: 'MaxTimeMSExpired',
      },
    ],
    [
      'a line too long for the log',
      `2019-01-01T00:00:00.000Z I COMMAND  [conn1] warning: log line attempted (24kB) over max size (10kB), printing beginning and end ... command shop.orders command: find { find: "orders", filter: { a: { $in: [ "x", "y" .......... "z" ] } }, $db: "shop" } planSummary: IXSCAN { a: 1 } keysExamined:900 docsExamined:90 numYields:7 nreturned:3 reslen:1 locks:{} protocol:op_msg 950ms`,
      {
        kind: 'find',
        truncated: true,
        shape: '{ filter: { a: { $in: [?] } } } …',
        keysExamined: 900,
        planSummary: 'IXSCAN { a: 1 }',
        durationMs: 950,
      },
    ],
  ])('%s', async (_, line, expected) => {
    expect(await operationOf(line)).toMatchObject(expected);
  });

  it('without a year take that of the file', async () => {
    const path = fileOf([
      'Thu Jan 10 12:00:00.123 [conn1] query shop.orders query: { a: 1.0 } ntoreturn:0 nscanned:7 nreturned:2 150ms',
    ]);
    utimesSync(path, new Date('2013-02-01T00:00:00Z'), new Date('2013-02-01T00:00:00Z'));
    const { operations } = await operationsOf(path);
    expect(operations[0]).toMatchObject({
      time: Date.parse('2013-01-10T12:00:00.123Z'),
      shape: '{ filter: { a: ? } }',
    });
  });
});

describe('JSON lines', () => {
  it('have times with offsets', async () => {
    for (const time of ['2026-01-02T01:04:05.678-02:00', '2026-01-02T03:04:05.678Z', '2026-01-02T08:34:05.678+05:30'])
      expect((await operationOf(jsonLine({ time }))).time).toBe(Date.parse('2026-01-02T03:04:05.678Z'));
  });

  it('hold values of any script and any key', async () => {
    const command = JSON.parse(
      '{"find":"заказы","filter":{"__proto__":"ü","constructor":{"$in":["\\u0000","\\""]}},"$db":"shop"}',
    ) as object;
    const operation = await operationOf(jsonLine({ attr: { ns: 'shop.заказы', command, appName: 'a "b" \\ c' } }));
    expect(operation).toMatchObject({
      ns: 'shop.заказы',
      app: 'a "b" \\ c',
      shape: '{ filter: { __proto__: ?, constructor: { $in: [?] } } }',
    });
    expect(JSON.parse(operation.commandText ?? '')).toEqual(command);
  });

  it('fold getMore into what opened the cursor', async () => {
    const opened = { find: 'orders', filter: { a: 2 }, $db: 'shop' };
    const attr = { command: { getMore: 7, collection: 'orders', $db: 'shop' }, originatingCommand: opened };
    const [first, more] = [await operationOf(jsonLine()), await operationOf(jsonLine({ attr }))];
    expect(more).toMatchObject({
      getMore: true,
      kind: 'find',
      shapeId: first.shapeId,
      commandText: JSON.stringify(opened),
    });
  });

  it('tell of servers since 8.0', async () => {
    const attr = {
      queryHash: undefined,
      planCacheShapeHash: 'AB',
      queryShapeHash: 'CD',
      planSummary: 'EXPRESS_IXSCAN { a: 1 }',
    };
    expect(await operationOf(jsonLine({ attr }))).toMatchObject({
      queryHash: null,
      planCacheShapeHash: 'AB',
      queryShapeHash: 'CD',
      collscan: false,
    });
  });

  it.each([
    ['a driver asking who is primary', { ns: 'test.$cmd', command: { hello: 1 } }, 'internal'],
    ['an oplog that is tailed', { ns: 'local.oplog.rs', command: { find: 'oplog.rs', filter: { ts: 1 } } }, 'internal'],
    ['a heartbeat', { ns: 'admin.$cmd', command: { replSetHeartbeat: 'rs0' } }, 'internal'],
    ['the profile being read', { ns: 'shop.system.profile', command: { find: 'system.profile' } }, 'internal'],
    ['a command around statements', { ns: 'shop.$cmd', command: { update: 'orders', ordered: true } }, 'outer'],
    ['the same on a mongos', { ns: 'shop.$cmd', command: { update: 'orders', ordered: true }, nShards: 2 }, null],
    ['buckets of time series', { ns: 'shop.system.buckets.t', command: { find: 'system.buckets.t' } }, null],
  ])('set apart what is not an application’s: %s', async (_, attr, reason) => {
    expect((await operationOf(jsonLine({ attr }))).setApart).toBe(reason);
  });

  it('tell cut commands from cut locks', async () => {
    const cut = { command: { filter: { a: { $in: { '17': { type: 'string', size: 20 } } } } } };
    expect(await operationOf(jsonLine({ extra: { truncated: cut } }))).toMatchObject({
      truncated: true,
      shape: '{ filter: { a: ? } } …',
    });
    expect(await operationOf(jsonLine({ extra: { truncated: { locks: {} } } }))).toMatchObject({ truncated: false });
  });
});

describe('what cannot be read', () => {
  it('is counted by kind and shown with its place, and nothing else is lost', async () => {
    const good = jsonLine();
    const path = fileOf([
      good,
      good.slice(0, 200),
      'some output of a container',
      jsonLine({ attr: { durationMillis: undefined } }),
      '{"level":"info","message":"another program"}',
      '',
      '\u0000\u0000\u001b[31mred',
      `${good.slice(0, -1)}},`,
      good.replace('{"find"', '{find'),
      jsonLine({ id: 22943 }).replace('Slow query', 'Connection accepted'),
      `${good}\r`,
    ]);
    const report = await runLogReport([path]);
    expect(report.log).toMatchObject({ lines: 11, slowOperations: 2, unreadable: 7 });
    expect(report.log?.unreadableByKind).toEqual([
      { kind: 'broken-json', count: 3 },
      { kind: 'incomplete-operation', count: 1 },
      { kind: 'unknown-format', count: 3 },
    ]);
    expect(report.log?.unreadableLines.map(({ line, kind }) => [line, kind])).toEqual([
      [2, 'broken-json'],
      [3, 'unknown-format'],
      [4, 'incomplete-operation'],
      [5, 'unknown-format'],
      [7, 'unknown-format'],
      [8, 'broken-json'],
      [9, 'broken-json'],
    ]);
    expect(report.log?.unreadableLines[4]?.text).toBe('\ufffd\ufffd\ufffd[31mred');
    expect(report.notes).toEqual([
      '7 lines could not be read (broken-json 3, incomplete-operation 1, unknown-format 3).',
    ]);
  });

  it('keeps only the first of thousands', async () => {
    const { tally } = await operationsOf(fileOf(Array.from({ length: 5000 }, () => 'nonsense')));
    expect(tally.kept).toHaveLength(10);
    expect(tally.unreadable.get('unknown-format')).toBe(5000);
  });

  it('does not end the reading where gzip is damaged or breaks off', async () => {
    const packed = gzipSync(
      `${Array.from({ length: 20_000 }, (_, at) => jsonLine({ attr: { durationMillis: at, x: Math.random() } })).join('\n')}\n`,
    );
    for (const bytes of [
      packed.subarray(0, packed.length / 2),
      Buffer.concat([packed.subarray(0, packed.length - 2000), Buffer.alloc(2000, 7)]),
    ]) {
      const report = await runLogReport([fileOf(bytes, 'mongod.log.gz')]);
      expect(report.operations).toBeGreaterThan(1000);
      expect(report.log?.files[0]?.problem).toMatch(/^Damaged gzip after line \d+\.$/);
    }
  });

  it('survives lines across pieces, a missing end and stack traces of text logs', async () => {
    const long = jsonLine({ attr: { command: { find: 'orders', filter: { a: 'x'.repeat(3_000_000) } } } });
    const { operations, tally } = await operationsOf(
      fileOf(Buffer.from(`\ufeff${long}\n${jsonLine()}\n${jsonLine()}`)),
    );
    expect(operations).toHaveLength(3);
    expect(tally.kept).toEqual([]);
    const trace = fileOf([
      '2019-01-01T00:00:00.000Z F CONTROL  [conn1] Got signal: 11 (Segmentation fault).',
      ' 0x55d 0x55e',
      '----- BEGIN BACKTRACE -----',
      ' mongod(_ZN5mongo+0x41) [0x55]',
      '-----  END BACKTRACE  -----',
    ]);
    expect((await operationsOf(trace)).tally.kept).toEqual([]);
  });
});

describe('several files', () => {
  const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

  it('are merged by time over rotated files of several members', async () => {
    const folder = temporaryFolder('logs');
    const write = (name: string, seconds: number[], gzip = false): void => {
      const text = `${seconds.map((second) => jsonLine({ time: at(second), attr: { durationMillis: second } })).join('\n')}\n`;
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), gzip ? gzipSync(text) : text);
    };
    write('a/mongod.log', [20, 24, 28]);
    write('a/mongod.log.1.gz', [10, 14, 18], true);
    write('b/mongod.log', [11, 15, 19, 21, 25, 29]);
    write('b/old.gz', [1, 2], true);
    writeFileSync(join(folder, 'b', 'notes.txt'), 'no log\n');
    writeFileSync(join(folder, 'b', 'empty.log'), '');
    const report = await runLogReport([folder, join(folder, 'a', 'mongod.log')]);
    expect(report.operations).toBe(14);
    expect(report.log?.files).toHaveLength(4);
    expect(report.log?.ignoredFiles).toHaveLength(2);
    const { operations } = await operationsOf(...(report.log?.files ?? []).map(({ path }) => path));
    const seconds = operations.map(({ durationMs }) => durationMs);
    expect(seconds).toEqual([1, 2, 10, 11, 14, 15, 18, 19, 20, 21, 24, 25, 28, 29]);
  });

  it('that are not there, and folders without a log, are named', async () => {
    await expect(runLogReport(['/no/such/file'])).rejects.toMatchObject({ error: { code: 'not-found' } });
    await expect(runLogReport([temporaryFolder('logs')])).rejects.toMatchObject({ error: { code: 'usage' } });
  });

  it('are reported for a period and a database', async () => {
    const lines = [1, 2, 3, 4].map((second) =>
      jsonLine({ time: at(second), attr: { ns: second === 3 ? 'other.c' : 'shop.orders' } }),
    );
    const path = fileOf(lines);
    const report = await runLogReport([path], { since: Date.parse(at(2)), until: Date.parse(at(4)), database: 'shop' });
    expect(report).toMatchObject({ operations: 2, from: at(2), to: at(4) });
    const none = await runLogReport([path], { since: Date.parse(at(100)) });
    expect(none).toMatchObject({ operations: 0, from: null, to: null, shapes: [] });
    expect(none.notes).toEqual(['None of the 4 slow operations lies in the period and database asked for.']);
  });

  it('tell of write commands whose statements were all quick', async () => {
    const outer = jsonLine({
      attr: { ns: 'shop.$cmd', command: { update: 'orders', ordered: true }, durationMillis: 900 },
    });
    const report = await runLogReport([fileOf([outer])]);
    expect(report.shapes).toEqual([]);
    expect(report.notes).toEqual([
      '1 update command on shop.orders held no statement slow enough to be recorded: the 1 command took 900 ms together.',
    ]);
  });
});
