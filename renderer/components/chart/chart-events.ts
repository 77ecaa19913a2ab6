/** What happened, as charts mark it. Pure. */
import type { HealthEvent, HealthEventKind } from '../../../shared/health';

export const chartEventKinds = [
  'elections',
  'restarts',
  'states',
  'sources',
  'changes',
  'backups',
  'alerts',
  'sampling',
] as const;
export type ChartEventKind = (typeof chartEventKinds)[number];

export interface ChartEvent {
  /** Milliseconds since 1970. */
  at: number;
  /** When it was over; null for what is a moment. */
  until: number | null;
  kind: ChartEventKind;
  /** The member it is about; null for the whole set or deployment. */
  host: string | null;
  text: string;
}

export const chartEventWords: Readonly<Record<ChartEventKind, string>> = {
  elections: 'Elections',
  restarts: 'Restarts',
  states: 'States of members',
  sources: 'Sync sources',
  changes: 'Reconfigurations',
  backups: 'Backups',
  alerts: 'Alerts',
  sampling: 'Watching',
};

const kindOf: Readonly<Record<HealthEventKind, ChartEventKind>> = {
  election: 'elections',
  'no-primary': 'elections',
  restarted: 'restarts',
  'state-changed': 'states',
  'stopped-answering': 'states',
  'answers-again': 'states',
  'sync-source-changed': 'sources',
  'member-added': 'changes',
  'member-removed': 'changes',
  reconfigured: 'changes',
  'alert-fired': 'alerts',
  'alert-cleared': 'alerts',
  'sampling-started': 'sampling',
  'sampling-stopped': 'sampling',
};

/** Events of health as marks. */
export function healthMarks(events: readonly HealthEvent[]): ChartEvent[] {
  return events.map(({ at, kind, host, text }) => ({ at, until: null, kind: kindOf[kind], host, text }));
}

/** Which kinds there are among events, in the order of the legend. */
export function kindsOf(events: readonly ChartEvent[]): ChartEventKind[] {
  const found = new Set(events.map(({ kind }) => kind));
  return chartEventKinds.filter((kind) => found.has(kind));
}

/** Signs of ten by ten pixels around a place. */
export function eventSign(kind: ChartEventKind, x: number, y: number): string {
  switch (kind) {
    case 'elections':
      // A star, as the primary has.
      return `M${x},${y - 5}L${x + 1.5},${y - 1.5}L${x + 5},${y - 1.2}L${x + 2.2},${y + 1.2}L${x + 3.2},${y + 5}L${x},${y + 2.8}L${x - 3.2},${y + 5}L${x - 2.2},${y + 1.2}L${x - 5},${y - 1.2}L${x - 1.5},${y - 1.5}Z`;
    case 'restarts':
      // Two arrows, one after the other.
      return `M${x - 5},${y - 4}L${x},${y}L${x - 5},${y + 4}ZM${x},${y - 4}L${x + 5},${y}L${x},${y + 4}Z`;
    case 'states':
      return `M${x - 4},${y}A4 4 0 1 1 ${x + 4},${y}A4 4 0 1 1 ${x - 4},${y}Z`;
    case 'sources':
      // An arrow from one to another.
      return `M${x - 5},${y - 1}H${x + 1}V${y - 4}L${x + 5},${y}L${x + 1},${y + 4}V${y + 1}H${x - 5}Z`;
    case 'changes':
      return `M${x - 5},${y - 4}H${x + 5}V${y - 2}H${x - 5}ZM${x - 5},${y - 1}H${x + 5}V${y + 1}H${x - 5}ZM${x - 5},${y + 2}H${x + 5}V${y + 4}H${x - 5}Z`;
    case 'backups':
      // Down into a tray.
      return `M${x - 1},${y - 5}H${x + 1}V${y - 1}H${x + 4}L${x},${y + 3}L${x - 4},${y - 1}H${x - 1}ZM${x - 5},${y + 3.5}H${x + 5}V${y + 5}H${x - 5}Z`;
    case 'alerts':
      return `M${x},${y - 5}L${x + 5},${y + 4}H${x - 5}Z`;
    case 'sampling':
      return `M${x},${y - 5}L${x + 5},${y}L${x},${y + 5}L${x - 5},${y}Z`;
  }
}

/** Those near a time, the nearest first. */
export function eventsNear(events: readonly ChartEvent[], time: number, within: number): ChartEvent[] {
  const distance = ({ at, until }: ChartEvent): number =>
    until !== null && time >= at && time <= until ? 0 : Math.min(Math.abs(at - time), Math.abs((until ?? at) - time));
  return events.filter((event) => distance(event) <= within).sort((a, b) => distance(a) - distance(b));
}
