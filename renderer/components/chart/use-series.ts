import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { membersOf, type DeploymentSample, type MetricName } from '../../../shared/health';
import type { HistorySeries } from '../../../shared/health-history';
import type { AppError } from '../../../shared/result';
import { api, asAppError, subscribe } from '../../api';
import { withSamples } from './series-model';
import { createSeriesRequests } from './series-requests';
import type { SeriesTime } from './time-frame';

/** Samples that came while a page is open, oldest first, and how far apart they are. */
export interface LiveSamples {
  samples: readonly DeploymentSample[];
  intervalMs: number;
}

/** The history is asked again long before as many have come. */
const mostSamples = 1000;
const usualIntervalMs = 5000;
const finestSteps = 2;
const noSamples: readonly DeploymentSample[] = [];
const requestSeries = createSeriesRequests((query) => api('health.series', query));

/** Follows the samples of a deployment. `enabled: false`: none. */
export function useLiveSamples(connectionId: string, enabled: boolean): LiveSamples {
  const [live, setLive] = useState<LiveSamples>({ samples: [], intervalMs: usualIntervalMs });
  useEffect(() => {
    setLive({ samples: [], intervalMs: usualIntervalMs });
    if (!enabled) return;
    return subscribe('health.changed', (health) => {
      const { sample, intervalMs } = health;
      if (health.connectionId !== connectionId || !sample || membersOf(sample).length === 0) return;
      setLive(({ samples }) => {
        // Incidents that change tell the same sample again.
        if (sample.at <= (samples.at(-1)?.at ?? 0)) return { samples, intervalMs };
        return { samples: [...samples.slice(-mostSamples + 1), sample], intervalMs };
      });
    });
  }, [connectionId, enabled]);
  return live;
}

export interface SeriesRequest {
  connectionId: string;
  /** Null: all members ever seen. */
  hosts: readonly string[] | null;
  metrics: readonly MetricName[];
  time: SeriesTime;
  /** Asks again when it changes. */
  turn: number;
  /** False waits; what was read stays. */
  enabled: boolean;
  live: LiveSamples;
}

export interface SeriesState {
  /** The newest answer with the samples since; kept while another time is read. */
  series: HistorySeries | null;
  /** Steps between points, or between samples where those are farther apart: what a gap is measured by. */
  stepMs: number;
  /** Whether `series` is of another time than is asked for: beyond its ends nothing can be said yet. */
  isStale: boolean;
  error: AppError | null;
  reload: () => void;
}

/** Series of the history, kept true by the samples that come. */
export function useSeries({ connectionId, hosts, metrics, time, turn, enabled, live }: SeriesRequest): SeriesState {
  const query = useMemo(
    () => ({ deployment: connectionId, hosts: hosts === null ? null : [...hosts], metrics: [...metrics], ...time }),
    [connectionId, hosts, metrics, time],
  );
  const key = JSON.stringify(query);
  const latest = useRef(query);
  useEffect(() => {
    latest.current = query;
  });
  const [again, setAgain] = useState(0);
  const [answer, setAnswer] = useState<{ key: string; series: HistorySeries } | null>(null);
  const answered = useRef('');
  const [failure, setFailure] = useState<{ key: string; error: AppError } | null>(null);
  useEffect(() => {
    // Coming back into sight is no reason to read the same again.
    const asked = `${key} ${turn} ${again}`;
    if (!enabled || answered.current === asked) return;
    let current = true;
    requestSeries(latest.current).then(
      (series) => {
        if (!current) return;
        answered.current = asked;
        setAnswer({ key, series });
        setFailure(null);
      },
      (thrown: unknown) => {
        if (current) setFailure({ key, error: asAppError(thrown) });
      },
    );
    return () => {
      current = false;
    };
  }, [key, turn, again, enabled]);
  // A step that takes minutes does not change with every sample: the next turn brings it.
  const stepsWithSamples = answer !== null && answer.series.stepMs <= finestSteps * live.intervalMs;
  const samples = enabled && stepsWithSamples ? live.samples : noSamples;
  const series = useMemo(
    () => (answer === null ? null : withSamples(answer.series, samples, metrics, hosts)),
    [answer, samples, metrics, hosts],
  );
  return {
    series,
    stepMs: Math.max(series?.stepMs ?? 0, live.samples.length > 0 ? live.intervalMs : 0, 1),
    isStale: answer !== null && answer.key !== key,
    error: failure?.key === key ? failure.error : null,
    reload: useCallback(() => setAgain((before) => before + 1), []),
  };
}
