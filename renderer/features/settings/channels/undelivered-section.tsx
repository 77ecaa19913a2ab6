import { Button, Group, Table, Text } from '@mantine/core';
import type { DeliveryLists } from '../../../../shared/channels';
import { maskControlCharacters } from '../../../../shared/format';
import { Section } from '../../../components/page';
import { SeverityMark } from '../../../components/severity-mark';
import { Age, Timestamp } from '../../../components/timestamp';
import { deliveryWords } from './channel-words';
import styles from './channels.module.css';

type Listed = DeliveryLists['dead'][number];

interface DeliverySectionProps {
  deliveries: readonly Listed[];
  busy: boolean;
  onRetry: (ids: string[]) => void;
  onDiscard: (ids: string[]) => void;
}

/** What was given up: kept until somebody tries it again or discards it. */
export function UndeliveredSection({ deliveries, busy, onRetry, onDiscard }: DeliverySectionProps) {
  const ids = deliveries.map(({ id }) => id);
  return (
    <Section
      title="Not delivered"
      flush
      aside={
        <Group gap={8}>
          <Button variant="default" disabled={busy} onClick={() => onRetry(ids)}>
            Try all again
          </Button>
          <Button variant="default" disabled={busy} onClick={() => onDiscard(ids)}>
            Discard all
          </Button>
        </Group>
      }
    >
      <DeliveryTable
        label="Messages that were not delivered"
        time={{ title: 'Given up', of: ({ diedAt }) => <Age value={diedAt === null ? null : new Date(diedAt)} /> }}
        {...{ deliveries, busy, onRetry, onDiscard }}
        retryLabel="Try again"
      />
    </Section>
  );
}

/** What is on its way and was not taken yet. */
export function WaitingSection({ deliveries, busy, onRetry, onDiscard }: DeliverySectionProps) {
  return (
    <Section title="On their way" flush>
      <DeliveryTable
        label="Messages on their way"
        time={{ title: 'Next try', of: ({ nextTryAt }) => <Timestamp value={new Date(nextTryAt)} seconds /> }}
        {...{ deliveries, busy, onRetry, onDiscard }}
        retryLabel="Try now"
      />
    </Section>
  );
}

interface DeliveryTableProps extends DeliverySectionProps {
  label: string;
  time: { title: string; of: (delivery: Listed) => React.ReactNode };
  retryLabel: string;
}

function DeliveryTable({ label, time, deliveries, busy, retryLabel, onRetry, onDiscard }: DeliveryTableProps) {
  return (
    <Table aria-label={label} verticalSpacing={8} horizontalSpacing={16}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{time.title}</Table.Th>
          <Table.Th scope="col">Channel</Table.Th>
          <Table.Th scope="col">Message</Table.Th>
          <Table.Th scope="col" ta="right">
            Tries
          </Table.Th>
          <Table.Th scope="col">Why not</Table.Th>
          <Table.Th scope="col">What now</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {deliveries.map((delivery) => {
          const { id, channelName, kind, incident, connectionName, tries, error } = delivery;
          const subject = [incident.host ?? incident.set, connectionName].filter((part) => part !== null).join(' · ');
          return (
            <Table.Tr key={id}>
              <Table.Td className="nowrap">{time.of(delivery)}</Table.Td>
              <Table.Td className="wrap-anywhere">{channelName}</Table.Td>
              <Table.Td className="wrap-anywhere">
                <SeverityMark severity={incident.severity}>
                  {deliveryWords[kind]}: {incident.name}
                </SeverityMark>
                <Text size="xs" c="dimmed">
                  {maskControlCharacters(subject)}
                </Text>
              </Table.Td>
              <Table.Td ta="right">{tries}</Table.Td>
              <Table.Td className={`wrap-anywhere ${styles.why}`}>
                {error ? (
                  <>
                    {maskControlCharacters(error.message)}
                    {error.hint ? (
                      <Text size="xs" c="dimmed">
                        {maskControlCharacters(error.hint)}
                      </Text>
                    ) : null}
                  </>
                ) : (
                  <span className="dimmed">not tried yet</span>
                )}
              </Table.Td>
              <Table.Td>
                <Group gap={8} wrap="nowrap">
                  <Button
                    variant="default"
                    disabled={busy}
                    aria-label={`${retryLabel}: ${incident.name} to ${channelName}`}
                    onClick={() => onRetry([id])}
                  >
                    {retryLabel}
                  </Button>
                  <Button
                    variant="default"
                    disabled={busy}
                    aria-label={`Discard: ${incident.name} to ${channelName}`}
                    onClick={() => onDiscard([id])}
                  >
                    Discard
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
