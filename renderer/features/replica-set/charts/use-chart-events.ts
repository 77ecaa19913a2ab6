import { useEffect, useMemo, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { CatalogueEntry } from '../../../../shared/backups';
import type { HealthEvent } from '../../../../shared/health';
import type { Job } from '../../../../shared/jobs';
import { api, subscribe } from '../../../api';
import type { ChartEvent } from '../../../components/chart/chart-events';
import type { SeriesTime } from '../../../components/chart/time-frame';
import { useCatalogue } from '../../../state/catalogue';
import { useJobs } from '../../../state/jobs';
import { mergeEvents } from '../events/event-list';
import { backupEvents, chartEventsOf } from './event-marks';

const none: readonly HealthEvent[] = [];
const noEntries: readonly CatalogueEntry[] = [];

/** Events of the health of a deployment in a time, also those that happen meanwhile; oldest first. Failing to read them is quiet. */
function useHealthEventsOf(connectionId: string, time: SeriesTime, turn: number): readonly HealthEvent[] {
  const [state, setState] = useState<{ connectionId: string; read: readonly HealthEvent[] }>({
    connectionId,
    read: [],
  });
  const { from, to } = time;
  useEffect(() => {
    let current = true;
    api('health.events', { connectionId, from, to }).then(
      (read) => {
        if (current) setState({ connectionId, read });
      },
      // The charts tell that the history cannot be read.
      () => undefined,
    );
    const stop = subscribe('health.events', ({ connectionId: told, events }) => {
      if (told !== connectionId) return;
      setState((before) => ({ connectionId, read: mergeEvents(before.read, events) }));
    });
    return () => {
      current = false;
      stop();
    };
  }, [connectionId, from, to, turn]);
  return state.connectionId === connectionId ? state.read : none;
}

/** What happened to a deployment, backups included; `hosts`: what is about other members alone is left out. */
export function useChartEvents(
  connectionId: string,
  hosts: readonly string[] | null,
  time: SeriesTime,
  turn: number,
): { health: readonly HealthEvent[]; marks: readonly ChartEvent[] } {
  const health = useHealthEventsOf(connectionId, time, turn);
  const entries = useCatalogue((state) => state.entries) ?? noEntries;
  // Jobs change with every step of their progress: only those that failed matter here.
  const failed = useJobs(useShallow(({ jobs }) => failedBackups(jobs, connectionId)));
  const marks = useMemo(
    () => chartEventsOf(health, backupEvents(connectionId, entries, failed), hosts),
    [health, entries, failed, hosts, connectionId],
  );
  return { health, marks };
}

function failedBackups(jobs: Readonly<Record<string, Job>>, connectionId: string): Job[] {
  return Object.values(jobs).filter(
    ({ kind, connectionId: its, status }) => kind === 'backup' && its === connectionId && status === 'failed',
  );
}
