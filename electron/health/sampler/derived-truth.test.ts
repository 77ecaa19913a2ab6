import { Long, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isWorthAsking, lagSeconds, seenWaitingMs, withMark, type PrimaryMark } from './lag';
import { parseReading, type Reading } from './member-reading';
import { oplogWindowOf } from './oplog-window';
import { deriveRates, latencyQuantile, secondsBetween } from './rates';
import type { OplogPlace } from './server-values';

const place = (wallMs: number, increment = 1): OplogPlace => ({
  seconds: Math.floor(wallMs / 1000),
  increment,
  wallMs,
});
const mark = (at: number, wallMs: number): PrimaryMark => ({ at, applied: place(wallMs) });

describe('lag', () => {
  it('is nothing for a member that has all the primary has, and for one that was asked a moment later', () => {
    const primary = mark(50_000, 40_000);
    expect(lagSeconds({ behind: place(40_000), primary, earlier: [], firstMissing: null })).toBe(0);
    expect(lagSeconds({ behind: place(41_000), primary, earlier: [], firstMissing: null })).toBe(0);
  });

  it('is not the ten seconds between two no-ops of an idle primary', () => {
    const primary = mark(50_000, 50_000);
    const behind = place(40_000);
    expect(isWorthAsking(behind, primary.applied)).toBe(true);
    const asked = lagSeconds({ behind, primary, earlier: [], firstMissing: { wallMs: 49_996, nowMs: 50_000 } });
    expect(asked).toBeCloseTo(0.004);
    // Without the right to read the oplog: not longer than since the last sample, in which it lacked nothing.
    const unasked = lagSeconds({ behind, primary, earlier: [mark(45_000, 40_000)], firstMissing: null });
    expect(unasked).toBe(5);
  });

  it('grows while the first missing write waits, also when the primary is idle after it', () => {
    const behind = place(10_000);
    const primary = mark(70_000, 12_000);
    expect(lagSeconds({ behind, primary, earlier: [], firstMissing: { wallMs: 12_000, nowMs: 70_000 } })).toBe(58);
  });

  it('is found although two writes within a second of each other are all that differs', () => {
    const behind = place(40_900);
    const primary = mark(50_000, 41_300);
    const earlier = [mark(41_000, 40_900), mark(45_000, 41_300)];
    expect(isWorthAsking(behind, primary.applied)).toBe(false);
    expect(isWorthAsking(behind, primary.applied, seenWaitingMs({ behind, primary, earlier }))).toBe(true);
    expect(lagSeconds({ behind, primary, earlier, firstMissing: null })).toBe(5);
    const level = [mark(45_000, 40_900)];
    expect(seenWaitingMs({ behind, primary, earlier: level })).toBe(0);
  });

  it('is the difference of the optimes when nothing better is known', () => {
    expect(lagSeconds({ behind: place(10_000), primary: mark(50_000, 45_000), earlier: [], firstMissing: null })).toBe(
      35,
    );
  });

  it('remembers ten minutes of marks at most', () => {
    const marks = [mark(0, 0), mark(500_000, 1)].reduce<PrimaryMark[]>((all, next) => withMark(all, next), []);
    expect(withMark(marks, mark(700_000, 2)).map(({ at }) => at)).toEqual([500_000, 700_000]);
  });
});

const status = (parts: object) => ({ pid: Long.fromNumber(7), uptimeMillis: Long.fromNumber(1000), ...parts });
function read(serverStatus: object | null, more: object = {}): Reading {
  return parseReading({
    at: 0,
    roundTripMs: 1,
    hello: {},
    serverStatus,
    replicaSetStatus: null,
    problem: null,
    ...more,
  });
}

describe('rates', () => {
  const before = read(status({ opcounters: { insert: 10 }, network: { bytesIn: Long.fromNumber(5000) } }));

  it('come from two readings of one process, by its own clock', () => {
    const after = read(status({ uptimeMillis: 3000, opcounters: { insert: 30 }, network: { bytesIn: 9000 } }));
    expect(deriveRates(before, after)).toMatchObject({
      insertsPerSecond: 10,
      networkInBytesPerSecond: 2000,
      queriesPerSecond: null,
    });
  });

  it('are a gap across a restart, never below zero', () => {
    const otherProcess = read(status({ pid: 8, uptimeMillis: 5000, opcounters: { insert: 3000 } }));
    const sameIdAfterRestart = read(status({ uptimeMillis: 900, opcounters: { insert: 12 } }));
    expect(deriveRates(before, otherProcess)).toEqual({});
    expect(deriveRates(before, sameIdAfterRestart)).toEqual({});
    expect(secondsBetween(null, before)).toBeNull();
    const fell = read(status({ uptimeMillis: 3000, opcounters: { insert: 1 } }));
    expect(deriveRates(before, fell).insertsPerSecond).toBeNull();
  });

  it('tell hit ratio, mean and quantile of latencies, and lock time of what happened in between', () => {
    const cache = (requested: number, readIn: number) => ({
      cache: { 'pages requested from the cache': requested, 'pages read into cache': readIn },
    });
    const latencies = (ops: number, micros: number, slow: number) => ({
      reads: {
        ops,
        latency: micros,
        histogram: [
          { micros: 1024, count: ops - slow },
          { micros: 524_288, count: slow },
        ],
      },
      writes: { ops: 0, latency: 0, histogram: [] },
    });
    const locks = (micros: number) => ({ Global: { timeAcquiringMicros: { r: micros } } });
    const old = read(status({ wiredTiger: cache(1000, 900), opLatencies: latencies(10, 100_000, 0), locks: locks(0) }));
    const now = read(
      status({
        uptimeMillis: 11_000,
        wiredTiger: cache(2000, 950),
        opLatencies: latencies(30, 200_000, 4),
        locks: locks(5e6),
      }),
    );
    const rates = deriveRates(old, now);
    expect(rates.cacheHitPercent).toBeCloseTo(95);
    expect(rates.readLatencyMs).toBe(5);
    expect(rates.writeLatencyMs).toBeNull();
    expect(rates.p95LatencyMs).toBeGreaterThan(524);
    expect(rates.lockWaitPercent).toBeCloseTo(50);
    expect(latencyQuantile(new Map([[1, 5]]), new Map([[1, 5]]), 0.95)).toBeNull();
  });
});

describe('an answer', () => {
  it('tells used tickets where 4.4 and where 8.0 has them', () => {
    const old = read(
      status({ wiredTiger: { concurrentTransactions: { read: { out: 32, available: 96, totalTickets: 128 } } } }),
    );
    const recent = read(status({ queues: { execution: { read: { out: 8, available: 24, totalTickets: 32 } } } }));
    expect(old.gauges?.readTicketsUsedPercent).toBe(25);
    expect(recent.gauges?.readTicketsUsedPercent).toBe(25);
    expect(old.gauges?.writeTicketsUsedPercent).toBeNull();
  });

  it('of one who may see nothing but hello still has members, state and optime', () => {
    const ts = new Timestamp({ t: 1000, i: 3 });
    const hello = {
      setName: 'rs0',
      hosts: ['a:1', 'b:1'],
      arbiters: ['c:1'],
      primary: 'a:1',
      secondary: true,
      lastWrite: { opTime: { ts, t: 1 } },
    };
    const reading = read(null, { hello });
    expect(reading.state).toBe('SECONDARY');
    expect(reading.seen.map(({ host, state }) => [host, state])).toEqual([
      ['a:1', 'PRIMARY'],
      ['b:1', 'UNKNOWN'],
      ['c:1', 'ARBITER'],
    ]);
    expect(reading.applied).toEqual({ seconds: 1000, increment: 3, wallMs: 1_000_000 });
    expect(reading.counters).toBeNull();
  });

  it('made of rubbish is an unknown member, not a crash', () => {
    for (const rubbish of [null, 7, [], { members: [null, 3, {}] }, { optimes: 'x', locks: [1] }])
      expect(
        parseReading({
          at: 0,
          roundTripMs: 0,
          hello: rubbish,
          serverStatus: rubbish,
          replicaSetStatus: rubbish,
          problem: null,
        }).seen,
      ).toEqual([]);
  });
});

describe('the oplog window', () => {
  it('of an oplog that is not full is told as it will be, not as the few minutes since the set was made', () => {
    const young = oplogWindowOf({ firstSeconds: 0, lastSeconds: 3600, bytes: 1e6, maxBytes: 1e9 });
    expect(young).toEqual({ windowHours: 1, bytesPerHour: 1e6, reachHours: 1000 });
    const full = oplogWindowOf({ firstSeconds: 0, lastSeconds: 3600, bytes: 0.95e9, maxBytes: 1e9 });
    expect(full.reachHours).toBe(1);
    expect(oplogWindowOf({ firstSeconds: 0, lastSeconds: 10, bytes: 1e6, maxBytes: 1e9 }).reachHours).toBeNull();
  });
});
