/** What happened to a deployment: put together, narrowed and worded. Pure. */
import type { HealthEvent, HealthEventKind } from '../../../../shared/health';
import type { State } from '../../../components/state-mark';

function keyOf({ at, kind, host, set, text }: HealthEvent): string {
  return [at, kind, host ?? '', set ?? '', text].join('\n');
}

/** All of both, each once, oldest first. */
export function mergeEvents(left: readonly HealthEvent[], right: readonly HealthEvent[]): HealthEvent[] {
  const merged = new Map([...left, ...right].map((event) => [keyOf(event), event]));
  return [...merged.values()].sort((a, b) => a.at - b.at);
}

export const eventGroups = {
  elections: ['election', 'no-primary'],
  states: ['state-changed', 'stopped-answering', 'answers-again'],
  sources: ['sync-source-changed'],
  restarts: ['restarted'],
  reconfigurations: ['reconfigured', 'member-added', 'member-removed'],
  alerts: ['alert-fired', 'alert-cleared'],
  sampling: ['sampling-started', 'sampling-stopped'],
} as const satisfies Record<string, readonly HealthEventKind[]>;
export type EventGroup = keyof typeof eventGroups;

export const eventGroupWords: Readonly<Record<EventGroup, string>> = {
  elections: 'Elections',
  states: 'States of members',
  sources: 'Sync sources',
  restarts: 'Restarts',
  reconfigurations: 'Reconfigurations',
  alerts: 'Alerts',
  sampling: 'Watching',
};

export const eventWords: Readonly<Record<HealthEventKind, { state: State; word: string }>> = {
  'state-changed': { state: 'waiting', word: 'State' },
  'stopped-answering': { state: 'bad', word: 'Silent' },
  'answers-again': { state: 'good', word: 'Back' },
  restarted: { state: 'warning', word: 'Restart' },
  election: { state: 'waiting', word: 'Election' },
  'no-primary': { state: 'bad', word: 'No primary' },
  'member-added': { state: 'waiting', word: 'Joined' },
  'member-removed': { state: 'waiting', word: 'Left' },
  reconfigured: { state: 'waiting', word: 'Reconfigured' },
  'sync-source-changed': { state: 'waiting', word: 'Source' },
  'sampling-started': { state: 'unknown', word: 'Watch began' },
  'sampling-stopped': { state: 'unknown', word: 'Watch ended' },
  'alert-fired': { state: 'warning', word: 'Alert' },
  'alert-cleared': { state: 'good', word: 'Alert over' },
};

export interface EventNarrowing {
  /** Milliseconds since 1970. */
  from: number;
  group: EventGroup | null;
  /** With those of the whole set. */
  host: string | null;
}

export function narrowEvents(events: readonly HealthEvent[], { from, group, host }: EventNarrowing): HealthEvent[] {
  const kinds: readonly HealthEventKind[] | null = group === null ? null : eventGroups[group];
  return events.filter(
    (event) =>
      event.at >= from &&
      (kinds === null || kinds.includes(event.kind)) &&
      (host === null || event.host === null || event.host === host),
  );
}

export interface Since {
  at: number;
  /** It may have begun earlier: nobody looked. */
  atLeast: boolean;
}

const changing: ReadonlySet<HealthEventKind> = new Set([
  'state-changed',
  'stopped-answering',
  'answers-again',
  'restarted',
  'election',
  'member-added',
]);

/** Since when a member is what it is now; null where nothing says so. `events` oldest first. */
export function stateSince(host: string, events: readonly HealthEvent[]): Since | null {
  for (let index = events.length - 1; index >= 0; index--) {
    const event = events[index];
    if (!event) continue;
    if (event.kind === 'sampling-started') return { at: event.at, atLeast: true };
    if (event.host === host && changing.has(event.kind)) return { at: event.at, atLeast: false };
  }
  return null;
}
