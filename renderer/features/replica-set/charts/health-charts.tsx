import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useAction } from '../../../api';
import { chartEventKinds, kindsOf, type ChartEventKind } from '../../../components/chart/chart-events';
import { exportCharts, type ChartFormat, type ChartSource } from '../../../components/chart/chart-export';
import { useLiveSamples } from '../../../components/chart/use-series';
import { ErrorPanel } from '../../../components/error-panel';
import { useStoredState } from '../../../components/use-stored-state';
import { useConnections } from '../../../state/connections';
import { chartDefinitions } from './chart-definitions';
import { CursorReadout, EventLegend } from './event-legend';
import { HealthChart } from './health-chart';
import { RangeBar } from './range-bar';
import { StateTimeline } from './state-timeline';
import { useChartEvents } from './use-chart-events';
import { useTimeChoice } from './use-time-choice';
import styles from './charts.module.css';

const shownAtFirst = chartEventKinds.filter((kind) => kind !== 'sampling' && kind !== 'sources');
/** All charts of a month are read in far less. */
const longestWaitMs = 15_000;

interface HealthChartsProps {
  connectionId: string;
  /** The members to show, by the names their set calls them; null: all ever seen. */
  hosts: readonly string[] | null;
}

/** Everything that is known of a deployment's members over time: one time axis, one cursor. */
export function HealthCharts({ connectionId, hosts: given }: HealthChartsProps) {
  // The same array while it names the same members, whatever the page hands in.
  const hostsKey = given === null ? null : given.join('\n');
  const hosts = useMemo(() => (hostsKey === null ? null : hostsKey.split('\n')), [hostsKey]);
  const live = useLiveSamples(connectionId, true);
  const time = useTimeChoice(live);
  const name =
    useConnections(({ connections }) => connections?.find(({ id }) => id === connectionId)?.name) ?? 'Charts';
  const { health, marks } = useChartEvents(connectionId, hosts, time.time, time.turn);
  const [shown, setShown] = useStoredState<ChartEventKind[]>('health-chart-events', () => shownAtFirst);
  const visible = useMemo(() => marks.filter(({ kind }) => shown.includes(kind)), [marks, shown]);
  const sources = useRef(new Map<string, () => ChartSource>());
  const register = useCallback((id: string, source: (() => ChartSource) | null) => {
    if (source) sources.current.set(id, source);
    else sources.current.delete(id);
  }, []);
  const [drawAll, setDrawAll] = useState(false);
  const { range } = time.frame;
  const latestRange = useRef(range);
  const latestKinds = useRef(kindsOf(visible));
  useEffect(() => {
    latestRange.current = range;
    latestKinds.current = kindsOf(visible);
  });
  const writing = useAction(async (format: ChartFormat, ids: readonly string[] | null) => {
    const wanted = ids ?? chartDefinitions.map(({ id }) => id);
    const collect = () => wanted.flatMap((id) => sources.current.get(id)?.() ?? []);
    try {
      if (ids === null) setDrawAll(true);
      await untilReady(collect);
      const ready = collect();
      const [first] = ready;
      const heading = ready.length === 1 && first ? `${name} ${first.title}` : name;
      await exportCharts(format, { heading, range: latestRange.current, kinds: latestKinds.current }, ready);
    } finally {
      setDrawAll(false);
    }
  });
  const onExport = writing.run;
  const exportOne = useCallback(
    (format: ChartFormat, ids: readonly string[]) => void onExport(format, ids),
    [onExport],
  );
  return (
    <div className={styles.charts}>
      <div className={styles.toolbar}>
        <RangeBar time={time}>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button
                ml="auto"
                variant="default"
                size="compact-xs"
                loading={writing.busy}
                leftSection={<IconDownload size={14} aria-hidden />}
              >
                Export all
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => void onExport('png', null)}>Picture (PNG)…</Menu.Item>
              <Menu.Item onClick={() => void onExport('csv', null)}>Numbers (CSV)…</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </RangeBar>
        <CursorReadout events={visible} frame={time.frame} />
      </div>
      <EventLegend events={marks} frame={time.frame} shown={shown} onShown={setShown} />
      {writing.error ? <ErrorPanel error={writing.error} /> : null}
      <StateTimeline
        connectionId={connectionId}
        hosts={hosts}
        time={time}
        live={live}
        health={health}
        marks={visible}
      />
      <div className={styles.grid}>
        {chartDefinitions.map((definition) => (
          <HealthChart
            key={definition.id}
            definition={definition}
            connectionId={connectionId}
            hosts={hosts}
            time={time}
            live={live}
            marks={visible}
            wanted={drawAll}
            register={register}
            onExport={exportOne}
          />
        ))}
      </div>
    </div>
  );
}

/** Waits for charts that were out of sight to be read and drawn. */
async function untilReady(collect: () => ChartSource[]): Promise<void> {
  const end = performance.now() + longestWaitMs;
  const isReady = ({ series, section }: ChartSource) => series !== null && section.querySelector('.recharts-surface');
  for (;;) {
    await new Promise((resolve) => window.setTimeout(resolve, 50));
    if (collect().every(isReady)) break;
    if (performance.now() > end) throw new Error('The history of these charts could not be read in time.');
  }
  await new Promise((resolve) => requestAnimationFrame(resolve));
}
