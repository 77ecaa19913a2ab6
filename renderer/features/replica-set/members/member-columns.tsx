import { Anchor } from '@mantine/core';
import { metricNames, type MetricName } from '../../../../shared/health';
import { formatLocal } from '../../../components/dates';
import { formatMetric, metricWords } from '../../../components/metric-text';
import type { Column } from '../../../components/table-model';
import { paths } from '../../../navigation';
import type { MemberView } from '../deployment-view';
import { MemberStateMark, MomentSince, roleWords, stateWord } from '../member-words';

const none = <span className="dimmed">–</span>;
const unknown = <span className="dimmed">unknown</span>;

/** What does not answer has no number; what has none though it answers needs none, or may not tell it. */
function numberCell(name: MetricName, { answered, metrics }: MemberView) {
  const value = metrics[name];
  if (value !== null) return formatMetric(name, value);
  return answered ? none : unknown;
}

function metricColumn(name: MetricName, width: number, hidden = false): Column<MemberView> {
  return {
    id: name,
    header: metricWords[name],
    width,
    align: 'right',
    hidden,
    value: ({ metrics }) => metrics[name],
    cell: (member) => numberCell(name, member),
  };
}

const shownMetrics: readonly MetricName[] = ['state', 'lagSeconds', 'connections', 'oplogWindowHours'];

function furtherRoles(member: MemberView): string {
  // Priority and votes have columns of their own.
  return roleWords(member.configuration).slice(2).join(', ');
}

function leading(hasSets: boolean): Column<MemberView>[] {
  return [
    {
      id: 'host',
      header: 'Member',
      width: 150,
      grow: 2,
      mono: true,
      value: ({ host }) => host,
      cell: ({ host }) => (
        <Anchor href={`#${paths.replicaSetMember(host)}`} size="xs" className="mono clip" title={host} display="block">
          {host}
        </Anchor>
      ),
    },
    { id: 'set', header: 'Set', width: 90, hidden: !hasSets, value: ({ set }) => set },
    {
      id: 'state',
      header: 'State',
      width: 140,
      value: stateWord,
      cell: (member) => <MemberStateMark member={member} />,
    },
    {
      id: 'since',
      header: 'Since',
      width: 240,
      hidden: true,
      value: ({ since }) => (since ? new Date(since.at).toISOString() : null),
      cell: ({ since }) => <MomentSince since={since} />,
    },
    { ...metricColumn('lagSeconds', 75), header: 'Lag' },
    {
      id: 'syncSource',
      header: 'Syncs from',
      width: 130,
      grow: 1,
      mono: true,
      value: ({ syncSource }) => syncSource,
    },
    {
      id: 'priority',
      header: 'Priority',
      width: 68,
      align: 'right',
      value: ({ configuration }) => configuration?.priority ?? null,
    },
    {
      id: 'votes',
      header: 'Votes',
      width: 60,
      align: 'right',
      value: ({ configuration }) => configuration?.votes ?? null,
    },
    { id: 'role', header: 'Role and tags', width: 100, grow: 1, value: (member) => furtherRoles(member) || null },
    metricColumn('connections', 95),
    { ...metricColumn('oplogWindowHours', 100), header: 'Oplog' },
  ];
}

const trailing: readonly Column<MemberView>[] = [
  {
    id: 'heard',
    header: 'Heard by others',
    width: 115,
    hidden: true,
    value: ({ heardByOthers }) => (heardByOthers === null ? null : heardByOthers ? 'yes' : 'no'),
  },
  { id: 'term', header: 'Term', width: 60, align: 'right', hidden: true, value: ({ term }) => term },
  { id: 'version', header: 'Version', width: 80, hidden: true, value: ({ version }) => version },
  ...metricNames.filter((name) => !shownMetrics.includes(name)).map((name) => metricColumn(name, 120, true)),
  {
    id: 'at',
    header: 'Sampled',
    width: 84,
    align: 'right',
    value: ({ at }) => new Date(at).toISOString(),
    cell: ({ at }) => <time dateTime={new Date(at).toISOString()}>{formatLocal(new Date(at), true).slice(11)}</time>,
  },
];

/** Every number there is of a member; most are to be chosen. */
export const memberColumns: readonly Column<MemberView>[] = [...leading(false), ...trailing];
export const shardedMemberColumns: readonly Column<MemberView>[] = [...leading(true), ...trailing];
