import { Table } from '@mantine/core';
import { failoverFaults, formatOutage } from '../../../../shared/failover-timeline';
import { formatCount, formatQuantity } from '../../../../shared/format';
import type { FailoverReport as Report, OperationOutcome } from '../../../../shared/operations';
import { Facts } from '../../../components/facts';
import { Notice } from '../../../components/notice';
import { Lines } from '../flow/preview-view';
import { EarlierTests } from './earlier-tests';
import styles from './failover.module.css';
import { FailoverTimeline } from './timeline';

/** What a failover test measured: the verdict, the times, what the client saw, and earlier tests beside it. */
export function FailoverReport({ outcome, report }: { outcome: OperationOutcome; report: Report }) {
  const limit = formatOutage(report.limitMs);
  const faults = failoverFaults(report);
  return (
    <>
      {report.passed ? (
        <Notice kind="good" title="Passed">
          Writes were away for {formatOutage(report.writeOutageMs)}, reads for {formatOutage(report.readOutageMs)};{' '}
          {limit} are allowed. No acknowledged write was lost.
        </Notice>
      ) : (
        <Notice kind="bad" title="Not passed">
          <Lines lines={faults.length > 0 ? faults : [outcome.text]} />
        </Notice>
      )}
      <ul className={styles.numbers} aria-label="Measured times">
        <Measured value={report.writeOutageMs} name="without writes" />
        <Measured value={report.readOutageMs} name="without reads" />
        <Measured value={report.electionMs} name="until the new primary" />
        <Measured value={report.allHealthyMs} name="until all were healthy" />
      </ul>
      <FailoverTimeline report={report} />
      <Facts
        facts={[
          { term: 'Primary before', value: <span className="mono">{report.formerPrimary}</span> },
          { term: 'Primary after the step-down', value: <span className="mono">{report.newPrimary ?? 'none'}</span> },
          {
            term: 'Acknowledged, then lost',
            value:
              report.writesLost === 0 ? (
                '0 writes: each acknowledged one was there afterwards'
              ) : report.writesLost === null ? (
                'unknown: it could not be looked up'
              ) : (
                <strong className="bad">{formatQuantity(report.writesLost, 'write')}</strong>
              ),
          },
        ]}
      />
      <ClientTable report={report} />
      <EarlierTests outcome={outcome} report={report} />
    </>
  );
}

function Measured({ value, name }: { value: number | null; name: string }) {
  return (
    <li>
      <span className={styles.number}>{value === null ? 'not reached' : formatOutage(value)}</span>
      <br />
      <span className="dimmed">{name}</span>
    </li>
  );
}

/** The bare outage beside what an application sees whose driver retries. */
function ClientTable({ report }: { report: Report }) {
  const { withRetries } = report;
  const rows: { name: string; bare: string; retrying: string }[] = [
    {
      name: 'Writes acknowledged',
      bare: formatCount(report.writesAcknowledged),
      retrying: formatCount(withRetries.writesAcknowledged),
    },
    {
      name: 'Writes that failed',
      bare: formatCount(report.writesFailed),
      retrying: formatCount(withRetries.writesFailed),
    },
    { name: 'Reads answered', bare: formatCount(report.reads), retrying: formatCount(withRetries.reads) },
    {
      name: 'Reads that failed',
      bare: formatCount(report.readsFailed),
      retrying: formatCount(withRetries.readsFailed),
    },
    {
      name: 'Longest time without a write',
      bare: formatOutage(report.writeOutageMs),
      retrying: `waited ${formatOutage(withRetries.longestWriteMs)}`,
    },
    {
      name: 'Longest time without a read',
      bare: formatOutage(report.readOutageMs),
      retrying: `waited ${formatOutage(withRetries.longestReadMs)}`,
    },
    { name: 'Errors', bare: errorsText(report.errors), retrying: errorsText(withRetries.errors) },
  ];
  return (
    <Table aria-label="What the clients saw" verticalSpacing={4} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">What the clients saw</Table.Th>
          <Table.Th scope="col">Without retries</Table.Th>
          <Table.Th scope="col">With the retries of drivers</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ name, bare, retrying }) => (
          <Table.Tr key={name}>
            <Table.Td>{name}</Table.Td>
            <Table.Td className="numbers wrap-anywhere">{bare}</Table.Td>
            <Table.Td className="numbers wrap-anywhere">{retrying}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function errorsText(errors: Report['errors']): string {
  return errors.length === 0 ? 'none' : errors.map(({ name, count }) => `${name} × ${formatCount(count)}`).join(', ');
}
