import { Button, Group, SegmentedControl, Table } from '@mantine/core';
import { useState } from 'react';
import { formatCountIfKnown, formatMilliseconds } from '../../../../shared/format';
import type { ShapeDetails } from '../../../../shared/slow-queries';
import { Section } from '../../../components/page';
import { Timestamp } from '../../../components/timestamp';
import { CommandText, MaskSwitch } from '../masking';

interface ExamplesSectionProps {
  details: ShapeDetails;
  masked: boolean;
  onMasked: (masked: boolean) => void;
}

/** A few of its operations, with their commands. */
export function ExamplesSection({ details, masked, onMasked }: ExamplesSectionProps) {
  const [which, setWhich] = useState<'slowest' | 'newest'>('slowest');
  const operations = details[which];
  const [chosen, setChosen] = useState<number | null>(null);
  const shown = operations.find(({ operation }) => operation === chosen) ?? operations[0] ?? null;
  return (
    <Section
      title="Examples"
      aside={
        <Group gap={16}>
          <MaskSwitch masked={masked} onChange={onMasked} />
          <SegmentedControl
            aria-label="Which examples"
            value={which}
            onChange={(value) => setWhich(value === 'newest' ? 'newest' : 'slowest')}
            data={[
              { value: 'slowest', label: 'The slowest' },
              { value: 'newest', label: 'The newest' },
            ]}
          />
        </Group>
      }
    >
      <Table aria-label="Examples" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Took</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Documents read</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Keys read</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Returned</Table.Th>
            <Table.Th>Plan</Table.Th>
            <Table.Th>App</Table.Th>
            <Table.Th>Member</Table.Th>
            <Table.Th aria-label="Command" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {operations.map((operation) => (
            <Table.Tr key={operation.operation} bg={operation === shown ? 'var(--lb-selected)' : undefined}>
              <Table.Td>
                <Timestamp value={new Date(operation.time)} seconds />
              </Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>{formatMilliseconds(operation.durationMs)}</Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>{formatCountIfKnown(operation.docsExamined)}</Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>{formatCountIfKnown(operation.keysExamined)}</Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>{formatCountIfKnown(operation.returned)}</Table.Td>
              <Table.Td className="mono">{operation.planSummary ?? '–'}</Table.Td>
              <Table.Td>{operation.app ?? '–'}</Table.Td>
              <Table.Td>{operation.host ?? '–'}</Table.Td>
              <Table.Td>
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-xs"
                  aria-pressed={operation === shown}
                  onClick={() => setChosen(operation.operation)}
                >
                  Command
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {shown ? (
        <div style={{ marginTop: 12 }}>
          <CommandText command={shown.command} />
        </div>
      ) : null}
    </Section>
  );
}
