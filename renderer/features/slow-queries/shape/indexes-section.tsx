import { Table } from '@mantine/core';
import type { Connection } from '../../../../shared/connections';
import { formatBytes, formatCount } from '../../../../shared/format';
import type { IndexInfo } from '../../../../shared/indexes';
import { useRequest } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { Section } from '../../../components/page';
import { Timestamp } from '../../../components/timestamp';
import { Waiting } from '../../../components/waiting';

interface IndexesSectionProps {
  connection: Connection;
  ns: string;
}

/** The indexes there are, how large, and how often used since when. */
export function IndexesSection({ connection, ns }: IndexesSectionProps) {
  const indexes = useRequest('indexes.of-collection', { connectionId: connection.id, ns });
  return (
    <Section title="Indexes of the collection" flush={indexes.data !== null && indexes.data.length > 0}>
      {indexes.error ? (
        <ErrorPanel error={indexes.error} onRetry={indexes.reload} connectionId={connection.id} />
      ) : null}
      {!indexes.data && !indexes.error ? <Waiting for={`Asking ${connection.name} for the indexes of ${ns}`} /> : null}
      {indexes.data?.length === 0 ? <span className="dimmed">None: there is no such collection there.</span> : null}
      {indexes.data && indexes.data.length > 0 ? (
        <Table aria-label="Indexes of the collection" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Keys</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th style={{ textAlign: 'right' }}>Size</Table.Th>
              <Table.Th style={{ textAlign: 'right' }}>Uses</Table.Th>
              <Table.Th>Since</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {indexes.data.map((index) => (
              <Row key={index.name} index={index} />
            ))}
          </Table.Tbody>
        </Table>
      ) : null}
    </Section>
  );
}

function kindsOf({ options, building }: IndexInfo): string {
  const seconds = options.expireAfterSeconds;
  return [
    options.unique ? 'unique' : '',
    options.sparse ? 'sparse' : '',
    options.hidden ? 'hidden' : '',
    options.partialFilterExpression ? `partial ${options.partialFilterExpression}` : '',
    seconds === undefined ? '' : `TTL ${formatCount(seconds)} s`,
    options.collation ? 'own collation' : '',
    building ? 'being built' : '',
  ]
    .filter(Boolean)
    .join(', ');
}

function Row({ index }: { index: IndexInfo }) {
  const uses = index.uses.reduce((sum, { operations }) => sum + operations, 0);
  const [since] = index.uses.map((use) => use.since).sort();
  return (
    <Table.Tr>
      <Table.Td className="mono wrap-anywhere" title={index.name}>
        {index.keyText}
      </Table.Td>
      <Table.Td className="wrap-anywhere">{kindsOf(index) || <span className="dimmed">–</span>}</Table.Td>
      <Table.Td style={{ textAlign: 'right' }}>{index.bytes === null ? '–' : formatBytes(index.bytes)}</Table.Td>
      <Table.Td
        style={{ textAlign: 'right' }}
        title={index.uses.map(({ host, operations }) => `${host}: ${formatCount(operations)}`).join('\n')}
      >
        {index.uses.length === 0 ? '–' : formatCount(uses)}
      </Table.Td>
      <Table.Td>{since ? <Timestamp value={since} /> : '–'}</Table.Td>
    </Table.Tr>
  );
}
