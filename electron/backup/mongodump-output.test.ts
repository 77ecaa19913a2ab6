import { describe, expect, it } from 'vitest';
import { emptyReport, explainDumpFailure, noteDumpLine, parseDumpLine } from './mongodump-output';

describe('what mongodump says', () => {
  it.each([
    [
      '2026-11-21T01:13:49.417+0000\tdone dumping shop.orders (1000 documents)',
      { kind: 'done', namespace: 'shop.orders', documents: 1000 },
    ],
    [
      '2026-11-21T01:13:49.202+0000\tdone dumping shop.quo"te\'s (1 document)',
      { kind: 'done', namespace: 'shop.quo"te\'s', documents: 1 },
    ],
    [
      '2026-11-21T01:13:49.202+0000\tdone dumping shop.odd (3 documents) (7 documents)',
      { kind: 'done', namespace: 'shop.odd (3 documents)', documents: 7 },
    ],
    [
      '2026-11-21T01:13:48.901+0000\twriting shop.big orders to archive on stdout',
      { kind: 'writing', namespace: 'shop.big orders' },
    ],
    ['2026-11-21T01:13:49.584+0000\t\tdumped 1 oplog entry', { kind: 'oplog', entries: 1 }],
    ['2026-11-21T01:13:49.584+0000\t\tdumped 12 oplog entries', { kind: 'oplog', entries: 12 }],
    [
      '2026-11-21T01:13:50.727+0000\tnamespace with DB shop and collection nope does not exist',
      { kind: 'missing', namespace: 'shop.nope' },
    ],
    [
      '2026-11-21T01:13:50.514+0000\tFailed: bad option: --db is required when --excludeCollection is specified',
      { kind: 'failed', message: 'bad option: --db is required when --excludeCollection is specified' },
    ],
    ['2026-11-21T01:13:50.514+0000\t[####....................]  shop.orders  101/600  (16.8%)', { kind: 'progress' }],
    [
      '2026-11-21T01:13:49.572+0000\twriting captured oplog to ',
      { kind: 'other', message: 'writing captured oplog to' },
    ],
  ])('%s', (line, expected) => {
    expect(parseDumpLine(line)).toEqual(expected);
  });

  it('adds up to a report of counts and of what is missing', () => {
    const report = emptyReport();
    for (const line of [
      '2026-11-21T01:13:49.417+0000\tdone dumping shop.orders (1000 documents)',
      '2026-11-21T01:13:49.584+0000\t\tdumped 3 oplog entries',
      '2026-11-21T01:13:50.727+0000\tnamespace with DB shop and collection nope does not exist',
      '2026-11-21T01:13:50.727+0000\tFailed: error writing data for collection `shop.orders` to disk: EOF',
    ]) {
      noteDumpLine(report, parseDumpLine(line));
    }
    expect(report.documents.get('shop.orders')).toBe(1000);
    expect(report.oplogEntries).toBe(3);
    expect(report.missing).toEqual(['shop.nope']);
    expect(report.failures).toHaveLength(1);
  });

  it('explains a failure by what the user can do', () => {
    expect(explainDumpFailure(['error reading collection: connection() error: EOF'], 'exit code 1').message).toMatch(
      /server went away/i,
    );
    expect(explainDumpFailure(['not authorized on shop to execute command'], 'exit code 1').hint).toMatch(/role/);
    expect(explainDumpFailure([], 'signal SIGKILL').message).toContain('SIGKILL');
  });
});
