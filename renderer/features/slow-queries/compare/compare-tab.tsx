import { Anchor, Group, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { IconArrowRight, IconMinus, IconPlus, IconTrendingDown, IconTrendingUp } from '@tabler/icons-react';
import { useMemo, useState, type ReactNode } from 'react';
import type { Capture } from '../../../../shared/captures';
import { formatCount, formatMilliseconds } from '../../../../shared/format';
import type { ComparedShape, Comparison, ShapeChange } from '../../../../shared/slow-queries';
import { useRequest } from '../../../api';
import { DataTable } from '../../../components/data-table';
import { formatLocal, parseDate } from '../../../components/dates';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { Section } from '../../../components/page';
import type { Column } from '../../../components/table-model';
import { Waiting } from '../../../components/waiting';
import { paths } from '../../../navigation';
import { RowKeys } from '../../../components/row-keys';
import { plansText } from '../tables/shape-columns';
import { useKept } from '../use-kept';
import { pieceNames, pieces, sideRequest, type SideDraft } from './compare-side';

interface CompareTabProps {
  captures: readonly Capture[];
  chosen: Capture;
}

/** Two captures, or two pieces of one: what is new, gone, slower. */
export function CompareTab({ captures, chosen }: CompareTabProps) {
  const other = captures.find(({ id }) => id !== chosen.id);
  const [before, setBefore] = useState<SideDraft>(() => ({
    captureId: other?.id ?? chosen.id,
    piece: other ? 'all' : 'first-half',
    from: '',
    to: '',
  }));
  const [after, setAfter] = useState<SideDraft>(() => ({
    captureId: chosen.id,
    piece: other ? 'all' : 'second-half',
    from: '',
    to: '',
  }));
  const sides = { before: sideRequest(before, captures), after: sideRequest(after, captures) };
  return (
    <Stack gap={12}>
      <Group gap={16} align="flex-end">
        <SideFields label="Before" draft={before} captures={captures} onChange={setBefore} />
        <IconArrowRight size={16} aria-hidden style={{ marginBottom: 6 }} />
        <SideFields label="After" draft={after} captures={captures} onChange={setAfter} />
      </Group>
      {sides.before && sides.after ? (
        <Compared before={sides.before} after={sides.after} />
      ) : (
        <Notice kind="info">Choose what to compare: a capture and a piece of it on both sides.</Notice>
      )}
    </Stack>
  );
}

interface SideFieldsProps {
  label: string;
  draft: SideDraft;
  captures: readonly Capture[];
  onChange: (draft: SideDraft) => void;
}

function SideFields({ label, draft, captures, onChange }: SideFieldsProps) {
  const time = (text: string) => {
    const date = parseDate(text);
    return date ? formatLocal(date) : '';
  };
  return (
    <Group gap={8} align="flex-end" role="group" aria-label={label}>
      <Select
        label={label}
        w={260}
        value={draft.captureId}
        onChange={(captureId) => onChange({ ...draft, captureId })}
        data={captures.map(({ id, title, startedAt }) => ({ value: id, label: `${title} · ${time(startedAt)}` }))}
      />
      <Select
        aria-label={`${label}: which piece`}
        w={150}
        value={draft.piece}
        onChange={(value) => onChange({ ...draft, piece: pieces.find((piece) => piece === value) ?? 'all' })}
        data={pieces.map((value) => ({ value, label: pieceNames[value] }))}
      />
      {draft.piece === 'between' ? (
        <>
          <TextInput
            type="datetime-local"
            aria-label={`${label}: from`}
            value={draft.from}
            onChange={(event) => onChange({ ...draft, from: event.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            aria-label={`${label}: to`}
            value={draft.to}
            onChange={(event) => onChange({ ...draft, to: event.currentTarget.value })}
          />
        </>
      ) : null}
    </Group>
  );
}

const changeWords: Record<ShapeChange, string> = {
  new: 'New',
  slower: 'Slower',
  gone: 'Gone',
  faster: 'Faster',
  same: 'Same',
};
const changeIcons: Record<ShapeChange, ReactNode> = {
  new: <IconPlus size={14} aria-hidden />,
  slower: <IconTrendingUp size={14} aria-hidden />,
  gone: <IconMinus size={14} aria-hidden />,
  faster: <IconTrendingDown size={14} aria-hidden />,
  same: null,
};
const changes = ['new', 'slower', 'gone', 'faster', 'same'] as const;
const changed = 'changed';

interface ComparedProps {
  before: NonNullable<ReturnType<typeof sideRequest>>;
  after: NonNullable<ReturnType<typeof sideRequest>>;
}

function Compared({ before, after }: ComparedProps) {
  const comparison = useKept(useRequest('captures.compare', { before, after }));
  const [shown, setShown] = useState<string>(changed);
  const { data } = comparison;
  const columns = useMemo(
    () => comparedColumns(before.captureId, after.captureId),
    [before.captureId, after.captureId],
  );
  const rows = useMemo(
    () => (data?.shapes ?? []).filter(({ change }) => (shown === changed ? change !== 'same' : change === shown)),
    [data, shown],
  );
  if (comparison.error && !data) return <ErrorPanel error={comparison.error} onRetry={comparison.reload} />;
  if (!data) return <Waiting for="Comparing" />;
  return (
    <>
      {comparison.error ? <ErrorPanel error={comparison.error} onRetry={comparison.reload} /> : null}
      <Section
        title={sentence(data)}
        flush
        aside={
          <SegmentedControl
            aria-label="Which shapes"
            value={shown}
            onChange={setShown}
            data={[
              { value: changed, label: 'All changes' },
              ...changes.map((value) => ({ value, label: `${changeWords[value]} ${formatCount(data.counts[value])}` })),
            ]}
          />
        }
      >
        <RowKeys>
          <DataTable
            label="Compared shapes"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            height={420}
            bare
            nothing={shown === changed ? 'Nothing is new, gone, slower or faster.' : 'None.'}
          />
        </RowKeys>
      </Section>
    </>
  );
}

function sentence({ before, after }: Comparison): string {
  const side = (operations: number, totalMs: number) =>
    `${formatCount(operations)} operations in ${formatMilliseconds(totalMs)}`;
  return `Before ${side(before.operations, before.totalMs)}, after ${side(after.operations, after.totalMs)}`;
}

function comparedColumns(beforeId: string, afterId: string): readonly Column<ComparedShape>[] {
  const pair = (
    id: string,
    header: string,
    value: (metrics: NonNullable<ComparedShape['after']>) => number,
    format: (value: number) => string,
    width: number,
  ): Column<ComparedShape> => ({
    id,
    header,
    align: 'right',
    width,
    value: (row) => (row.after ? value(row.after) : row.before ? value(row.before) : null),
    cell: ({ before, after }) => (
      <>
        <span className="dimmed">{before ? format(value(before)) : '–'}</span> → {after ? format(value(after)) : '–'}
      </>
    ),
  });
  return [
    {
      id: 'change',
      header: 'Change',
      width: 92,
      value: ({ change }) => changes.indexOf(change),
      cell: ({ change }) => (
        <span className={`state-mark ${change === 'slower' ? 'bad' : change === 'faster' ? 'good' : ''}`}>
          {changeIcons[change]}
          <span>{changeWords[change]}</span>
        </span>
      ),
    },
    {
      id: 'perHour',
      header: 'Time per hour',
      align: 'right',
      width: 116,
      value: ({ totalMsPerHourChange }) => totalMsPerHourChange,
      cell: ({ totalMsPerHourChange: by }) => `${by < 0 ? '−' : '+'}${formatMilliseconds(Math.abs(by))}`,
    },
    pair('count', 'Count', ({ count }) => count, formatCount, 130),
    pair('p50', 'p50', ({ p50Ms }) => p50Ms, formatMilliseconds, 130),
    pair('p95', 'p95', ({ p95Ms }) => p95Ms, formatMilliseconds, 130),
    { id: 'ns', header: 'Namespace', width: 110, grow: 0.8, mono: true, value: ({ ns }) => ns },
    {
      id: 'shape',
      header: 'Shape',
      width: 170,
      grow: 2,
      value: ({ op, shape }) => `${op} ${shape}`,
      cell: (row) => (
        <Anchor
          className="mono"
          href={`#${paths.queryShape(row.after ? afterId : beforeId, row.id)}`}
          title={row.shape}
          aria-label={`${row.op} ${row.shape} on ${row.ns}`}
        >
          {row.op} {row.shape}
        </Anchor>
      ),
    },
    {
      id: 'plan',
      header: 'Plan',
      width: 130,
      hidden: true,
      grow: 1,
      mono: true,
      value: ({ before, after }) =>
        `${before ? (plansText(before.plans) ?? '–') : '–'} → ${after ? (plansText(after.plans) ?? '–') : '–'}`,
    },
  ];
}
