import { Table } from '@mantine/core';
import type { NamespaceDiff } from '../../../../shared/diff';
import { formatCount, formatQuantity } from '../../../../shared/format';
import { Section } from '../../../components/page';

interface RemainingProps {
  title: string;
  namespaces: readonly NamespaceDiff[];
}

/** What the diff after a restore still shows. */
export function Remaining({ title, namespaces }: RemainingProps) {
  return (
    <Section title={title} flush>
      <Table aria-label={title} verticalSpacing={4} horizontalSpacing={16}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Namespace</Table.Th>
            <Table.Th scope="col" ta="right">
              Only in backup
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Changed
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Only in target
            </Table.Th>
            <Table.Th scope="col">Indexes and options</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {namespaces.map(({ ns, targetNs, documents, indexes, options }) => {
            const indexCount = indexes.add.length + indexes.change.length + indexes.remove.length;
            return (
              <Table.Tr key={ns}>
                <Table.Td className="mono wrap-anywhere">{targetNs}</Table.Td>
                <Table.Td ta="right">{formatCount(documents.onlyInBackup)}</Table.Td>
                <Table.Td ta="right">{formatCount(documents.changed)}</Table.Td>
                <Table.Td ta="right">{formatCount(documents.onlyInTarget)}</Table.Td>
                <Table.Td>
                  {indexCount === 0 && options.same ? 'same' : ''}
                  {indexCount > 0 ? formatQuantity(indexCount, 'index', 'indexes') : ''}
                  {indexCount > 0 && !options.same ? ', ' : ''}
                  {options.same ? '' : 'options'}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
