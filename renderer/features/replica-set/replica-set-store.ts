/** How the connection that is looked at is doing, followed as it happens, and what happened to it before. */
import { useEffect } from 'react';
import { create } from 'zustand';
import type { DeploymentHealth } from '../../../shared/deployment-health';
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
  /** Whose health the rest is. */
  connectionId: string | null;
  health: DeploymentHealth | null;
  error: AppError | null;
  /** Oldest first; null until they are known. */
  events: HealthEvent[] | null;
  /** From when on `events` are complete. */
  eventsFrom: number;
  eventsError: AppError | null;
  span: EventSpan;
  tab: SetTab;
  memberTab: SetTab;
  load: (connectionId: string) => Promise<void>;
  loadEvents: (connectionId: string, span: EventSpan) => Promise<void>;
  /** Lists events as far back as this, reading them where they are not known yet. */
  showSpan: (span: EventSpan) => void;
}

const nothingKnown = { health: null, error: null, events: null, eventsFrom: Infinity, eventsError: null };

export const useReplicaSet = create<ReplicaSetState>((set, get) => ({
  connectionId: null,
  ...nothingKnown,
  span: 'day',
  tab: 'charts',
  memberTab: 'members',

  load: async (connectionId) => {
    try {
      applyHealth(await api('health.deployment', { connectionId }));
    } catch (thrown) {
      if (get().connectionId === connectionId) set({ error: asAppError(thrown) });
    }
  },

  loadEvents: async (connectionId, span) => {
    const to = Date.now();
    const from = to - eventSpans[span];
    try {
      // Beyond the moment of asking: what happens meanwhile comes by subscription.
      const found = await api('health.events', { connectionId, from, to: to + 60_000 });
      if (get().connectionId !== connectionId) return;
      set(({ events, eventsFrom }) => ({
        events: mergeEvents(found, events ?? []),
        eventsFrom: Math.min(from, eventsFrom),
        eventsError: null,
      }));
    } catch (thrown) {
      if (get().connectionId === connectionId) set({ eventsError: asAppError(thrown) });
    }
  },

  showSpan: (span) => {
    set({ span });
    const { connectionId, eventsFrom, loadEvents } = get();
    const isRead = eventsFrom <= Date.now() - eventSpans[span] + 60_000;
    if (connectionId !== null && !isRead) void loadEvents(connectionId, span);
  },
}));

/** An answer may come after a newer sample that was told meanwhile. */
function applyHealth(health: DeploymentHealth): void {
  useReplicaSet.setState((state) => {
    if (health.connectionId !== state.connectionId) return {};
    const isOlder = (health.sample?.at ?? 0) < (state.health?.sample?.at ?? 0);
    return isOlder ? {} : { health, error: null };
  });
}

/** Follows the health of a connection while a page that shows it is open. */
export function useDeploymentHealth(connectionId: string): DeploymentHealth | null {
  useEffect(() => {
    const { connectionId: before, load, loadEvents, span } = useReplicaSet.getState();
    const stops = [
      subscribe('health.changed', applyHealth),
      subscribe('health.events', ({ connectionId: told, events }) =>
        useReplicaSet.setState((state) =>
          told === state.connectionId ? { events: mergeEvents(state.events ?? [], events) } : {},
        ),
      ),
    ];
    void load(connectionId);
    void loadEvents(connectionId, span === 'year' ? span : firstSpan);
    return () => stops.forEach((stop) => stop());
  }, [connectionId]);
  return useReplicaSet((state) => (state.connectionId === connectionId ? state.health : null));
}

const noEvents: readonly HealthEvent[] = [];

/** Oldest first; none until they are known. */
export function useHealthEvents(): readonly HealthEvent[] {
  return useReplicaSet((state) => state.events) ?? noEvents;
}
