import { Anchor } from '@mantine/core';
import { useMemo, useState } from 'react';
import { formatCount, formatQuantity } from '../../../../shared/format';
import type { Conflict } from '../../../../shared/restore';
import { DataTable } from '../../../components/data-table';
import { Section } from '../../../components/page';
import type { Column } from '../../../components/table-model';
import { typedIdText } from '../id-text';
import { ConflictView } from './conflict-view';

/** The same document may be in conflict more than once. */
interface Listed extends Conflict {
  key: string;
}

const tableHeight = 320;

interface ConflictListProps {
  conflicts: readonly Conflict[];
  /** How many there were: the first of them are listed. */
  total: number;
  isUndo: boolean;
}

/** Documents that were left alone; each opens with its three versions. */
export function ConflictList({ conflicts, total, isUndo }: ConflictListProps) {
  const [opened, setOpened] = useState<Conflict | null>(null);
  const columns = useMemo(
    (): readonly Column<Listed>[] => [
      { id: 'ns', header: 'Namespace', width: 140, grow: 1, mono: true, value: ({ ns }) => ns },
      {
        id: 'id',
        header: '_id',
        width: 280,
        grow: 1,
        value: ({ id }) => typedIdText(id),
        cell: (conflict) => (
          <Anchor component="button" type="button" className="mono clip" onClick={() => setOpened(conflict)}>
            {typedIdText(conflict.id)}
          </Anchor>
        ),
      },
      { id: 'reason', header: 'Why', width: 220, grow: 3, value: ({ reason }) => reason },
    ],
    [],
  );
  const rows = useMemo(
    () => conflicts.map((conflict, index): Listed => ({ ...conflict, key: String(index) })),
    [conflicts],
  );
  return (
    <Section
      title={`Left alone: ${formatQuantity(total, 'document')} in conflict`}
      aside={
        <span className="dimmed">
          {total > conflicts.length ? `the first ${formatCount(conflicts.length)} are listed; ` : ''}
          open one to see its versions
        </span>
      }
      flush
    >
      <DataTable
        label="Conflicts"
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
        height={tableHeight}
        onOpen={setOpened}
        bare
        nothing="None of them was kept."
      />
      <ConflictView conflict={opened} isUndo={isUndo} onClose={() => setOpened(null)} />
    </Section>
  );
}
