import { Button, Modal, Group, Stack, Text } from '@mantine/core';
import { IconBellOff, IconPlayerStop } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Silence } from '../../../shared/alerts';
import { formatDuration } from '../../../shared/format';
import type { RuleEntry } from '../../../shared/incidents';
import { api, useAction } from '../../api';
import { announce } from '../../components/announcer';
import { DataTable } from '../../components/data-table';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { RowKeys } from '../../components/row-keys';
import type { Column } from '../../components/table-model';
import { Timestamp } from '../../components/timestamp';
import { useNow } from '../../components/use-now';
import { useAlerts } from '../../state/alerts';
import { useConnectionNames } from './connection-names';

interface SilencesTabProps {
  silences: readonly Silence[];
  rules: readonly RuleEntry[] | null;
  onNew: () => void;
}

/** What is kept quiet now, until when and why. */
export function SilencesTab({ silences, rules, onNew }: SilencesTabProps) {
  const nameOf = useConnectionNames();
  const [ending, setEnding] = useState<Silence | null>(null);
  const columns = useMemo(() => silenceColumns(nameOf, rules, setEnding), [nameOf, rules]);
  if (silences.length === 0)
    return (
      <EmptyState
        icon={<IconBellOff size={32} />}
        title="Nothing is silenced"
        actions={
          <Button variant="default" onClick={onNew}>
            Silence a deployment…
          </Button>
        }
      >
        Before maintenance, silence a deployment; at an alert, silence it, its member or its deployment. It ends by
        itself, and what still fires then is told.
      </EmptyState>
    );
  return (
    <RowKeys>
      <DataTable
        label="Silences"
        columns={columns}
        rows={silences}
        rowKey={({ id }) => id}
        initialSort={{ id: 'until', desc: true }}
      />
      <EndDialog
        silence={ending}
        what={ending ? whatText(ending, nameOf, rules) : ''}
        onClose={() => setEnding(null)}
      />
    </RowKeys>
  );
}

function groupText(group: string, rules: readonly RuleEntry[] | null): string {
  return rules?.find(({ rule }) => rule.group === group)?.rule.name ?? group;
}

function whatText(
  { group, connectionId, host }: Silence,
  nameOf: (id: string) => string,
  rules: readonly RuleEntry[] | null,
): string {
  const where = [connectionId === null ? 'everywhere' : nameOf(connectionId), host].filter((part) => part !== null);
  return `${group === null ? 'Every alert' : groupText(group, rules)} · ${where.join(', ')}`;
}

function Left({ until }: { until: number }) {
  const now = useNow();
  const seconds = (until - now.getTime()) / 1000;
  return seconds > 0 ? <>{formatDuration(seconds)}</> : <span className="dimmed">over</span>;
}

function EndButton({ what, until, onEnd }: { what: string; until: number; onEnd: () => void }) {
  const now = useNow();
  if (until <= now.getTime()) return null;
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<IconPlayerStop size={12} aria-hidden />}
      data-row
      aria-label={`End the silence: ${what}`}
      onClick={onEnd}
    >
      End
    </Button>
  );
}

function silenceColumns(
  nameOf: (id: string) => string,
  rules: readonly RuleEntry[] | null,
  onEnd: (silence: Silence) => void,
): Column<Silence>[] {
  return [
    {
      id: 'what',
      header: 'What',
      width: 220,
      grow: 2,
      value: (silence) => whatText(silence, nameOf, rules),
    },
    { id: 'reason', header: 'Reason', width: 160, grow: 2, value: ({ reason }) => reason },
    {
      id: 'until',
      header: 'Until',
      width: 145,
      value: ({ until }) => new Date(until).toISOString(),
      cell: ({ until }) => <Timestamp value={new Date(until)} />,
    },
    {
      id: 'left',
      header: 'Left',
      width: 110,
      align: 'right',
      value: ({ until }) => until,
      cell: ({ until }) => <Left until={until} />,
    },
    { id: 'by', header: 'By', width: 100, grow: 1, value: ({ by }) => by },
    {
      id: 'at',
      header: 'Since',
      width: 145,
      hidden: true,
      value: ({ at }) => new Date(at).toISOString(),
      cell: ({ at }) => <Timestamp value={new Date(at)} />,
    },
    {
      id: 'end',
      header: 'Do',
      width: 80,
      value: () => null,
      cell: (silence) => (
        <EndButton what={whatText(silence, nameOf, rules)} until={silence.until} onEnd={() => onEnd(silence)} />
      ),
    },
  ];
}

function EndDialog({ silence, what, onClose }: { silence: Silence | null; what: string; onClose: () => void }) {
  const end = useAction(async () => {
    if (!silence) return;
    await api('alerts.end-silence', { id: silence.id });
    await useAlerts.getState().load();
    announce('The silence has ended');
    onClose();
  });
  return (
    <Modal opened={silence !== null} onClose={onClose} title="End this silence?">
      <Stack gap={16}>
        <Text size="sm" className="wrap-anywhere">
          {what}
        </Text>
        <Text size="sm" c="dimmed">
          What it kept quiet and still fires is told with the next sample.
        </Text>
        {end.error ? <ErrorPanel error={end.error} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button data-autofocus loading={end.busy} onClick={() => void end.run()}>
            End it
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
