import { Table } from '@mantine/core';
import type { HealthState } from '../../shared/health';
import { formatLag } from './metric-text';
import { StateMark, type State } from './state-mark';

/** A member of a connection's test, or of a sample. */
export interface ListedMember {
  host: string;
  state: HealthState;
  /** Null when it is not known, or has none. */
  lagSeconds: number | null;
  hidden: boolean;
}

const good = new Set<HealthState>(['PRIMARY', 'SECONDARY', 'ARBITER', 'STANDALONE', 'MONGOS']);
const passing = new Set<HealthState>(['STARTUP', 'STARTUP2', 'RECOVERING', 'ROLLBACK']);

function stateOf(member: ListedMember): State {
  if (member.state === 'UNKNOWN') return 'unknown';
  if (good.has(member.state)) return 'good';
  return passing.has(member.state) ? 'warning' : 'bad';
}

/** The members of a set with state and lag; what is unknown is called unknown. */
export function MemberTable({ members }: { members: readonly ListedMember[] }) {
  return (
    <Table aria-label="Members" verticalSpacing={4} horizontalSpacing={16}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Member</Table.Th>
          <Table.Th scope="col">State</Table.Th>
          <Table.Th scope="col" ta="right">
            Lag
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {members.map((member) => (
          <Table.Tr key={member.host}>
            <Table.Td className="mono">
              {member.host}
              {member.hidden ? <span className="dimmed"> hidden</span> : null}
            </Table.Td>
            <Table.Td>
              <StateMark state={stateOf(member)}>{member.state}</StateMark>
            </Table.Td>
            <Table.Td ta="right">
              {member.lagSeconds !== null ? (
                formatLag(member.lagSeconds)
              ) : (
                <span className="dimmed">{member.state === 'SECONDARY' ? 'unknown' : '–'}</span>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
