import { ActionIcon, Anchor, Tooltip } from '@mantine/core';
import { IconBellOff, IconUserCheck } from '@tabler/icons-react';
import type { Incident } from '../../../shared/alerts';
import { formatDuration } from '../../../shared/format';
import { SeverityMark, severityOrder, severityWords } from '../../components/severity-mark';
import type { Column } from '../../components/table-model';
import { Age, Timestamp } from '../../components/timestamp';
import { paths } from '../../navigation';
import { useNow } from '../../components/use-now';

/** What the columns need to know beside an incident. */
export interface IncidentContext {
  nameOf: (connectionId: string) => string;
  /** With its unit. */
  valueOf: (incident: Incident) => string | null;
}

const none = <span className="dimmed">–</span>;

export function memberText({ host, set }: Incident): string {
  return host ?? (set === null ? 'all of it' : `set ${set}`);
}

/** Who took it on, whether it is quiet. */
function handledText({ acknowledged, silenced }: Incident): string | null {
  const parts = [acknowledged ? acknowledged.by : '', silenced ? 'silenced' : ''].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join(', ');
}

function commonColumns({ nameOf }: IncidentContext): Column<Incident>[] {
  return [
    {
      id: 'severity',
      header: 'Severity',
      width: 100,
      value: ({ severity }) => severityWords[severity],
      order: ({ severity }) => severityOrder(severity),
      cell: ({ severity }) => <SeverityMark severity={severity} />,
    },
    {
      id: 'what',
      header: 'What',
      width: 190,
      grow: 3,
      value: ({ name, text }) => `${name}: ${text}`,
      cell: ({ id, name, text, followsFrom }) => (
        <span title={text}>
          <Anchor href={`#${paths.alert(id)}`} size="sm">
            {name}
          </Anchor>{' '}
          <span className="dimmed">
            {followsFrom === undefined ? '' : 'follows from another alert · '}
            {text}
          </span>
        </span>
      ),
    },
    {
      id: 'deployment',
      header: 'Deployment',
      width: 105,
      grow: 1,
      value: ({ connectionId }) => nameOf(connectionId),
    },
    { id: 'member', header: 'Member', width: 135, grow: 1, mono: true, value: memberText },
  ];
}

function Lasting({ from }: { from: number }) {
  const now = useNow(1000);
  return <>{formatDuration(Math.max(0, (now.getTime() - from) / 1000))}</>;
}

export function openColumns(
  context: IncidentContext,
  onAcknowledge: (incident: Incident) => void,
  onSilence: (incident: Incident) => void,
): Column<Incident>[] {
  return [
    ...commonColumns(context),
    {
      id: 'since',
      header: 'Since',
      width: 90,
      value: ({ since }) => new Date(since).toISOString(),
      cell: ({ since }) => <Age value={new Date(since)} />,
    },
    {
      id: 'lasting',
      header: 'Lasting',
      width: 100,
      hidden: true,
      align: 'right',
      value: ({ since }) => since,
      cell: ({ since }) => <Lasting from={since} />,
    },
    {
      id: 'value',
      header: 'Value',
      width: 80,
      align: 'right',
      value: ({ value }) => value,
      cell: (incident) => context.valueOf(incident) ?? none,
    },
    {
      id: 'handled',
      header: 'Acknowledged',
      width: 130,
      grow: 1,
      value: handledText,
      cell: (incident) => (
        <span className="clip" title={incident.acknowledged?.note}>
          {handledText(incident) ?? none}
        </span>
      ),
    },
    {
      id: 'actions',
      header: 'Do',
      width: 80,
      value: () => null,
      cell: (incident) => (
        <RowActions
          incident={incident}
          onAcknowledge={() => onAcknowledge(incident)}
          onSilence={() => onSilence(incident)}
        />
      ),
    },
  ];
}

interface RowActionsProps {
  incident: Incident;
  onAcknowledge: () => void;
  onSilence: () => void;
}

function RowActions({ incident, onAcknowledge, onSilence }: RowActionsProps) {
  const what = `${incident.name}, ${memberText(incident)}`;
  return (
    <span style={{ display: 'inline-flex', gap: 4 }}>
      {incident.acknowledged ? null : (
        <Tooltip label="Acknowledge">
          <ActionIcon size={24} aria-label={`Acknowledge ${what}`} onClick={onAcknowledge}>
            <IconUserCheck size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {incident.silenced ? null : (
        <Tooltip label="Silence">
          <ActionIcon size={24} aria-label={`Silence ${what}`} onClick={onSilence}>
            <IconBellOff size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
    </span>
  );
}

export function pastColumns(context: IncidentContext): Column<Incident>[] {
  return [
    ...commonColumns(context),
    {
      id: 'firedAt',
      header: 'From',
      width: 145,
      value: ({ since }) => new Date(since).toISOString(),
      cell: ({ since }) => <Timestamp value={new Date(since)} />,
    },
    {
      id: 'clearedAt',
      header: 'Until',
      width: 145,
      hidden: true,
      value: ({ clearedAt }) => (clearedAt === null ? null : new Date(clearedAt).toISOString()),
      cell: ({ clearedAt }) => <Timestamp value={clearedAt === null ? null : new Date(clearedAt)} />,
    },
    {
      id: 'lasted',
      header: 'Lasted',
      width: 100,
      align: 'right',
      value: ({ since, clearedAt }) => (clearedAt === null ? null : (clearedAt - since) / 1000),
      cell: ({ since, clearedAt }) => (clearedAt === null ? none : formatDuration((clearedAt - since) / 1000)),
    },
    {
      id: 'handled',
      header: 'Acknowledged',
      width: 130,
      grow: 1,
      value: handledText,
    },
  ];
}
