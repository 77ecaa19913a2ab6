import { Anchor } from '@mantine/core';
import { DataTable } from '../../components/data-table';
import { objectiveText } from '../../components/objective-text';
import { Section } from '../../components/page';
import { StateMark, type State } from '../../components/state-mark';
import type { Column } from '../../components/table-model';
import { Age } from '../../components/timestamp';
import { paths } from '../../navigation';
import type { ProtectionRow, ProtectionState } from './protection';
import styles from './overview.module.css';

const states: Record<ProtectionState, { state: State; word: string }> = {
  within: { state: 'good', word: 'within RPO' },
  late: { state: 'warning', word: 'older than RPO' },
  unprotected: { state: 'bad', word: 'no verified backup' },
};

const worstFirst: readonly ProtectionState[] = ['unprotected', 'late', 'within'];
const none = <span className="dimmed">–</span>;

const columns: readonly Column<ProtectionRow>[] = [
  { id: 'source', header: 'Source', width: 110, grow: true, value: ({ source }) => source },
  { id: 'category', header: 'Category', width: 96, value: ({ category }) => category },
  {
    id: 'newest',
    header: 'Newest verified',
    width: 118,
    value: ({ newest }) => newest?.completedAt ?? newest?.createdAt ?? null,
    cell: ({ newest }) =>
      newest ? (
        <Anchor href={`#${paths.backup(newest.id)}`}>
          <Age value={newest.completedAt ?? newest.createdAt} />
        </Anchor>
      ) : (
        <span className="dimmed">none</span>
      ),
  },
  {
    id: 'rpo',
    header: 'RPO',
    width: 64,
    align: 'right',
    value: ({ rpoMinutes }) => rpoMinutes,
    cell: ({ rpoMinutes }) => (rpoMinutes === null ? none : objectiveText(rpoMinutes)),
  },
  {
    id: 'state',
    header: 'State',
    width: 152,
    value: ({ state }) => states[state].word,
    order: ({ state }) => worstFirst.indexOf(state),
    cell: ({ state }) => <StateMark state={states[state].state}>{states[state].word}</StateMark>,
  },
];

/** Fewer are seen at once: nothing to filter. */
const fewRows = 8;

/** Newest verified backup of each source and category against its objective. */
export function ProtectionSection({ rows, loaded }: { rows: readonly ProtectionRow[]; loaded: boolean }) {
  return (
    <Section title="Protection" flush>
      {rows.length === 0 ? (
        <div className={styles.nothing}>
          <span className="dimmed">{loaded ? 'Nothing to protect yet.' : 'Reading the stores'}</span>
        </div>
      ) : (
        <DataTable
          label="Protection"
          columns={columns}
          rows={rows}
          rowKey={({ source, category }) => `${source}/${category ?? ''}`}
          initialSort={{ id: 'state', desc: false }}
          height={380}
          plain={rows.length < fewRows}
          bare
        />
      )}
    </Section>
  );
}
