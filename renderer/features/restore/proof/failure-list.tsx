import { Button, Table } from '@mantine/core';
import { useState } from 'react';
import { formatCount, formatQuantity } from '../../../../shared/format';
import type { RestoreResult } from '../../../../shared/restore';
import { Section } from '../../../components/page';
import { typedIdText } from '../id-text';

const shownRows = 200;

/** Writes that the server refused, and steps that failed. */
export function FailureList({ failures }: { failures: RestoreResult['failures'] }) {
  const [all, setAll] = useState(false);
  const title = `Failed: ${formatQuantity(failures.length, 'write')}`;
  const shown = all ? failures : failures.slice(0, shownRows);
  return (
    <Section title={title} flush>
      <Table aria-label={title} verticalSpacing={4} horizontalSpacing={16}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Namespace</Table.Th>
            <Table.Th scope="col">_id</Table.Th>
            <Table.Th scope="col">Reason</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map(({ ns, id, message }, index) => (
            <Table.Tr key={index}>
              <Table.Td className="mono">{ns}</Table.Td>
              <Table.Td className="mono wrap-anywhere">{id === null ? '' : typedIdText(id)}</Table.Td>
              <Table.Td className="wrap-anywhere">{message}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {failures.length > shown.length ? (
        <div style={{ padding: 8 }}>
          <Button variant="default" onClick={() => setAll(true)}>
            Show all {formatCount(failures.length)}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
