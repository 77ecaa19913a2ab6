import { Anchor, Table } from '@mantine/core';
import { formatDuration } from '../../../../shared/format';
import type { ConfiguredMember, ReplicaSetConfiguration } from '../../../../shared/deployment-health';
import { Section } from '../../../components/page';
import { paths } from '../../../navigation';
import { settingWords } from './setting-words';

const none = <span className="dimmed">–</span>;

function kindOf({ arbiterOnly, hidden, buildIndexes }: ConfiguredMember): string {
  return [arbiterOnly ? 'arbiter' : null, hidden ? 'hidden' : null, buildIndexes ? null : 'builds no indexes']
    .filter(Boolean)
    .join(', ');
}

function tagsOf({ tags }: ConfiguredMember): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}

export function ConfiguredMembers({ configuration }: { configuration: ReplicaSetConfiguration }) {
  return (
    <Section title="Members" flush>
      <Table aria-label="Members of the configuration" verticalSpacing={4} horizontalSpacing={16}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th style={{ textAlign: 'right' }}>_id</Table.Th>
            <Table.Th>Host</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Priority</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Votes</Table.Th>
            <Table.Th>Kind</Table.Th>
            <Table.Th style={{ textAlign: 'right' }}>Delay</Table.Th>
            <Table.Th>Tags</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {configuration.members.map((member) => (
            <Table.Tr key={member.id}>
              <Table.Td style={{ textAlign: 'right' }}>{member.id}</Table.Td>
              <Table.Td>
                <Anchor href={`#${paths.replicaSetMember(member.host)}`} size="xs" className="mono wrap-anywhere">
                  {member.host}
                </Anchor>
              </Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>{member.priority}</Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>{member.votes}</Table.Td>
              <Table.Td>{kindOf(member) || none}</Table.Td>
              <Table.Td style={{ textAlign: 'right' }}>
                {member.delaySeconds === 0 ? none : formatDuration(member.delaySeconds)}
              </Table.Td>
              <Table.Td className="wrap-anywhere">{tagsOf(member) || none}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

export function SettingsTable({ configuration }: { configuration: ReplicaSetConfiguration }) {
  return (
    <Section title="Settings" flush>
      <Table aria-label="Settings" verticalSpacing={4} horizontalSpacing={16}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Setting</Table.Th>
            <Table.Th>Value</Table.Th>
            <Table.Th>What it does</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {configuration.settings.map(({ name, value }) => (
            <Table.Tr key={name}>
              <Table.Td className="mono">{name}</Table.Td>
              <Table.Td className="mono wrap-anywhere">{value}</Table.Td>
              <Table.Td className="dimmed">{settingWords[name] ?? null}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
