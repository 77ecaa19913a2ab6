import { Button } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { Capture } from '../../../../shared/captures';
import { formatBytes, formatCount, formatMilliseconds, formatQuantity } from '../../../../shared/format';
import type { Facet, ShapeDetails, ShapeRow } from '../../../../shared/slow-queries';
import { useRequest } from '../../../api';
import { CopyAction } from '../../../components/copy-action';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts, type Fact } from '../../../components/facts';
import { Notice } from '../../../components/notice';
import { Page, Section } from '../../../components/page';
import { TextBlock } from '../../../components/text-block';
import { Timestamp } from '../../../components/timestamp';
import { useEscapeBack } from '../../../components/use-escape-back';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { useConnection, useConnections, useCurrentConnection } from '../../../state/connections';
import { baseFilter } from '../capture-filter';
import { useMasking } from '../masking';
import { useCaptures, useSlowQueries } from '../slow-queries-store';
import { ratioText } from '../tables/metric-columns';
import { useCaptureRequest } from '../use-kept';
import { AdviceSection } from './advice-section';
import { ExamplesSection } from './examples-section';
import { ExplainSection } from './explain-section';
import { IndexesSection } from './indexes-section';
import { KeptTries } from './kept-tries';
import { MetricsSection } from './metrics-section';
import styles from './shape.module.css';

const buckets = 120;
const back = { label: 'Slow queries', path: paths.slowQueries };

interface ShapePageProps {
  captureId: string;
  shapeId: string;
}

/** One shape: what it is, how bad, since when; its plan, its indexes, what would help, a try, examples. */
export function ShapePage({ captureId, shapeId }: ShapePageProps) {
  const captures = useCaptures();
  const error = useSlowQueries((state) => state.error);
  const capture = captures?.find(({ id }) => id === captureId) ?? null;
  useEffect(() => useSlowQueries.setState({ openedShape: shapeId }), [shapeId]);
  useEscapeBack(paths.slowQueries);
  if (!capture) {
    return (
      <Page title="Query shape" back={back}>
        {error ? <ErrorPanel error={error} onRetry={() => void useSlowQueries.getState().load()} /> : null}
        {captures === null && !error ? <Waiting for="Reading the captures" /> : null}
        {captures ? (
          <Notice
            kind="info"
            title="This capture is no longer there"
            action={<Button onClick={() => goTo(paths.slowQueries)}>Go to slow queries</Button>}
          />
        ) : null}
      </Page>
    );
  }
  return <Shape capture={capture} shapeId={shapeId} />;
}

function Shape({ capture, shapeId }: { capture: Capture; shapeId: string }) {
  const period = useSlowQueries((state) => state.period);
  const internal = useSlowQueries((state) => state.narrowing.internal);
  const [masked, setMasked] = useMasking();
  const filter = useMemo(
    () => ({
      ...baseFilter(period, { ns: null, kind: null, app: null, host: null, plan: null, internal }, capture.to),
      setApart: 'all' as const,
    }),
    [period, internal, capture.to],
  );
  const request = { captureId: capture.id, shapeId, filter, buckets };
  const details = useCaptureRequest('captures.shape', { ...request, masked: false }, capture);
  const hidden = useCaptureRequest('captures.shape', { ...request, masked: true }, capture, masked);
  const summary = useCaptureRequest('captures.summary', { captureId: capture.id, filter }, capture);
  const tries = useRequest('advice.tries', { captureId: capture.id, shapeId });
  const [triedId, setTriedId] = useState<string | null>(null);
  const own = useConnection(capture.connectionId);
  const current = useCurrentConnection();
  const connection = capture.connectionId === null ? current : own;
  const connectionId = connection?.id ?? null;
  // Tells the members that an explain can be run on.
  useEffect(() => {
    const { tests, test } = useConnections.getState();
    if (connectionId !== null && !tests[connectionId]?.result) void test(connectionId);
  }, [connectionId]);
  if (!details.data) {
    return (
      <Page title="Query shape" back={back}>
        {details.error ? (
          <ErrorPanel error={details.error} onRetry={details.reload} />
        ) : (
          <Waiting for="Reading its operations" />
        )}
      </Page>
    );
  }
  const { row, series, slowest } = details.data;
  const example = slowest.find(({ command }) => command !== null && !command.endsWith('…')) ?? null;
  const shown = masked ? hidden.data : details.data;
  const totalMs = summary.data?.matched.totalMs ?? null;
  return (
    <Page title={`${row.op} on ${row.ns}`} back={back} sentence={sentenceOf(row, totalMs)}>
      <TextBlock text={row.shape} label="Shape" />
      {row.setApart ? (
        <Notice kind="info">
          {row.setApart === 'internal'
            ? 'Internal: the server’s or a driver’s own traffic, set apart from that of applications.'
            : 'An outer write command: its statements are recorded by themselves and counted there.'}
        </Notice>
      ) : null}
      <Findings row={row} />
      <div className={styles.columns}>
        <Section title="How bad" aside={<CopyAction text={row.id} label="the shape's id" />}>
          <Facts facts={factsOf(row, details.data)} />
        </Section>
        <MetricsSection series={series} />
      </div>
      <ExplainSection connection={connection} examples={slowest} />
      {connection ? (
        <>
          <IndexesSection connection={connection} ns={row.ns} />
          <AdviceSection
            captureId={capture.id}
            connection={connection}
            row={row}
            example={example}
            onTried={(tryId) => {
              setTriedId(tryId);
              tries.reload();
            }}
          />
        </>
      ) : null}
      <KeptTries shapeId={shapeId} tries={tries} exceptId={triedId} />
      {shown ? (
        <ExamplesSection details={shown} masked={masked} onMasked={setMasked} />
      ) : (
        <Waiting for="Masking the examples" />
      )}
    </Page>
  );
}

function sentenceOf(row: ShapeRow, totalMs: number | null) {
  const share = totalMs ? ` (${Math.round((row.totalMs / totalMs) * 100)} % of all)` : '';
  return (
    <>
      {formatQuantity(row.count, 'operation')} took {formatMilliseconds(row.totalMs)}
      {share}, from <Timestamp value={new Date(row.firstSeen)} seconds /> to{' '}
      <Timestamp value={new Date(row.lastSeen)} seconds />.
    </>
  );
}

/** What is wrong with it, in sentences; nothing where nothing is. */
function Findings({ row }: { row: ShapeRow }) {
  return (
    <>
      {row.collscanKind === 'index-may-help' ? (
        <Notice kind="bad" title={`COLLSCAN in ${formatQuantity(row.collscanCount, 'operation')}`}>
          It has a condition, and the server reads the whole collection to check it: an index may help.
        </Notice>
      ) : null}
      {row.collscanKind === 'full-read' ? (
        <Notice kind="info" title={`Reads everything in ${formatQuantity(row.collscanCount, 'operation')}`}>
          It has no condition: no index is missing. Ask for less, or less often.
        </Notice>
      ) : null}
      {row.sortStageCount > 0 ? (
        <Notice kind="warning" title={`Sorts in memory in ${formatQuantity(row.sortStageCount, 'operation')}`}>
          No index gives the order that is asked for: everything found is sorted before the first is returned
          {row.usedDiskCount > 0 ? `, ${formatQuantity(row.usedDiskCount, 'time')} on disk` : ''}.
        </Notice>
      ) : null}
      {row.errors > 0 ? (
        <Notice kind="warning">{formatQuantity(row.errors, 'operation')} ended with an error.</Notice>
      ) : null}
    </>
  );
}

function tally(facets: readonly Facet[], code = false) {
  if (facets.length === 0) return <span className="dimmed">not told</span>;
  return facets.slice(0, 6).map(({ name, count, totalMs }) => (
    <div key={name}>
      {code ? <code className="wrap-anywhere">{name}</code> : name || <span className="dimmed">none named</span>}{' '}
      <span className="dimmed numbers">
        {formatCount(count)} in {formatMilliseconds(totalMs)}
      </span>
    </div>
  ));
}

function factsOf(row: ShapeRow, { plans, apps, hosts, queryHashes, queryShapeHashes }: ShapeDetails): Fact[] {
  const facts: Fact[] = [
    {
      term: 'Duration',
      value: (
        <span className="numbers">
          p50 {formatMilliseconds(row.p50Ms)}, p95 {formatMilliseconds(row.p95Ms)}, p99 {formatMilliseconds(row.p99Ms)},
          longest {formatMilliseconds(row.maxMs)}
        </span>
      ),
    },
    {
      term: 'Read : found',
      value: row.examinedPerReturned === null ? 'nothing was found' : `${ratioText(row)} documents`,
    },
    { term: 'Documents read', value: formatCount(row.docsExamined) },
    { term: 'Keys read', value: formatCount(row.keysExamined) },
    { term: 'Returned', value: formatCount(row.returned) },
  ];
  if (row.written > 0) facts.push({ term: 'Written', value: formatCount(row.written) });
  if (row.getMores > 0) facts.push({ term: 'Later batches', value: formatCount(row.getMores) });
  facts.push(
    { term: 'Yields', value: formatCount(row.yields) },
    { term: 'Response', value: formatBytes(row.responseBytes) },
    { term: 'Plans', value: tally(plans, true) },
    { term: 'Apps', value: tally(apps) },
  );
  if (hosts.length > 0) facts.push({ term: 'Members', value: tally(hosts) });
  const hashes = [...queryHashes, ...queryShapeHashes];
  if (hashes.length > 0)
    facts.push({ term: "Server's hashes", value: <code className="wrap-anywhere">{hashes.join(', ')}</code> });
  facts.push({ term: 'Shape id', value: <code>{row.id}</code> });
  return facts;
}
