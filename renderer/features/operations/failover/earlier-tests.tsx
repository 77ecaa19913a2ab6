import { Anchor, Table } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { formatOutage } from '../../../../shared/failover-timeline';
import { formatCount } from '../../../../shared/format';
import type { FailoverReport, OperationOutcome } from '../../../../shared/operations';
import { StateMark } from '../../../components/state-mark';
import { Timestamp } from '../../../components/timestamp';
import { paths } from '../../../navigation';
import { useOperations } from '../../../state/operations';
import { outcomeMark } from '../operation-words';
import { earlierRuns, median, type FailoverRun } from './earlier-runs';

const shownRuns = 10;

/** Failover tests of the same set before this one, with this one on top. */
export function EarlierTests({ outcome, report }: { outcome: OperationOutcome; report: FailoverReport }) {
  const outcomes = useOperations((state) => state.outcomes);
  const load = useOperations((state) => state.load);
  useEffect(() => void load(), [load]);
  const earlier = useMemo(() => earlierRuns(outcome, outcomes ?? []), [outcome, outcomes]);
  if (earlier.length === 0) {
    return <p className="dimmed">This is the first failover test of {outcome.set} that Lifeboat remembers.</p>;
  }
  const middle = median(earlier.map(({ failover }) => failover.writeOutageMs));
  return (
    <section aria-label="Earlier tests">
      <h3>Earlier tests of {outcome.set}</h3>
      {middle === null ? null : (
        <p style={{ margin: '0 0 4px' }}>
          {earlier.length === 1 ? 'The time before' : `In the middle of ${formatCount(earlier.length)} earlier ones`}{' '}
          writes were away for {formatOutage(middle)}, this time for {formatOutage(report.writeOutageMs)}.
        </p>
      )}
      <Table aria-label="Failover tests compared" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">When</Table.Th>
            <Table.Th scope="col">Verdict</Table.Th>
            <Table.Th scope="col">New primary</Table.Th>
            {['Writes away', 'Reads away', 'Election', 'All healthy', 'Lost'].map((name) => (
              <Table.Th key={name} scope="col" ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <TestRow run={{ ...outcome, failover: report }} isThis />
          {earlier.slice(0, shownRuns).map((run) => (
            <TestRow key={run.id} run={run} isThis={false} />
          ))}
        </Table.Tbody>
      </Table>
      {earlier.length > shownRuns ? (
        <p className="dimmed">
          The newest {shownRuns} of {formatCount(earlier.length)}.{' '}
          <Anchor href={`#${paths.operations}`}>All operations</Anchor>
        </p>
      ) : null}
    </section>
  );
}

function TestRow({ run, isThis }: { run: FailoverRun; isThis: boolean }) {
  const { failover } = run;
  const { state, word } = outcomeMark(run);
  const time = new Date(run.startedAt);
  return (
    <Table.Tr fw={isThis ? 600 : undefined} aria-current={isThis || undefined}>
      <Table.Td>
        {isThis ? (
          <>
            <Timestamp value={time} seconds /> <span className="dimmed">this one</span>
          </>
        ) : (
          <Anchor href={`#${paths.operation(run.id)}`}>
            <Timestamp value={time} seconds />
          </Anchor>
        )}
      </Table.Td>
      <Table.Td>
        <StateMark state={state}>{word}</StateMark>
      </Table.Td>
      <Table.Td className="mono wrap-anywhere">{failover.newPrimary ?? 'none'}</Table.Td>
      <Table.Td ta="right">{formatOutage(failover.writeOutageMs)}</Table.Td>
      <Table.Td ta="right">{formatOutage(failover.readOutageMs)}</Table.Td>
      <Table.Td ta="right">{known(failover.electionMs)}</Table.Td>
      <Table.Td ta="right">{known(failover.allHealthyMs)}</Table.Td>
      <Table.Td ta="right">{failover.writesLost === null ? 'unknown' : formatCount(failover.writesLost)}</Table.Td>
    </Table.Tr>
  );
}

function known(milliseconds: number | null): string {
  return milliseconds === null ? 'never' : formatOutage(milliseconds);
}
