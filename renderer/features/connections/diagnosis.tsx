import { Stack, Table } from '@mantine/core';
import type { ConnectionTest } from '../../../shared/connections';
import { formatDuration } from '../../../shared/format';
import { topologyText, judgeDeployment } from '../../components/deployment-text';
import { ErrorPanel } from '../../components/error-panel';
import { Facts, type Fact } from '../../components/facts';
import { MemberTable } from '../../components/member-table';
import { Notice } from '../../components/notice';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { Timestamp } from '../../components/timestamp';

interface DiagnosisProps {
  test: ConnectionTest;
  at: Date | null;
  connectionId: string | null;
  onRetry: () => void;
}

function factsOf(test: ConnectionTest, at: Date | null): Fact[] {
  const { deployment } = test;
  const facts: Fact[] = [
    {
      term: 'As of',
      value: (
        <>
          <Timestamp value={at} seconds /> <span className="dimmed">({Math.round(test.elapsedMs)} ms)</span>
        </>
      ),
    },
  ];
  if (deployment) {
    const window = deployment.oplogWindowHours;
    facts.push(
      { term: 'Topology', value: topologyText(deployment) },
      { term: 'Answered by', value: <code>{deployment.host}</code> },
      { term: 'Server version', value: deployment.serverVersion },
      { term: 'Feature compatibility', value: deployment.featureCompatibilityVersion ?? 'unknown' },
      { term: 'Oplog window', value: window === null ? 'unknown' : formatDuration(window * 3600) },
    );
  }
  if (test.reachable) {
    // After a failure nobody knows who would have been let in.
    if (!test.error)
      facts.push({ term: 'Authenticated as', value: test.authenticatedAs ?? 'nobody (no authentication)' });
  }
  return facts;
}

/** What a test of a connection found: reachable or exactly why not, topology, privileges. */
export function Diagnosis({ test, at, connectionId, onRetry }: DiagnosisProps) {
  const { deployment, privileges, warnings } = test;
  const verdict = deployment ? judgeDeployment(deployment) : null;
  return (
    <Stack gap={16}>
      {test.error ? <ErrorPanel error={test.error} onRetry={onRetry} connectionId={connectionId} /> : null}
      {warnings.map((warning) => (
        <Notice key={warning} kind="warning">
          {warning}
        </Notice>
      ))}
      <Section
        title="Deployment"
        aside={
          test.reachable ? (
            <StateMark state={test.error ? 'warning' : (verdict?.state ?? 'good')}>
              Reachable{verdict ? `: ${verdict.sentence}` : ''}
            </StateMark>
          ) : (
            <StateMark state="bad">Not reachable</StateMark>
          )
        }
      >
        <Facts facts={factsOf(test, at)} />
      </Section>
      {deployment && deployment.members.length > 0 ? (
        <Section title="Members" flush>
          <MemberTable members={deployment.members} />
        </Section>
      ) : null}
      {privileges.length > 0 ? (
        <Section title="Privileges" flush>
          <Table aria-label="Privileges" verticalSpacing={4} horizontalSpacing={16}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">To</Table.Th>
                <Table.Th scope="col">Sufficient</Table.Th>
                <Table.Th scope="col">Missing</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {privileges.map(({ feature, granted, missing }) => (
                <Table.Tr key={feature}>
                  <Table.Td>{feature}</Table.Td>
                  <Table.Td>
                    <StateMark state={granted ? 'good' : 'bad'}>{granted ? 'yes' : 'no'}</StateMark>
                  </Table.Td>
                  <Table.Td className="mono wrap-anywhere">{missing.join(', ')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Section>
      ) : null}
    </Stack>
  );
}
