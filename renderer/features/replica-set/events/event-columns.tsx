import { Anchor } from '@mantine/core';
import type { HealthEvent } from '../../../../shared/health';
import { StateMark } from '../../../components/state-mark';
import type { Column } from '../../../components/table-model';
import { Timestamp } from '../../../components/timestamp';
import { paths } from '../../../navigation';
import { eventWords } from './event-list';

function columns(hasSets: boolean): Column<HealthEvent>[] {
  return [
    {
      id: 'at',
      header: 'When',
      width: 168,
      value: ({ at }) => new Date(at).toISOString(),
      cell: ({ at }) => <Timestamp value={new Date(at)} seconds />,
    },
    {
      id: 'kind',
      header: 'What',
      width: 130,
      value: ({ kind }) => eventWords[kind].word,
      cell: ({ kind }) => <StateMark state={eventWords[kind].state}>{eventWords[kind].word}</StateMark>,
    },
    {
      id: 'host',
      header: 'Member',
      width: 150,
      grow: 1,
      mono: true,
      value: ({ host }) => host,
      cell: ({ host }) =>
        host === null ? (
          <span className="dimmed">–</span>
        ) : (
          <Anchor href={`#${paths.replicaSetMember(host)}`} size="xs" className="mono">
            {host}
          </Anchor>
        ),
    },
    { id: 'set', header: 'Set', width: 90, hidden: !hasSets, value: ({ set }) => set },
    {
      id: 'text',
      header: 'Details',
      width: 300,
      grow: 3,
      value: ({ text }) => text,
    },
  ];
}

export const eventColumns: readonly Column<HealthEvent>[] = columns(false);
export const shardedEventColumns: readonly Column<HealthEvent>[] = columns(true);
