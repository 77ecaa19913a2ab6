/** What fires, what is silenced, by which rules; of all deployments, kept true by events. */
import { useMemo } from 'react';
import { create } from 'zustand';
import { api, asAppError, subscribe } from '../api';
import type { Incident, Silence } from '../../shared/alerts';
import type { IncidentLists, RuleEntry } from '../../shared/incidents';
import type { AppError } from '../../shared/result';

interface AlertsState {
  lists: IncidentLists | null;
  silences: Silence[] | null;
  rules: RuleEntry[] | null;
  error: AppError | null;
  /** Grows with every change, for what is asked of one incident alone. */
  turn: number;
  load: () => Promise<void>;
}

/** Changes may come faster than answers: one more reading follows the one that is under way. */
let reading: Promise<void> | null = null;
let again = false;

export const useAlerts = create<AlertsState>((set) => ({
  lists: null,
  silences: null,
  rules: null,
  error: null,
  turn: 0,
  load: () => {
    if (reading) {
      again = true;
      return reading;
    }
    const read = async () => {
      try {
        do {
          again = false;
          const [lists, silences, rules] = await Promise.all([
            api('alerts.incidents'),
            api('alerts.silences'),
            api('alerts.rules'),
          ]);
          set(({ turn }) => ({ lists, silences, rules, error: null, turn: turn + 1 }));
        } while (again);
      } catch (thrown) {
        set({ error: asAppError(thrown) });
      } finally {
        reading = null;
      }
    };
    reading = read();
    return reading;
  },
}));

/** A sample brings newer values of what is open already; what opens and closes is told by `alerts.changed`. */
function applyValues(incidents: readonly Incident[]): void {
  const { lists } = useAlerts.getState();
  if (!lists || incidents.length === 0) return;
  const newer = new Map(incidents.map((incident) => [incident.id, incident]));
  let changed = false;
  const open = lists.open.map((incident) => {
    const { value, text } = newer.get(incident.id) ?? incident;
    if (value === incident.value && text === incident.text) return incident;
    changed = true;
    return { ...incident, value, text };
  });
  if (changed) useAlerts.setState({ lists: { ...lists, open } });
}

/** Open ones that nobody took on and nobody silenced, gravest first; what only follows from another one is told with that. */
export function useWaitingIncidents(): Incident[] {
  const open = useAlerts((state) => state.lists?.open);
  return useMemo(() => (open ?? []).filter(isWaiting), [open]);
}

export function isWaiting({ acknowledged, silenced, followsFrom, toldSeverity }: Incident): boolean {
  const isToldWithOther = followsFrom !== undefined && toldSeverity === null;
  return acknowledged === null && !silenced && !isToldWithOther;
}

export function subscribeToAlerts(): () => void {
  const stops = [
    subscribe('alerts.changed', () => void useAlerts.getState().load()),
    subscribe('health.changed', ({ incidents }) => applyValues(incidents)),
  ];
  return () => stops.forEach((stop) => stop());
}
