import { Button, Group, Switch, Table, Text } from '@mantine/core';
import type { Channel, ChannelEntry } from '../../../../shared/channels';
import { formatQuantity, maskControlCharacters } from '../../../../shared/format';
import { StateMark } from '../../../components/state-mark';
import { Age } from '../../../components/timestamp';
import { kindWords, scopeRoute, severityRoute } from './channel-words';

interface ChannelTableProps {
  entries: readonly ChannelEntry[];
  /** The channel a test message is on its way to. */
  testingId: string | null;
  onTest: (channel: Channel) => void;
  onSwitch: (channel: Channel, enabled: boolean) => void;
  onEdit: (channel: Channel) => void;
  onRemove: (channel: Channel) => void;
}

export function ChannelTable({ entries, testingId, onTest, onSwitch, onEdit, onRemove }: ChannelTableProps) {
  return (
    <Table aria-label="Channels" verticalSpacing={8} horizontalSpacing={12}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">On</Table.Th>
          <Table.Th scope="col">Channel</Table.Th>
          <Table.Th scope="col">Leads to</Table.Th>
          <Table.Th scope="col">Is told</Table.Th>
          <Table.Th scope="col">State</Table.Th>
          <Table.Th scope="col">Change</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => {
          const { channel } = entry;
          return (
            <Table.Tr key={channel.id}>
              <Table.Td>
                <Switch
                  aria-label={`${channel.name} is on`}
                  checked={channel.enabled}
                  onChange={(event) => onSwitch(channel, event.currentTarget.checked)}
                />
              </Table.Td>
              <Table.Td className="wrap-anywhere">
                <div>{channel.name}</div>
                <Text size="xs" c="dimmed">
                  {kindWords[channel.settings.kind]}
                </Text>
              </Table.Td>
              <Table.Td className="wrap-anywhere">{channel.destination}</Table.Td>
              <Table.Td>
                {severityRoute(channel)}
                <Text size="xs" c="dimmed">
                  {scopeRoute(channel)}
                </Text>
              </Table.Td>
              <Table.Td className="wrap-anywhere">
                <ChannelState {...entry} />
              </Table.Td>
              <Table.Td>
                <Group gap={8} wrap="nowrap">
                  <Button
                    variant="default"
                    loading={testingId === channel.id}
                    aria-label={`Test ${channel.name}`}
                    onClick={() => onTest(channel)}
                  >
                    Test
                  </Button>
                  <Button variant="default" aria-label={`Edit ${channel.name}`} onClick={() => onEdit(channel)}>
                    Edit…
                  </Button>
                  <Button variant="default" aria-label={`Remove ${channel.name}`} onClick={() => onRemove(channel)}>
                    Remove…
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

function ChannelState({ channel, problem, waiting, dead, last }: ChannelEntry) {
  const counts = [
    ...(waiting > 0 ? [`${formatQuantity(waiting, 'message')} waiting`] : []),
    ...(dead > 0 ? [`${formatQuantity(dead, 'message')} given up`] : []),
  ];
  return (
    <>
      <StateWord channel={channel} problem={problem} last={last} />
      {counts.length > 0 ? (
        <Text size="xs" className={dead > 0 ? 'bad' : 'dimmed'}>
          {counts.join(', ')}
        </Text>
      ) : null}
    </>
  );
}

function StateWord({ channel, problem, last }: Pick<ChannelEntry, 'channel' | 'problem' | 'last'>) {
  if (!channel.enabled) return <StateMark state="stopped">Off</StateMark>;
  if (problem)
    return (
      <>
        <StateMark state="warning">{problem.message}</StateMark>
        {problem.hint ? (
          <Text size="xs" c="dimmed">
            {problem.hint}
          </Text>
        ) : null}
      </>
    );
  if (!last) return <StateMark state="unknown">Nothing sent yet</StateMark>;
  if (last.error) return <StateMark state="bad">{maskControlCharacters(last.error.message)}</StateMark>;
  return (
    <StateMark state="good">
      Delivered <Age value={new Date(last.at)} />
    </StateMark>
  );
}
