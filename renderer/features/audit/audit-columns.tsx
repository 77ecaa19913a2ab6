import { Anchor } from '@mantine/core';
import type { AuditEntry } from '../../../shared/audit';
import { StateMark, type State } from '../../components/state-mark';
import type { Column } from '../../components/table-model';
import { Timestamp } from '../../components/timestamp';

const states: Record<AuditEntry['result'], State> = {
  started: 'waiting',
  succeeded: 'good',
  'succeeded-with-warnings': 'warning',
  failed: 'bad',
  cancelled: 'stopped',
  refused: 'stopped',
  interrupted: 'bad',
};

export function auditColumns(open: (entry: AuditEntry) => void): readonly Column<AuditEntry>[] {
  return [
    {
      id: 'time',
      header: 'When',
      width: 176,
      value: ({ time }) => time,
      cell: ({ time }) => <Timestamp value={time} seconds />,
    },
    {
      id: 'operation',
      header: 'Operation',
      width: 140,
      value: ({ operation }) => operation,
      cell: (entry) => (
        <Anchor component="button" type="button" size="sm" onClick={() => open(entry)}>
          {entry.operation}
        </Anchor>
      ),
    },
    { id: 'target', header: 'Target', width: 140, grow: true, value: ({ target }) => target },
    {
      id: 'result',
      header: 'Result',
      width: 180,
      value: ({ result }) => result,
      cell: ({ result }) => <StateMark state={states[result]}>{result.replace(/-/g, ' ')}</StateMark>,
    },
    { id: 'error', header: 'Error', width: 140, grow: true, value: ({ error }) => error },
    { id: 'user', header: 'Who', width: 90, value: ({ user }) => user },
    { id: 'host', header: 'Computer', width: 140, hidden: true, value: ({ host }) => host },
    {
      id: 'origin',
      header: 'By',
      width: 120,
      value: ({ origin }) => (origin === 'cli' ? 'command line' : 'window'),
    },
    { id: 'category', header: 'Category', width: 110, hidden: true, value: ({ category }) => category },
    { id: 'sequence', header: 'Number', width: 90, align: 'right', hidden: true, value: ({ sequence }) => sequence },
    { id: 'hash', header: 'Hash', width: 200, hidden: true, mono: true, value: ({ hash }) => hash },
  ];
}
