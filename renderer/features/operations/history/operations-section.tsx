import { Anchor, Table } from '@mantine/core';
import { useEffect } from 'react';
import { Section } from '../../../components/page';
import { StateMark } from '../../../components/state-mark';
import { Timestamp } from '../../../components/timestamp';
import { paths } from '../../../navigation';
import { useOperations, useOutcomesOf } from '../../../state/operations';
import { operationWords, outcomeMark } from '../operation-words';

const shownOperations = 5;

/** The newest operations on one set, for its page. `set` null: on any of the connection. */
export function OperationsSection({ connectionId, set }: { connectionId: string; set: string | null }) {
  const load = useOperations((state) => state.load);
  const error = useOperations((state) => state.error);
  const outcomes = useOutcomesOf(connectionId, set);
  useEffect(() => void load(), [load]);
  const isEmpty = outcomes === null || outcomes.length === 0;
  return (
    <Section
      title="Operations"
      aside={
        <Anchor href={`#${paths.operations}`} size="xs">
          All operations
        </Anchor>
      }
      flush={!isEmpty}
    >
      {isEmpty ? (
        <span className="dimmed">
          {outcomes ? 'None so far.' : error ? error.message : 'Reading the operations so far.'}
        </span>
      ) : (
        <Table aria-label="Newest operations" verticalSpacing={4} horizontalSpacing={16}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">When</Table.Th>
              <Table.Th scope="col">Operation</Table.Th>
              <Table.Th scope="col">Outcome</Table.Th>
              <Table.Th scope="col">What is so since</Table.Th>
              <Table.Th scope="col">Who</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {outcomes.slice(0, shownOperations).map((outcome) => {
              const { state, word } = outcomeMark(outcome);
              return (
                <Table.Tr key={outcome.id}>
                  <Table.Td>
                    <Timestamp value={new Date(outcome.startedAt)} />
                  </Table.Td>
                  <Table.Td>
                    <Anchor href={`#${paths.operation(outcome.id)}`} size="sm">
                      {operationWords[outcome.kind].title}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <StateMark state={state}>{word}</StateMark>
                  </Table.Td>
                  <Table.Td className="wrap-anywhere">{outcome.text}</Table.Td>
                  <Table.Td>{outcome.user}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}
