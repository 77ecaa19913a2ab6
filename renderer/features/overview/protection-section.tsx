import { Anchor, Table } from '@mantine/core';
import { objectiveText } from '../../components/objective-text';
import { Section } from '../../components/page';
import { StateMark, type State } from '../../components/state-mark';
import { Age } from '../../components/timestamp';
import { paths } from '../../navigation';
import type { ProtectionRow, ProtectionState } from './protection';
import styles from './overview.module.css';

const states: Record<ProtectionState, { state: State; word: string }> = {
  within: { state: 'good', word: 'within RPO' },
  late: { state: 'warning', word: 'older than RPO' },
  unprotected: { state: 'bad', word: 'no verified backup' },
};

/** Newest verified backup of each source and category against its objective. */
export function ProtectionSection({ rows, loaded }: { rows: readonly ProtectionRow[]; loaded: boolean }) {
  return (
    <Section title="Protection" flush>
      {rows.length === 0 ? (
        <div className={styles.nothing}>
          <span className="dimmed">{loaded ? 'Nothing to protect yet.' : 'Reading the stores'}</span>
        </div>
      ) : (
        <Table aria-label="Protection" verticalSpacing={4} horizontalSpacing={12}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Source</Table.Th>
              <Table.Th scope="col">Category</Table.Th>
              <Table.Th scope="col" className="nowrap">
                Newest verified
              </Table.Th>
              <Table.Th scope="col">RPO</Table.Th>
              <Table.Th scope="col">State</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={`${row.source}/${row.category ?? ''}`}>
                <Table.Td>{row.source}</Table.Td>
                <Table.Td>{row.category ?? <span className="dimmed">–</span>}</Table.Td>
                <Table.Td>
                  {row.newest ? (
                    <Anchor href={`#${paths.backup(row.newest.id)}`}>
                      <Age value={row.newest.completedAt ?? row.newest.createdAt} />
                    </Anchor>
                  ) : (
                    <span className="dimmed">none</span>
                  )}
                </Table.Td>
                <Table.Td className="nowrap">
                  {row.rpoMinutes === null ? <span className="dimmed">–</span> : objectiveText(row.rpoMinutes)}
                </Table.Td>
                <Table.Td className="nowrap">
                  <StateMark state={states[row.state].state}>{states[row.state].word}</StateMark>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}
