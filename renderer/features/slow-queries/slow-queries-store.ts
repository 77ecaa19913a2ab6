/** The captures there are, which one is looked at, and how: kept while the window goes to other pages. */
import { useEffect } from 'react';
import { create } from 'zustand';
import type { AppError } from '../../../shared/result';
import type { Capture } from '../../../shared/captures';
import { api, asAppError, subscribe } from '../../api';
import { noNarrowing, type Narrowing, type Period, type TimeSpan } from './capture-filter';
import type { ChartRange } from './chart/chart-view';

export const tabs = ['shapes', 'collscan', 'slowest', 'live', 'compare'] as const;
export type Tab = (typeof tabs)[number];

interface SlowQueriesState {
  /** Newest first; null until they are known. */
  captures: Capture[] | null;
  error: AppError | null;
  captureId: string | null;
  tab: Tab;
  mode: 'dots' | 'heat';
  period: Period;
  narrowing: Narrowing;
  /** What is in sight of the chart; null: all of the period. */
  zoom: TimeSpan | null;
  /** What is selected in the chart. */
  selection: ChartRange | null;
  /** The shape whose page was opened last: the focus comes back to it. */
  openedShape: string | null;
  load: () => Promise<void>;
  choose: (captureId: string) => void;
  narrow: (patch: Partial<Narrowing>) => void;
}

export const useSlowQueries = create<SlowQueriesState>((set, get) => ({
  captures: null,
  error: null,
  captureId: null,
  tab: 'shapes',
  mode: 'dots',
  period: 'all',
  narrowing: noNarrowing,
  zoom: null,
  selection: null,
  openedShape: null,

  load: async () => {
    try {
      const captures = await api('captures.list');
      set({ captures, error: null });
    } catch (thrown) {
      set({ error: asAppError(thrown) });
    }
  },

  choose: (captureId) => {
    if (captureId === get().captureId) return;
    set({ captureId, period: 'all', narrowing: noNarrowing, zoom: null, selection: null });
  },

  narrow: (patch) => set(({ narrowing }) => ({ narrowing: { ...narrowing, ...patch } })),
}));

function applyCapture(capture: Capture): void {
  useSlowQueries.setState(({ captures }) => {
    if (!captures) return {};
    const known = captures.some(({ id }) => id === capture.id);
    return {
      captures: known ? captures.map((one) => (one.id === capture.id ? capture : one)) : [capture, ...captures],
    };
  });
}

/** Reads the captures and keeps them true while a page that shows them is open. */
export function useCaptures(): Capture[] | null {
  useEffect(() => {
    const stops = [
      subscribe('capture.changed', applyCapture),
      subscribe('capture.removed', ({ id }) =>
        useSlowQueries.setState(({ captures, captureId }) => ({
          captures: captures?.filter((capture) => capture.id !== id) ?? null,
          captureId: captureId === id ? null : captureId,
        })),
      ),
    ];
    void useSlowQueries.getState().load();
    return () => stops.forEach((stop) => stop());
  }, []);
  return useSlowQueries((state) => state.captures);
}

/** The chosen capture; the newest of the connection, or the newest of log files, where none is. */
export function useChosenCapture(connectionId: string | null): Capture | null {
  const captures = useSlowQueries((state) => state.captures);
  const captureId = useSlowQueries((state) => state.captureId);
  const chosen = captures?.find(({ id }) => id === captureId);
  const newest = captures?.find((capture) => capture.connectionId === null || capture.connectionId === connectionId);
  return chosen ?? newest ?? null;
}
