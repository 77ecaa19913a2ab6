/** States of members over time as bars: from the history, and from events where its steps are too coarse. Pure. */
import { healthStates, type HealthEvent, type HealthState } from '../../../../shared/health';
import type { HistoryLine } from '../../../../shared/health-history';
import type { TimeRange } from '../../../components/chart/time-view';

/** 'SEVERAL': more than one within a step of the history. */
export type ShownState = HealthState | 'SEVERAL';

export interface StateSpan extends TimeRange {
  state: ShownState;
}

function stateOf(line: HistoryLine, index: number): ShownState {
  const least = line.min[index] ?? null;
  const greatest = line.max[index] ?? null;
  // Asked, and no answer.
  if (least === null || greatest === null) return 'DOWN';
  return least === greatest ? (healthStates[least] ?? 'UNKNOWN') : 'SEVERAL';
}

const longestGapSteps = 2;

/** Bars of the stretches in one state; where nobody asked there is none. `stepMs`: between two points of the line. */
export function stateSpans(line: HistoryLine, stepMs: number, range: TimeRange): StateSpan[] {
  const spans: StateSpan[] = [];
  line.at.forEach((at, index) => {
    const state = stateOf(line, index);
    const last = spans.at(-1);
    const next = line.at[index + 1];
    // What was seen holds until it is looked at again, unless that takes too long.
    const to = next !== undefined && next - at <= longestGapSteps * stepMs ? next : at + stepMs;
    if (last?.state === state && last.to === at) last.to = to;
    else spans.push({ from: at, to, state });
  });
  return spans
    .map(({ from, to, state }) => ({ from: Math.max(from, range.from), to: Math.min(to, range.to), state }))
    .filter(({ from, to }) => to > from);
}

/** When a member did not answer, by events: minutes that a step of hours does not show. An outage that goes on ends with the range. */
export function outages(events: readonly HealthEvent[], host: string, range: TimeRange): TimeRange[] {
  const found: TimeRange[] = [];
  let since: number | null = null;
  for (const { at, kind, host: its } of events) {
    if (kind === 'sampling-started' || kind === 'sampling-stopped') {
      // Nobody looked any more: what is not known is not drawn.
      if (since !== null) found.push({ from: since, to: at });
      since = null;
    }
    if (its !== host) continue;
    if (kind === 'stopped-answering') since ??= at;
    if (kind === 'answers-again' && since !== null) {
      found.push({ from: since, to: at });
      since = null;
    }
  }
  if (since !== null) found.push({ from: since, to: range.to });
  return found
    .map(({ from, to }) => ({ from: Math.max(from, range.from), to: Math.min(to, range.to) }))
    .filter(({ from, to }) => to > from);
}

export type StateGrade = 'primary' | 'well' | 'passing' | 'bad' | 'mixed';

/** How a state is to be seen: by height, pattern and letter as well as by colour. */
export function gradeOf(state: ShownState): StateGrade {
  switch (state) {
    case 'PRIMARY':
    case 'STANDALONE':
    case 'MONGOS':
      return 'primary';
    case 'SECONDARY':
    case 'ARBITER':
      return 'well';
    case 'STARTUP':
    case 'STARTUP2':
    case 'RECOVERING':
      return 'passing';
    case 'FATAL':
    case 'UNKNOWN':
    case 'DOWN':
    case 'ROLLBACK':
    case 'REMOVED':
      return 'bad';
    case 'SEVERAL':
      return 'mixed';
  }
}

export function stateAt(spans: readonly StateSpan[], time: number): ShownState | null {
  return spans.find(({ from, to }) => time >= from && time < to)?.state ?? null;
}

export function stateWord(state: ShownState | null): string {
  if (state === null) return 'not sampled';
  return state === 'SEVERAL' ? 'several states' : state;
}
