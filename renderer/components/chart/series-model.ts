/** Series of the history as lines of a chart: gaps, bands, values at a time, and what came since. Pure. */
import type { DeploymentSample, MemberSample, MetricName, Metrics } from '../../../shared/health';
import type { HistoryLine, HistorySeries } from '../../../shared/health-history';
import type { TimeRange } from './time-view';

/** Wider than this many steps, and nobody asked in between. */
export const gapSteps = 2;

/** Stretches of a line without a gap, and with a low and a peak in every point: indexes, both inclusive. */
export function bandRuns({ at, min, max }: HistoryLine, stepMs: number, range: TimeRange): [number, number][] {
  const runs: [number, number][] = [];
  at.forEach((time, index) => {
    if (time < range.from || time > range.to || (min[index] ?? null) === null || (max[index] ?? null) === null) return;
    const run = runs.at(-1);
    if (run && run[1] === index - 1 && time - (at[index - 1] ?? 0) <= gapSteps * stepMs) run[1] = index;
    else runs.push([index, index]);
  });
  return runs;
}

/** Stretches of a range in which nobody asked, its ends included: a month of which only today is known is mostly one. */
export function gapsOf(at: readonly number[], stepMs: number, range: TimeRange): TimeRange[] {
  const gaps: TimeRange[] = [];
  let before = range.from - stepMs;
  const seen = at.filter((time) => time >= range.from && time <= range.to);
  for (const time of [...seen, range.to + stepMs]) {
    if (time - before > gapSteps * stepMs)
      gaps.push({ from: Math.max(range.from, before + stepMs), to: Math.min(range.to, time) });
    before = time;
  }
  return gaps;
}

/** What two ranges share; null where that is nothing. */
export function sharedRange(left: TimeRange, right: TimeRange): TimeRange | null {
  const from = Math.max(left.from, right.from);
  const to = Math.min(left.to, right.to);
  return to > from ? { from, to } : null;
}

/** Whether lows and peaks differ from the mean anywhere: whether there is a band to draw. */
export function hasBand(line: HistoryLine): boolean {
  return line.max.some((greatest, index) => greatest !== line.min[index]);
}

export function highestOf(lines: readonly HistoryLine[], range: TimeRange): number | null {
  let highest: number | null = null;
  for (const { at, max } of lines)
    max.forEach((value, index) => {
      const time = at[index] ?? 0;
      if (value !== null && time >= range.from && time <= range.to) highest = Math.max(highest ?? value, value);
    });
  return highest;
}

/** The index of the time nearest to another; null where there is none. `at` ascends. */
export function nearestIndex(at: readonly number[], time: number): number | null {
  if (at.length === 0) return null;
  let low = 0;
  let high = at.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  const after = at[low] ?? 0;
  const before = at[low - 1];
  return before !== undefined && time - before <= after - time ? low - 1 : low;
}

export type Reading =
  | { kind: 'value'; at: number; mean: number; min: number; max: number }
  /** The member was asked and did not say. */
  | { kind: 'unknown'; at: number }
  | { kind: 'not sampled' };

/** What a line says of a time, at most one step away from it. */
export function readingAt(line: HistoryLine, time: number, stepMs: number): Reading {
  const index = nearestIndex(line.at, time);
  const at = index === null ? undefined : line.at[index];
  if (index === null || at === undefined || Math.abs(at - time) > stepMs) return { kind: 'not sampled' };
  const mean = line.mean[index] ?? null;
  if (mean === null) return { kind: 'unknown', at };
  return { kind: 'value', at, mean, min: line.min[index] ?? mean, max: line.max[index] ?? mean };
}

/** The time near another at which something was sampled; the very time where nothing was. */
export function snapTime(lines: readonly HistoryLine[], time: number, stepMs: number): number {
  let best = time;
  let distance = stepMs;
  for (const { at } of lines) {
    const index = nearestIndex(at, time);
    const found = index === null ? undefined : at[index];
    if (found !== undefined && Math.abs(found - time) < distance) {
      best = found;
      distance = Math.abs(found - time);
    }
  }
  return best;
}

/** The newest time of any line; null where there is none. */
export function newestTime(lines: readonly HistoryLine[]): number | null {
  return lines.reduce<number | null>((newest, { at }) => {
    const last = at.at(-1);
    return last === undefined ? newest : Math.max(newest ?? last, last);
  }, null);
}

interface Bucket {
  at: number;
  values: number[];
}

function bucketsOf(samples: readonly { at: number; value: number | null }[], from: number, stepMs: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { at, value } of samples) {
    const begin = from + Math.floor((at - from) / stepMs) * stepMs;
    const last = buckets.at(-1);
    const bucket = last?.at === begin ? last : { at: begin, values: [] };
    if (bucket !== last) buckets.push(bucket);
    if (value !== null) bucket.values.push(value);
  }
  return buckets;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function extendLine(
  line: HistoryLine,
  samples: readonly { at: number; value: number | null }[],
  series: HistorySeries,
) {
  const last = line.at.at(-1) ?? -Infinity;
  const buckets = bucketsOf(samples, series.from, series.stepMs).filter(({ at }) => at >= last && at >= series.from);
  if (buckets.length === 0) return line;
  const longer: HistoryLine = {
    ...line,
    at: [...line.at],
    min: [...line.min],
    max: [...line.max],
    mean: [...line.mean],
  };
  for (const { at, values } of buckets) {
    const index = at === last ? longer.at.length - 1 : longer.at.length;
    const known = [longer.min[index] ?? null, longer.max[index] ?? null, ...values].filter((value) => value !== null);
    longer.at[index] = at;
    longer.min[index] = known.length === 0 ? null : Math.min(...known);
    longer.max[index] = known.length === 0 ? null : Math.max(...known);
    // The mean of a step that the history has begun stays its own until it is asked again.
    longer.mean[index] = longer.mean[index] ?? (values.length === 0 ? null : mean(values));
  }
  return longer;
}

interface MemberSamples {
  set: string | null;
  samples: { at: number; metrics: Metrics }[];
}

// All charts of a page follow the same samples: they are sorted by member once for all of them.
const sortedSamples = new WeakMap<readonly DeploymentSample[], ReadonlyMap<string, MemberSamples>>();

function byMember(samples: readonly DeploymentSample[]): ReadonlyMap<string, MemberSamples> {
  const known = sortedSamples.get(samples);
  if (known) return known;
  const members = new Map<string, MemberSamples>();
  const add = (at: number, set: string | null, { host, metrics }: MemberSample) => {
    const member = members.get(host) ?? { set, samples: [] };
    member.set = set;
    member.samples.push({ at, metrics });
    members.set(host, member);
  };
  for (const { at, sets, singles } of samples) {
    for (const { name, members: its } of sets) for (const member of its) add(at, name, member);
    for (const member of singles) add(at, null, member);
  }
  sortedSamples.set(samples, members);
  return members;
}

/** What came since a line ends, its last step included. */
function samplesSince(line: HistoryLine, { samples }: MemberSamples): { at: number; value: number | null }[] {
  const last = line.at.at(-1) ?? -Infinity;
  let first = samples.length;
  while (first > 0 && (samples[first - 1]?.at ?? 0) >= last) first -= 1;
  return samples.slice(first).map(({ at, metrics }) => ({ at, value: metrics[line.metric] }));
}

/**
 * The series with the samples that came since it was read, in the same steps. Members that the history does not know yet get
 * lines of their own. `hosts` null: all. Lines that nothing came of stay the same objects.
 */
export function withSamples(
  series: HistorySeries,
  samples: readonly DeploymentSample[],
  metrics: readonly MetricName[],
  hosts: readonly string[] | null,
): HistorySeries {
  if (samples.length === 0) return series;
  const known = new Set(series.series.map(({ host }) => host));
  const fresh = byMember(samples);
  const added = [...fresh]
    .filter(([host]) => !known.has(host) && (hosts === null || hosts.includes(host)))
    .flatMap(([host, { set }]) => metrics.map((metric) => ({ host, set, metric, at: [], min: [], max: [], mean: [] })));
  const lines = [...series.series, ...added].map((line) => {
    const its = fresh.get(line.host);
    return its === undefined ? line : extendLine(line, samplesSince(line, its), series);
  });
  return { ...series, series: lines };
}
