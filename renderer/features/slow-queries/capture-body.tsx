import { Button, Tabs } from '@mantine/core';
import { IconFilterOff, IconReportAnalytics } from '@tabler/icons-react';
import { useState } from 'react';
import type { Capture } from '../../../shared/captures';
import type { Connection } from '../../../shared/connections';
import { formatCount } from '../../../shared/format';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { Waiting } from '../../components/waiting';
import { captureSentence } from './captures/capture-words';
import { CompareTab } from './compare/compare-tab';
import { LiveTab } from './live/live-tab';
import { LogNotes } from './log-notes';
import { ReportDialog } from './report-dialog';
import { tabs, useSlowQueries } from './slow-queries-store';
import { CollscanTab } from './tables/collscan-tab';
import { ShapesTab } from './tables/shapes-tab';
import { SlowestTab } from './tables/slowest-tab';
import { useAllShapes } from './tables/use-all-shapes';
import { FilterBar } from './timeline/filter-bar';
import { TimelineSection } from './timeline/timeline-section';
import { useCaptureView, useShownSummary } from './timeline/use-capture-view';
import styles from './slow-queries.module.css';

interface CaptureBodyProps {
  capture: Capture;
  captures: readonly Capture[];
  connection: Connection | null;
}

/** One capture: the timeline, and the tables of what it lets through. */
export function CaptureBody({ capture, captures, connection }: CaptureBodyProps) {
  const tab = useSlowQueries((state) => state.tab);
  const view = useCaptureView(capture);
  const all = useAllShapes(capture, view.filter);
  const shown = useShownSummary(view);
  const [reporting, setReporting] = useState(false);
  const { summary } = view;
  if (!summary.data) {
    if (summary.error) return <ErrorPanel error={summary.error} onRetry={summary.reload} />;
    return <Waiting for="Opening the capture" />;
  }
  const isEmpty = capture.operations === 0;
  const matched = shown.data?.matched ?? null;
  return (
    <>
      {capture.error ? <ErrorPanel error={capture.error} connectionId={capture.connectionId} /> : null}
      <LogNotes summary={summary.data} />
      {isEmpty ? (
        <NothingYet capture={capture} />
      ) : (
        <>
          <FilterBar summary={summary.data} />
          {summary.data.matched.operations > 0 ? <TimelineSection view={view} /> : <NothingMatches capture={capture} />}
        </>
      )}
      <Tabs
        value={tab}
        onChange={(value) => useSlowQueries.setState({ tab: tabs.find((one) => one === value) ?? 'shapes' })}
        className={styles.tabs}
      >
        <div className={styles.tabBar}>
          <Tabs.List aria-label="Views of the operations">
            <Tabs.Tab value="shapes">{matched ? `Shapes ${formatCount(matched.shapes)}` : 'Shapes'}</Tabs.Tab>
            <Tabs.Tab value="collscan">{matched ? `COLLSCAN ${formatCount(matched.collscans)}` : 'COLLSCAN'}</Tabs.Tab>
            <Tabs.Tab value="slowest">Slowest</Tabs.Tab>
            <Tabs.Tab value="live">Live operations</Tabs.Tab>
            <Tabs.Tab value="compare">Compare</Tabs.Tab>
          </Tabs.List>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconReportAnalytics size={14} aria-hidden />}
            disabled={isEmpty}
            onClick={() => setReporting(true)}
          >
            Export a report…
          </Button>
        </div>
        <Tabs.Panel value="shapes" className={styles.panel}>
          <ShapesTab view={view} all={all} />
        </Tabs.Panel>
        <Tabs.Panel value="collscan" className={styles.panel}>
          <CollscanTab view={view} />
        </Tabs.Panel>
        <Tabs.Panel value="slowest" className={styles.panel}>
          <SlowestTab view={view} />
        </Tabs.Panel>
        <Tabs.Panel value="live" className={styles.panel}>
          <LiveTab connection={connection} />
        </Tabs.Panel>
        <Tabs.Panel value="compare" className={styles.panel}>
          <CompareTab captures={captures} chosen={capture} />
        </Tabs.Panel>
      </Tabs>
      <ReportDialog
        opened={reporting}
        onClose={() => setReporting(false)}
        capture={capture}
        filter={view.filter}
        matched={matched}
      />
    </>
  );
}

function NothingYet({ capture }: { capture: Capture }) {
  if (capture.status === 'running') return <Waiting for="Waiting for the first slow operation" />;
  if (capture.error) return null;
  const hints: Record<Capture['source'], string> = {
    profiler:
      'Nothing was slow enough, or the profiler was off. Profile for longer, or with a lower threshold: then quicker operations are recorded, too.',
    'server-log':
      'The last lines of the log hold no slow operation. Servers log operations from slowms on (100 ms unless set): lower it for a time with “Profile”, or open the log files.',
    'log-files':
      'These lines hold no slow operation. Servers log operations from slowms on (100 ms unless set), and none at all while their log is set to be quiet.',
    'current-operations': 'Nothing ran for long enough while it was looked. The profiler also records what is quick.',
  };
  return (
    <EmptyState icon={<IconFilterOff size={32} />} title="No slow operation in here">
      {hints[capture.source]}
    </EmptyState>
  );
}

function NothingMatches({ capture }: { capture: Capture }) {
  return (
    <EmptyState icon={<IconFilterOff size={32} />} title="No operation passes the filter">
      {captureSentence(capture)} Clear the filters above, or take internal traffic in.
    </EmptyState>
  );
}
