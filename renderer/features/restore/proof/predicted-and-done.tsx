import { Table } from '@mantine/core';
import type { Effect } from '../../../../shared/diff';
import { EffectNumber, effectKinds, type EffectKind } from '../../../components/effect-numbers';
import { StateMark } from '../../../components/state-mark';

const doneWords: Record<EffectKind, string> = {
  insert: 'Inserted',
  replace: 'Replaced',
  delete: 'Deleted',
  keep: 'Untouched',
  conflict: 'In conflict',
};

/** What was said beforehand against what was done, kind by kind. */
export function PredictedAndDone({ predicted, done }: { predicted: Effect; done: Effect }) {
  return (
    <Table aria-label="Predicted and done" verticalSpacing={4} horizontalSpacing={16}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Documents</Table.Th>
          <Table.Th scope="col" ta="right">
            Predicted
          </Table.Th>
          <Table.Th scope="col" ta="right">
            Done
          </Table.Th>
          <Table.Th scope="col">As predicted</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {effectKinds.map((kind) => (
          <Table.Tr key={kind}>
            <Table.Td>{doneWords[kind]}</Table.Td>
            <Table.Td ta="right">
              <EffectNumber kind={kind} count={predicted[kind]} />
            </Table.Td>
            <Table.Td ta="right">
              <EffectNumber kind={kind} count={done[kind]} />
            </Table.Td>
            <Table.Td>
              <StateMark state={predicted[kind] === done[kind] ? 'good' : 'warning'}>
                {predicted[kind] === done[kind] ? 'yes' : 'no'}
              </StateMark>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
