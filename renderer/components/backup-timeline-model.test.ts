import { describe, expect, it } from 'vitest';
import type { CatalogueEntry } from '../../shared/backups';
import { catalogueEntry } from '../../shared/test-support/samples';
import { buildTimeline, dotKind, groupDots, spanOf } from './backup-timeline-model';

const now = new Date('2026-11-20T12:00:00Z');

const entry = (part: Partial<CatalogueEntry>) =>
  catalogueEntry({ createdAt: '2026-11-20T02:00:00Z', completedAt: '2026-11-20T02:10:00Z', ...part });

describe('the timeline of backups', () => {
  it('chooses the shortest span that holds them all', () => {
    expect(spanOf([], now)).toBe(6 * 3600_000);
    expect(spanOf([entry({})], now)).toBe(24 * 3600_000);
  });

  it('tells verified, unverified, warned and failed apart', () => {
    expect(dotKind(entry({}))).toBe('verified');
    expect(dotKind(entry({ verification: null }))).toBe('unverified');
    expect(dotKind(entry({ status: 'complete-with-warnings' }))).toBe('warning');
    expect(dotKind(entry({ status: 'damaged' }))).toBe('failed');
    expect(dotKind(entry({ status: 'incomplete', verification: null }))).toBe('failed');
  });

  it('shows coverage from a good backup until its objective runs out', () => {
    const user = entry({ category: 'user' });
    const { lanes } = buildTimeline([user], now);
    const [covered] = lanes[0]?.covered ?? [];
    expect(((covered?.to ?? 0) - (covered?.from ?? 0)) * 24).toBeCloseTo(1, 5);
  });

  it('joins overlapping coverage and ignores failed backups', () => {
    const list = [
      entry({ id: 'a' }),
      entry({ id: 'b', completedAt: '2026-11-20T06:00:00Z' }),
      entry({ id: 'c', completedAt: '2026-11-19T13:00:00Z', status: 'damaged' }),
    ];
    const { lanes } = buildTimeline(list, now);
    expect(lanes[0]?.covered).toHaveLength(1);
    expect(lanes[0]?.dots.map(({ kind }) => kind)).toEqual(['failed', 'verified', 'verified']);
  });

  it('leaves out entries without a time and opened files', () => {
    const list = [entry({ createdAt: null, completedAt: null }), entry({ temporary: true })];
    expect(buildTimeline(list, now).lanes).toHaveLength(0);
  });

  it('leaves out the undo of a restore, which protects nothing by itself', () => {
    expect(buildTimeline([entry({ type: 'undo' })], now).lanes).toHaveLength(0);
  });

  it('joins dots that could not be told apart, shown as the worst of them', () => {
    const list = [
      entry({ id: 'a', completedAt: '2026-11-20T02:10:00Z' }),
      entry({ id: 'b', completedAt: '2026-11-20T11:50:00Z', status: 'damaged' }),
      entry({ id: 'c', completedAt: '2026-11-20T11:55:00Z' }),
    ];
    const dots = buildTimeline(list, now).lanes[0]?.dots ?? [];
    const joined = groupDots(dots, 600, 24);
    expect(joined.map((group) => [group.dots.map((dot) => dot.entry.id).join(), group.kind])).toEqual([
      ['a', 'verified'],
      ['b,c', 'failed'],
    ]);
    expect(joined[1]?.at).toBe(dots[2]?.at);
    expect(groupDots(dots, 100_000, 24)).toHaveLength(3);
  });

  it('does not draw a row of backups that follow each other as one', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour);
    const list = hours.map((hour) =>
      entry({
        id: String(hour),
        completedAt: new Date(now.getTime() - hour * 3600_000).toISOString(),
        status: hour === 12 ? 'damaged' : 'complete',
      }),
    );
    const dots = buildTimeline(list, now).lanes[0]?.dots ?? [];
    // An hour is ten pixels wide: three backups lie within what a mark needs.
    const joined = groupDots(dots, 240, 24);
    expect(joined).toHaveLength(8);
    expect(joined.map((group) => group.kind).filter((kind) => kind === 'failed')).toHaveLength(1);
    expect(joined[joined.length - 1]?.kind).toBe('verified');
    const places = joined.map(({ at }) => at * 240);
    expect(places.slice(1).every((place, at) => place - (places[at] ?? 0) >= 24)).toBe(true);
  });
});
