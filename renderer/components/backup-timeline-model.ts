/** Where backups stand on a time axis, and when a source was covered by its recovery point objective. Pure. */
import { categoryObjectives, type CatalogueEntry } from '../../shared/backups';

export type DotKind = 'verified' | 'unverified' | 'warning' | 'failed';

export interface TimelineDot {
  entry: CatalogueEntry;
  kind: DotKind;
  /** 0 (begin) to 1 (now). */
  at: number;
}

/** Dots too close to be told apart, drawn as one. */
export interface DotGroup {
  /** Oldest first, at least one. */
  dots: readonly TimelineDot[];
  /** The worst of them. */
  kind: DotKind;
  at: number;
}

export interface TimelineLane {
  source: string;
  dots: TimelineDot[];
  /** Parts of the axis where a good backup was younger than its objective. */
  covered: { from: number; to: number }[];
}

export interface Timeline {
  begin: Date;
  end: Date;
  lanes: TimelineLane[];
}

export function dotKind(entry: CatalogueEntry): DotKind {
  if (entry.status !== 'complete' && entry.status !== 'complete-with-warnings') return 'failed';
  if (entry.status === 'complete-with-warnings') return 'warning';
  if (entry.verification === null) return 'unverified';
  return entry.verification.ok ? 'verified' : 'failed';
}

const worstFirst: readonly DotKind[] = ['failed', 'warning', 'unverified', 'verified'];

/**
 * Joins dots that would stand less than `apart` pixels from each other on an axis `width` pixels wide, so that each mark
 * can be hit by itself; what is joined lies within `apart`, however many follow each other. `dots` are in order of time.
 */
export function groupDots(dots: readonly TimelineDot[], width: number, apart: number): DotGroup[] {
  const groups: TimelineDot[][] = [];
  // From now on backwards: a mark stands at its newest dot, and the newest backup of all matters most.
  for (const dot of [...dots].reverse()) {
    const [group] = groups;
    const newest = group?.[group.length - 1];
    if (group && newest && (newest.at - dot.at) * width < apart) group.unshift(dot);
    else groups.unshift([dot]);
  }
  return groups.map((group) => ({
    dots: group,
    kind: worstFirst.find((kind) => group.some((dot) => dot.kind === kind)) ?? 'verified',
    at: group[group.length - 1]?.at ?? 0,
  }));
}

const hour = 3600_000;
const spans = [6, 24, 3 * 24, 7 * 24, 14 * 24, 31 * 24, 92 * 24, 366 * 24].map((hours) => hours * hour);

/** The shortest usual span that holds the oldest of the entries; a year at most. */
export function spanOf(entries: readonly CatalogueEntry[], now: Date): number {
  const oldest = Math.min(now.getTime(), ...entries.map((entry) => timeOf(entry) ?? now.getTime()));
  const needed = now.getTime() - oldest;
  return spans.find((span) => span >= needed) ?? spans[spans.length - 1] ?? hour;
}

function timeOf(entry: CatalogueEntry): number | null {
  const text = entry.completedAt ?? entry.createdAt;
  const time = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

/** Lanes are in order of their newest backup. */
export function buildTimeline(entries: readonly CatalogueEntry[], now: Date): Timeline {
  const span = spanOf(entries, now);
  const end = now.getTime();
  const begin = end - span;
  const place = (time: number) => Math.min(1, Math.max(0, (time - begin) / span));
  const bySource = new Map<string, CatalogueEntry[]>();
  for (const entry of entries) {
    const time = timeOf(entry);
    if (time === null || time < begin || entry.temporary || entry.type === 'undo') continue;
    const source = entry.sourceName ?? 'unknown source';
    bySource.set(source, [...(bySource.get(source) ?? []), entry]);
  }
  const lanes = [...bySource].map(([source, list]): TimelineLane => {
    const sorted = [...list].sort((left, right) => (timeOf(left) ?? 0) - (timeOf(right) ?? 0));
    const dots = sorted.map((entry) => ({ entry, kind: dotKind(entry), at: place(timeOf(entry) ?? begin) }));
    const covered: { from: number; to: number }[] = [];
    for (const { entry, kind } of dots) {
      const time = timeOf(entry);
      if (kind === 'failed' || kind === 'unverified' || time === null) continue;
      const until = time + categoryObjectives[entry.category ?? 'operational'].rpoMinutes * 60_000;
      const last = covered[covered.length - 1];
      const from = place(time);
      const to = place(until);
      if (last && last.to >= from) last.to = Math.max(last.to, to);
      else covered.push({ from, to });
    }
    return { source, dots, covered };
  });
  const newest = (lane: TimelineLane) => lane.dots[lane.dots.length - 1]?.at ?? 0;
  lanes.sort((left, right) => newest(right) - newest(left));
  return { begin: new Date(begin), end: now, lanes };
}
