/** What happened to the deployment that is looked at, followed as it happens, and how its pages are looked at. */
import { useEffect } from 'react';
import { create } from 'zustand';
import type { HealthEvent } from '../../../shared/health';
import type { AppError } from '../../../shared/result';
import { api, asAppError, subscribe } from '../../api';
import { mergeEvents } from './events/event-list';

/** How far back events are listed, in milliseconds. */
export const eventSpans = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  year: 366 * 86_400_000,
} as const;
export type EventSpan = keyof typeof eventSpans;

/** Read at first: states are told since when, as far back as this. */
const firstSpan: EventSpan = 'month';

export const setTabs = ['charts', 'members', 'events', 'operations'] as const;
export type SetTab = (typeof setTabs)[number];

interface ReplicaSetState {
  /** Whose events the rest is. */
  connectionId: string | null;
  /** Oldest first; null until they are known. */
  events: HealthEvent[] | null;
  /** From when on `events` are complete. */
  eventsFrom: number;
  eventsLoading: boolean;
  eventsError: AppError | null;
  span: EventSpan;
  tab: SetTab;
  memberTab: SetTab;
  loadEvents: (connectionId: string, span: EventSpan) => Promise<void>;
  /** Lists events as far back as this, reading them where they are not known yet. */
  showSpan: (span: EventSpan) => void;
}

const nothingKnown = { events: null, eventsFrom: Infinity, eventsLoading: false, eventsError: null };

/** The history gives so many at once, the newest ones. */
const mostEvents = 1000;

export const useReplicaSet = create<ReplicaSetState>((set, get) => ({
  connectionId: null,
  ...nothingKnown,
  span: 'day',
  tab: 'charts',
  memberTab: 'members',

  loadEvents: async (connectionId, span) => {
    const to = Date.now();
    const from = to - eventSpans[span];
    set({ eventsLoading: true });
    try {
      // Beyond the moment of asking: what happens meanwhile comes by subscription.
      const found = await api('health.events', { connectionId, from, to: to + 60_000 });
      if (get().connectionId !== connectionId) return;
      const [oldest] = found;
      const completeFrom = oldest && found.length >= mostEvents ? oldest.at : from;
      set(({ events, eventsFrom }) => ({
        events: mergeEvents(found, events ?? []),
        eventsFrom: Math.min(completeFrom, eventsFrom),
        eventsLoading: false,
        eventsError: null,
      }));
    } catch (thrown) {
      if (get().connectionId === connectionId) set({ eventsLoading: false, eventsError: asAppError(thrown) });
    }
  },

  showSpan: (span) => {
    set({ span });
    const { connectionId, eventsFrom, loadEvents } = get();
    const isRead = eventsFrom <= Date.now() - eventSpans[span] + 60_000;
    if (connectionId !== null && !isRead) void loadEvents(connectionId, span);
  },
}));

/** Follows what happens to a deployment while a page that shows it is open. */
export function useFollowedEvents(connectionId: string): void {
  useEffect(() => {
    const { connectionId: before, loadEvents, span } = useReplicaSet.getState();
    if (before !== connectionId) useReplicaSet.setState({ connectionId, ...nothingKnown });
    const stop = subscribe('health.events', ({ connectionId: told, events }) =>
      useReplicaSet.setState((state) =>
        told === state.connectionId ? { events: mergeEvents(state.events ?? [], events) } : {},
      ),
    );
    void loadEvents(connectionId, span === 'year' ? span : firstSpan);
    return stop;
  }, [connectionId]);
}

const noEvents: readonly HealthEvent[] = [];

/** Oldest first; none until they are known. */
export function useEventsOf(connectionId: string): readonly HealthEvent[] {
  return useReplicaSet((state) => (state.connectionId === connectionId ? state.events : null)) ?? noEvents;
}
