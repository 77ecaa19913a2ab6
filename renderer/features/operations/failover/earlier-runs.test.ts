import { describe, expect, it } from 'vitest';
import type { FailoverReport, OperationOutcome } from '../../../../shared/operations';
import { earlierRuns, median } from './earlier-runs';

const failover: FailoverReport = {
  formerPrimary: 'a:27017',
  newPrimary: 'b:27017',
  electionMs: 500,
  writeOutageMs: 700,
  readOutageMs: 600,
  writeOutageFromMs: 0,
  readOutageFromMs: 0,
  allHealthyMs: 2000,
  writesAcknowledged: 10,
  writesFailed: 0,
  writesLost: 0,
  reads: 10,
  readsFailed: 0,
  errors: [],
  withRetries: {
    writesAcknowledged: 4100,
    writesFailed: 0,
    reads: 8000,
    readsFailed: 0,
    longestWriteMs: 1500,
    longestReadMs: 950,
    errors: [],
  },
  events: [],
  limitMs: 30_000,
  passed: true,
};

function run(id: string, startedAt: number, patch: Partial<OperationOutcome> = {}): OperationOutcome {
  return {
    id,
    connectionId: 'demo',
    connectionName: 'Demo',
    set: 'rs0',
    kind: 'failover-test',
    title: 'Failover test of rs0',
    startedAt,
    finishedAt: startedAt + 5000,
    user: 'ada',
    origin: 'window',
    status: 'succeeded',
    text: '',
    steps: [],
    error: null,
    failover,
    ...patch,
  };
}

describe('earlier failover tests', () => {
  it('are those of the same set that came before, newest first', () => {
    const now = run('now', 300);
    const others = [run('first', 100), now, run('second', 200), run('later', 400), run('other', 150, { set: 'rs1' })];
    expect(earlierRuns(now, others).map(({ id }) => id)).toEqual(['second', 'first']);
  });

  it('are none of those that measured nothing', () => {
    expect(earlierRuns(run('now', 300), [run('cancelled', 100, { failover: null, status: 'cancelled' })])).toEqual([]);
  });
});

it('takes the middle of what is known', () => {
  expect(median([3, null, 1, 2])).toBe(2);
  expect(median([4, 1])).toBe(2.5);
  expect(median([null])).toBeNull();
});
