import { Anchor, Button } from '@mantine/core';
import { formatCount, formatMilliseconds } from '../../../../shared/format';
import type { LiveOperation } from '../../../../shared/live-operations';
import { StateMark } from '../../../components/state-mark';
import type { Column } from '../../../components/table-model';

function stateText(operation: LiveOperation): string {
  if (operation.killPending) return 'told to end';
  if (operation.waitingForLock) return 'waits for a lock';
  return operation.active ? 'runs' : 'idle';
}

/** What members are doing: the longest running first. */
export function liveColumns(
  open: (operation: LiveOperation) => void,
  kill: (operation: LiveOperation) => void,
): readonly Column<LiveOperation>[] {
  return [
    {
      id: 'running',
      header: 'Runs for',
      align: 'right',
      width: 92,
      value: (row) => row.runningMs,
      cell: (row) => (row.runningMs === null ? <span className="dimmed">–</span> : formatMilliseconds(row.runningMs)),
    },
    {
      id: 'state',
      header: 'State',
      width: 130,
      value: stateText,
      cell: (row) =>
        row.killPending || row.waitingForLock ? (
          <StateMark state={row.killPending ? 'stopped' : 'waiting'}>{stateText(row)}</StateMark>
        ) : (
          stateText(row)
        ),
    },
    { id: 'ns', header: 'Namespace', width: 110, grow: 1, mono: true, value: (row) => row.ns },
    {
      id: 'operation',
      header: 'Operation',
      width: 160,
      grow: 2,
      value: (row) => `${row.kind} ${row.shape}`,
      cell: (row) => (
        <Anchor component="button" type="button" data-row className="mono" onClick={() => open(row)}>
          {row.kind} {row.shape}
        </Anchor>
      ),
    },
    {
      id: 'plan',
      header: 'Plan',
      width: 100,
      grow: 0.8,
      value: (row) => row.planSummary,
      cell: (row) => (
        <span className={row.collscan ? 'mono bad' : 'mono'} title={row.planSummary ?? undefined}>
          {row.planSummary ?? '–'}
        </span>
      ),
    },
    {
      id: 'docs',
      header: 'Docs read',
      align: 'right',
      width: 84,
      value: (row) => row.docsExamined,
      cell: (row) => (row.docsExamined === null ? '–' : formatCount(row.docsExamined)),
    },
    { id: 'app', header: 'App', width: 100, value: (row) => row.app },
    { id: 'host', header: 'Member', width: 124, value: (row) => row.host },
    { id: 'client', header: 'Client', width: 130, value: (row) => row.client, hidden: true },
    { id: 'user', header: 'User', width: 100, value: (row) => row.user, hidden: true },
    { id: 'opid', header: 'opid', width: 90, align: 'right', mono: true, value: (row) => row.opid, hidden: true },
    {
      id: 'kill',
      header: 'End it',
      width: 84,
      value: (row) => row.protectedBecause,
      cell: (row) => (
        <Button
          size="compact-xs"
          variant="default"
          disabled={row.protectedBecause !== null || row.killPending}
          title={row.protectedBecause ?? undefined}
          aria-label={`Kill operation ${row.opid} on ${row.host}`}
          onClick={() => kill(row)}
        >
          Kill…
        </Button>
      ),
    },
  ];
}
