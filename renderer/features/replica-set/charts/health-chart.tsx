import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { memo, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { MetricName } from '../../../../shared/health';
import type { ChartEvent } from '../../../components/chart/chart-events';
import type { ChartFormat, ChartSource } from '../../../components/chart/chart-export';
import { ExportMenu } from '../../../components/chart/export-menu';
import { LazyMenu } from '../../../components/chart/lazy-menu';
import { TimeChartPanel } from '../../../components/chart/time-chart-panel';
import { useStyledLines } from '../../../components/chart/use-styled-lines';
import { useSeries, type LiveSamples } from '../../../components/chart/use-series';
import { metricWords } from '../../../components/metric-text';
import { unitOf, type ChartDefinition } from './chart-definitions';
import { useNearness } from './use-nearness';
import type { ChartTime } from './use-time-choice';

const height = 168;

interface HealthChartProps {
  definition: ChartDefinition;
  connectionId: string;
  hosts: readonly string[] | null;
  time: ChartTime;
  live: LiveSamples;
  marks: readonly ChartEvent[];
  /** Drawn wherever it is: for a picture of all. */
  wanted: boolean;
  register: (id: string, source: (() => ChartSource) | null) => void;
  onExport: (format: ChartFormat, ids: readonly string[]) => void;
}

interface ChartContentProps extends Omit<HealthChartProps, 'wanted'> {
  frame: RefObject<HTMLDivElement | null>;
  near: boolean;
}

/** One chart of the page; read, drawn and kept up with the samples only while it is in sight or near it. */
export function HealthChart({ wanted, ...props }: HealthChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const near = useNearness(frame) || wanted;
  return (
    <div ref={frame}>
      <ChartContent {...props} frame={frame} near={near} />
    </div>
  );
}

function isUnchanged(before: ChartContentProps, after: ChartContentProps): boolean {
  if (!before.near && !after.near) return true;
  const names = Object.keys(after) as (keyof ChartContentProps)[];
  return names.every((name) => before[name] === after[name]);
}

const ChartContent = memo(function ChartContent(props: ChartContentProps) {
  const { definition, connectionId, hosts, time, live, marks, frame, near, register, onExport } = props;
  const [chosen, setChosen] = useState<readonly MetricName[] | null>(null);
  const isOne = hosts?.length === 1;
  const shownAtFirst = isOne ? definition.ofOne : definition.ofSeveral;
  const shown = chosen ?? shownAtFirst;
  const { series, stepMs, isStale, error, reload } = useSeries({
    connectionId,
    hosts,
    // Whoever has chosen once will choose again: then all of the chart are at hand.
    metrics: chosen === null ? shownAtFirst : definition.metrics,
    time: time.time,
    turn: time.turn,
    enabled: near,
    live,
  });
  const lines = useStyledLines(connectionId, series, definition.metrics, shown, time.frame.range);
  const source = useMemo(
    () =>
      (section: HTMLElement): ChartSource => ({
        title: definition.title,
        section,
        series: series && lines && !isStale ? { ...series, series: lines.map(({ line }) => line) } : null,
        legend: (lines ?? []).map(({ style, member, metric }) => ({ style, label: `${member} ${metric}` })),
      }),
    [definition.title, series, lines, isStale],
  );
  useEffect(() => {
    register(definition.id, () => source(frame.current ?? document.body));
    return () => register(definition.id, null);
  }, [definition.id, register, source, frame]);
  return (
    <TimeChartPanel
      title={definition.title}
      level={2}
      unit={unitOf(definition)}
      frame={time.frame}
      lines={lines}
      known={series}
      isStale={isStale}
      stepMs={stepMs}
      error={error}
      onRetry={reload}
      height={height}
      threshold={null}
      interval={null}
      events={marks}
      drawn={near}
      actions={
        <>
          {definition.metrics.length > 1 ? (
            <MetricMenu definition={definition} shown={shown} onShown={setChosen} />
          ) : null}
          <ExportMenu title={definition.title} onExport={(format) => onExport(format, [definition.id])} />
        </>
      }
    />
  );
}, isUnchanged);

interface MetricMenuProps {
  definition: ChartDefinition;
  shown: readonly MetricName[];
  onShown: (shown: readonly MetricName[]) => void;
}

function MetricMenu({ definition, shown, onShown }: MetricMenuProps) {
  const only = shown.length === 1 ? shown[0] : undefined;
  const text =
    only && metricWords[only] !== definition.title
      ? metricWords[only]
      : `${shown.length} of ${definition.metrics.length}`;
  return (
    <LazyMenu
      position="bottom-start"
      closeOnItemClick={false}
      target={(props) => (
        <Button
          {...props}
          variant="subtle"
          color="gray"
          size="compact-xs"
          rightSection={<IconChevronDown size={12} aria-hidden />}
          aria-label={`Shown in ${definition.title.toLowerCase()}: ${text}`}
        >
          {text}
        </Button>
      )}
    >
      {definition.metrics.map((metric) => {
        const isShown = shown.includes(metric);
        return (
          <Menu.Item
            key={metric}
            role="menuitemcheckbox"
            aria-checked={isShown}
            disabled={isShown && shown.length === 1}
            leftSection={<span aria-hidden>{isShown ? '✓' : '\u2003'}</span>}
            onClick={() =>
              onShown(definition.metrics.filter((one) => (one === metric ? !isShown : shown.includes(one))))
            }
          >
            {metricWords[metric]}
          </Menu.Item>
        );
      })}
    </LazyMenu>
  );
}
