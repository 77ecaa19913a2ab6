import { useCallback, useEffect, useMemo, useState } from 'react';
import { createCursor, seriesTime, type SeriesTime, type TimeFrame } from '../../../components/chart/time-frame';
import type { LiveSamples } from '../../../components/chart/use-series';
import type { TimeRange } from '../../../components/chart/time-view';
import { useStoredState } from '../../../components/use-stored-state';
import { defaultSpanMs, limitsAt, rangeOf, spans, type TimeChoice } from './time-choice';

/** Without samples time goes on all the same, and the gap grows. */
const clockMs = 5000;
/** The samples that come are drawn at once; the history is asked again this often. */
const leastTurnMs = 60_000;
const longestTurnMs = 300_000;

export interface ChartTime {
  choice: TimeChoice;
  frame: TimeFrame;
  /** What to ask the history for, and again with every new turn. */
  time: SeriesTime;
  turn: number;
  now: number;
  showSpan: (spanMs: number) => void;
  show: (range: TimeRange) => void;
  goLive: () => void;
}

/** The time axis of a page: kept for the next visit as long as it is live. */
export function useTimeChoice(live: LiveSamples): ChartTime {
  const [storedSpan, storeSpan] = useStoredState<number>('health-span', () => defaultSpanMs);
  const spanMs = spans.some(({ ms }) => ms === storedSpan) ? storedSpan : defaultSpanMs;
  const [fixed, setFixed] = useState<TimeRange | null>(null);
  const [clock, setClock] = useState(() => Date.now());
  const [cursor] = useState(createCursor);
  useEffect(() => {
    const timer = window.setInterval(() => setClock(Date.now()), clockMs);
    return () => window.clearInterval(timer);
  }, []);
  const newest = live.samples.at(-1)?.at ?? 0;
  const now = Math.max(clock, newest);
  const choice = useMemo(() => ({ spanMs, fixed }), [spanMs, fixed]);
  // The same objects while the same is in sight: whatever depends on them is not drawn again.
  const moving = rangeOf(choice, now);
  const range = useMemo(() => ({ from: moving.from, to: moving.to }), [moving.from, moving.to]);
  const most = limitsAt(now);
  const limits = useMemo(() => ({ from: most.from, to: most.to }), [most.from, most.to]);

  const showSpan = useCallback(
    (ms: number) => {
      storeSpan(ms);
      setFixed(null);
    },
    [storeSpan],
  );
  const goLive = useCallback(() => setFixed(null), []);
  const frame = useMemo<TimeFrame>(
    () => ({ range, limits, cursor, zoom: setFixed, isZoomed: fixed !== null, reset: goLive }),
    [range, limits, cursor, fixed, goLive],
  );
  const turnMs = Math.min(Math.max(leastTurnMs, (range.to - range.from) / 600), longestTurnMs);
  const turn = Math.floor(now / turnMs);
  // Between two turns the same is asked for: to the end of the turn, which the samples that come fill.
  const ahead = fixed === null ? { from: (turn + 1) * turnMs - spanMs - turnMs, to: (turn + 1) * turnMs } : range;
  const time = useMemo(() => seriesTime({ from: ahead.from, to: ahead.to }), [ahead.from, ahead.to]);
  return { choice, frame, time, turn: fixed === null ? turn : 0, now, showSpan, show: setFixed, goLive };
}
