import { Button, Drawer, Group, Stack, Table } from '@mantine/core';
import type { Connection } from '../../../shared/connections';
import { formatBytes, formatCount } from '../../../shared/format';
import type { WatchedIndex } from '../../../shared/indexes';
import { Facts } from '../../components/facts';
import { Notice } from '../../components/notice';
import { Timestamp } from '../../components/timestamp';
import type { ChangeKind } from './change-dialog';
import type { IndexRow } from './index-columns';
import { daysText, optionsText } from './index-text';

interface IndexDrawerProps {
  connection: Connection;
  row: IndexRow | null;
  onClose: () => void;
  onChange: (kind: ChangeKind) => void;
}

/** One index: what it is, who uses it, what is to be said of it, and what can be done. */
export function IndexDrawer({ connection, row, onClose, onChange }: IndexDrawerProps) {
  return (
    <Drawer
      opened={row !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={row ? `${row.ns} ${row.name}` : ''}
    >
      {row ? <IndexDetails connection={connection} row={row} onChange={onChange} /> : null}
    </Drawer>
  );
}

function IndexDetails({ connection, row, onChange }: Omit<IndexDrawerProps, 'row' | 'onClose'> & { row: IndexRow }) {
  const fixed = row.name === '_id_';
  const hidden = row.options.hidden === true;
  return (
    <Stack gap={16}>
      {row.findings.map(({ code, severity, message, hint }) => (
        <Notice key={code} kind={severity === 'warning' ? 'warning' : 'info'} title={message}>
          {hint}
        </Notice>
      ))}
      <Facts
        facts={[
          { term: 'Keys', value: <code className="wrap-anywhere">{row.keyText}</code> },
          { term: 'Kind', value: optionsText(row.options) || 'plain' },
          ...(row.options.partialFilterExpression
            ? [
                {
                  term: 'Only where',
                  value: <code className="wrap-anywhere">{row.options.partialFilterExpression}</code>,
                },
              ]
            : []),
          ...(row.options.collation
            ? [{ term: 'Collation', value: <code className="wrap-anywhere">{row.options.collation}</code> }]
            : []),
          { term: 'Size', value: row.bytes === null ? 'unknown' : formatBytes(row.bytes) },
          { term: 'Counted for', value: daysText(row.observedDays) },
          ...(row.keptBecause ? [{ term: 'Stays because', value: row.keptBecause }] : []),
          ...(row.watched ? watchFacts(row.watched) : []),
        ]}
      />
      <Table aria-label="Uses by member" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Member</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Uses</Table.Th>
            <Table.Th>Since</Table.Th>
            <Table.Th>Up for</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {row.uses.map(({ host, operations, since, uptimeSeconds }) => (
            <Table.Tr key={host}>
              <Table.Td className="mono wrap-anywhere">{host}</Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>{formatCount(operations)}</Table.Td>
              <Table.Td>
                <Timestamp value={since} />
              </Table.Td>
              <Table.Td>{uptimeSeconds === null ? 'unknown' : daysText(uptimeSeconds / 86_400)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {connection.readOnly ? (
        <Notice kind="info">{connection.name} is read-only: nothing can be changed here.</Notice>
      ) : (
        <Group gap={8}>
          {fixed ? null : (
            <>
              <Button onClick={() => onChange(hidden ? 'unhide' : 'hide')}>{hidden ? 'Unhide…' : 'Hide…'}</Button>
              <Button variant="default" onClick={() => onChange('rebuild')}>
                Rebuild…
              </Button>
              <Button variant="default" color="red" onClick={() => onChange('drop')}>
                Drop…
              </Button>
            </>
          )}
          <Button variant="default" onClick={() => onChange('validate')}>
            Validate collection…
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function watchFacts({ hiddenAt, watchDays, readMsBefore, readMsSince }: WatchedIndex) {
  const milliseconds = (value: number | null): string =>
    value === null ? 'unknown' : `${value.toFixed(value < 10 ? 2 : 0)} ms`;
  return [
    { term: 'Hidden since', value: <Timestamp value={hiddenAt} /> },
    { term: 'To be watched', value: `${watchDays} days` },
    { term: 'Mean read before', value: milliseconds(readMsBefore) },
    { term: 'Mean read since', value: milliseconds(readMsSince) },
  ];
}
