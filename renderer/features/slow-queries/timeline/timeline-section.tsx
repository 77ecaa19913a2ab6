import { Button, Group, SegmentedControl } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { formatCount, formatMilliseconds, formatQuantity } from '../../../../shared/format';
import { formatLocal } from '../../../components/dates';
import { ErrorPanel } from '../../../components/error-panel';
import { Section } from '../../../components/page';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import type { ChartRange } from '../chart/chart-view';
import { cellsOf } from '../chart/heat-cells';
import { OperationsChart } from '../chart/operations-chart';
import chartStyles from '../chart/chart.module.css';
import { useSlowQueries } from '../slow-queries-store';
import { SelectionFields } from './selection-fields';
import type { CaptureView } from './use-capture-view';
import styles from './timeline.module.css';

const height = 150;
const clock = (time: number) => formatLocal(new Date(time), true);

/** The day once where both are of it. */
function spanText(from: number, to: number): string {
  const [begin, end] = [clock(from), clock(to)];
  return `${begin} to ${begin.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end}`;
}

/** Every operation by time and duration; what is selected and zoomed to here filters everything below. */
export function TimelineSection({ view }: { view: CaptureView }) {
  const { capture, points, heatMap, limits, range } = view;
  const { mode, selection, zoom } = useSlowQueries();
  const set = useSlowQueries.setState;
  const cells = useMemo(() => (heatMap.data ? cellsOf(heatMap.data) : null), [heatMap.data]);
  const onSelect = useCallback((selected: ChartRange | null) => set({ selection: selected }), [set]);
  const onZoom = useCallback(
    (zoomed: ChartRange) => {
      const isAll = limits !== null && zoomed.from <= limits.from && zoomed.to >= limits.to;
      set({ zoom: isAll ? null : { from: zoomed.from, to: zoomed.to } });
    },
    [set, limits],
  );
  const error = mode === 'dots' ? points.error : heatMap.error;
  const shown = mode === 'dots' ? points.data : heatMap.data;
  const matched = shown?.matched ?? 0;
  const isSample = mode === 'dots' && points.data !== null && points.data.points.length < matched;
  const describePoint = (index: number) => {
    const point = points.data?.points[index];
    const shape = point ? points.data?.shapes[point.shape] : undefined;
    if (!point || !shape) return null;
    return (
      <>
        <p>
          <strong>{formatMilliseconds(point.durationMs)}</strong> at {clock(point.time)}
          {point.collscan ? ' · COLLSCAN' : ''}
        </p>
        <p className="mono wrap-anywhere">
          {shape.ns} {shape.op} {shape.shape.length > 160 ? `${shape.shape.slice(0, 160)}…` : shape.shape}
        </p>
      </>
    );
  };
  return (
    <Section
      title="Operations by time and duration"
      aside={
        <Group gap={16}>
          <Legend mode={mode} largest={heatMap.data?.largest ?? null} />
          <SegmentedControl
            aria-label="Draw as"
            data={[
              { value: 'dots', label: 'Dots' },
              { value: 'heat', label: 'Heat map' },
            ]}
            value={mode}
            onChange={(value) => set({ mode: value === 'heat' ? 'heat' : 'dots' })}
          />
        </Group>
      }
    >
      {error ? <ErrorPanel error={error} onRetry={mode === 'dots' ? points.reload : heatMap.reload} /> : null}
      {!error && !shown ? <Waiting for="Reading the operations" /> : null}
      {shown && range && limits ? (
        <OperationsChart
          points={mode === 'dots' ? (points.data?.points ?? null) : null}
          cells={mode === 'heat' ? cells : null}
          range={range}
          limits={limits}
          selection={selection}
          onSelect={onSelect}
          onZoom={onZoom}
          onOpen={(index) => {
            const shape = points.data?.shapes[points.data.points[index]?.shape ?? -1];
            if (shape) goTo(paths.queryShape(capture.id, shape.id));
          }}
          describePoint={describePoint}
          describeCell={(cell) => (
            <p>
              <strong>{formatQuantity(cell.count, 'operation')}</strong> of {formatMilliseconds(cell.low)} to{' '}
              {formatMilliseconds(cell.high)}, {clock(cell.from)} to {clock(cell.to).slice(11)}
            </p>
          )}
          label={`${formatQuantity(matched, 'operation')} by time and duration.`}
          height={height}
        />
      ) : null}
      <div className={styles.foot}>
        {selection ? (
          <span role="status">
            Selected: {spanText(selection.from, selection.to)}, {formatMilliseconds(selection.low)} to{' '}
            {formatMilliseconds(selection.high)}
          </span>
        ) : (
          <span className="dimmed numbers">
            {range ? spanText(range.from, range.to) : null}
            {isSample
              ? ` · ${formatCount(points.data?.points.length ?? 0)} of ${formatQuantity(matched, 'operation')} drawn, the slowest of them all`
              : null}
            {' · drag to select, Ctrl and the wheel zoom'}
          </span>
        )}
        <Group gap={8} ml="auto">
          {selection ? (
            <>
              <Button
                variant="default"
                size="compact-xs"
                onClick={() => set({ zoom: { from: selection.from, to: selection.to }, selection: null })}
              >
                Zoom to it
              </Button>
              <Button variant="default" size="compact-xs" onClick={() => set({ selection: null })}>
                Clear the selection
              </Button>
            </>
          ) : null}
          {zoom ? (
            <Button variant="default" size="compact-xs" onClick={() => set({ zoom: null })}>
              Show the whole period
            </Button>
          ) : null}
          {range ? <SelectionFields range={range} selection={selection} onSelect={onSelect} /> : null}
        </Group>
      </div>
    </Section>
  );
}

/** `largest`: the operations of the fullest cell; null while that is not known. */
function Legend({ mode, largest }: { mode: 'dots' | 'heat'; largest: number | null }) {
  return (
    <div className={chartStyles.legend}>
      {mode === 'dots' ? (
        <>
          <span>
            <svg width={8} height={8} aria-hidden>
              <circle cx={4} cy={4} r={3} fill="var(--lb-border-strong)" />
            </svg>
            with an index or by _id
          </span>
          <span>
            <svg width={8} height={8} aria-hidden>
              <path d="M1,1L7,7M7,1L1,7" stroke="var(--lb-bad)" strokeWidth={1.5} />
            </svg>
            COLLSCAN
          </span>
        </>
      ) : (
        <span className="numbers">
          {largest === null || largest <= 1 ? (
            'one operation in a cell'
          ) : (
            <>
              1 <span className={chartStyles.ramp} aria-hidden /> {formatQuantity(largest, 'operation')} in a cell
            </>
          )}
        </span>
      )}
    </div>
  );
}
