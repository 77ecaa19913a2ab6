import { Table } from '@mantine/core';
import type { OperationPreview } from '../../../../shared/operations';
import { formatQuantity } from '../../../../shared/format';

type Change = OperationPreview['changes'][number];

/** Each change of a configuration with its sign: what is new, gone, different. */
export function ChangesTable({ label, changes }: { label: string; changes: readonly Change[] }) {
  return (
    <Table aria-label={label} verticalSpacing={4} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{formatQuantity(changes.length, 'change')}</Table.Th>
          <Table.Th scope="col">Before</Table.Th>
          <Table.Th scope="col">After</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {changes.map((change) => (
          <Table.Tr key={change.path}>
            <Table.Td className="mono wrap-anywhere">
              <Sign change={change} /> {change.path}
            </Table.Td>
            <Table.Td className="mono wrap-anywhere">
              {change.before ?? <span className="dimmed">nothing</span>}
            </Table.Td>
            <Table.Td className="mono wrap-anywhere">
              {change.after ?? <span className="dimmed">nothing</span>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Sign({ change: { before, after } }: { change: Change }) {
  if (before === null) return <Marked name="effect-insert" sign="+" word="added" />;
  if (after === null) return <Marked name="effect-delete" sign="−" word="removed" />;
  return <Marked name="effect-replace" sign="≠" word="changed" />;
}

function Marked({ name, sign, word }: { name: string; sign: string; word: string }) {
  return (
    <span className={name} role="img" aria-label={word}>
      {sign}
    </span>
  );
}
