import { describe, expect, it } from 'vitest';
import { failoverFaults, failoverTimeline, formatOutage } from './failover-timeline';
import { passedFailover as passed } from './test-support/samples';

describe('the course of a failover test', () => {
  it('draws each lane without gaps over the whole axis', () => {
    const { fromMs, toMs, lanes } = failoverTimeline(passed);
    expect(lanes.map(({ name }) => name)).toEqual(['Primary', 'Writes', 'Reads', 'Members']);
    for (const { parts } of lanes) {
      expect(parts[0]?.fromMs).toBe(fromMs);
      expect(parts[parts.length - 1]?.toMs).toBe(toMs);
      parts.slice(1).forEach((part, position) => expect(part.fromMs).toBe(parts[position]?.toMs));
    }
  });

  it('shows an outage where it was and for as long as it lasted', () => {
    const [, writes] = failoverTimeline(passed).lanes;
    expect(writes?.parts[1]).toEqual({ fromMs: -12, toMs: 1438, kind: 'bad', text: 'none' });
    expect(writes?.value).toBe('1.45 s without');
  });

  it('leaves what did not come back open to the end', () => {
    const { lanes, toMs } = failoverTimeline({ ...passed, newPrimary: null, electionMs: null, allHealthyMs: null });
    expect(lanes[0]?.parts.map(({ kind }) => kind)).toEqual(['good', 'bad']);
    expect(lanes[0]?.parts[1]?.toMs).toBe(toMs);
    expect(lanes[3]?.value).toBe('not all healthy');
  });

  it('has no bad part where nothing was interrupted', () => {
    const [, , reads] = failoverTimeline({ ...passed, readOutageMs: 0, readOutageFromMs: null }).lanes;
    expect(reads?.parts.map(({ kind }) => kind)).toEqual(['good']);
    expect(reads?.value).toBe('always');
  });

  it('marks the step-down and round times on its axis', () => {
    const { ticks, fromMs, toMs } = failoverTimeline(passed);
    expect(ticks).toContain(0);
    expect(ticks).toContain(4000);
    expect(ticks.every((tick) => tick >= fromMs && tick <= toMs)).toBe(true);
    expect(ticks.length).toBeLessThan(11);
  });
});

describe('a failover test that did not pass', () => {
  it('says why', () => {
    expect(
      failoverFaults({ ...passed, passed: false, writeOutageMs: 31_000, readOutageMs: 30_000, writesLost: 2 }),
    ).toEqual([
      'No write was acknowledged for 31.0 s; 30.0 s are allowed.',
      'No read was answered for 30.0 s; 30.0 s are allowed.',
      '2 acknowledged writes were lost.',
    ]);
  });

  it('has nothing to say of one that did', () => {
    expect(failoverFaults(passed)).toEqual([]);
  });
});

it('writes outages with three digits', () => {
  expect([0, 840, 9990, 12_350].map(formatOutage)).toEqual(['0.00 s', '0.84 s', '9.99 s', '12.3 s']);
});
