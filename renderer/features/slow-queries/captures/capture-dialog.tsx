import { Button, Group, Modal, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { CaptureRequest } from '../../../../shared/captures';
import type { Connection } from '../../../../shared/connections';
import type { ProfilingStatus } from '../../../../shared/profiling';
import { useAction } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { Choice } from '../profiler/profile-dialog';
import { startCapture } from './start-capture';

export type LiveSource = 'recorded' | 'server-log' | 'current-operations';

interface CaptureDialogProps {
  /** Null: closed. */
  source: LiveSource | null;
  onClose: () => void;
  connection: Connection;
  status: ProfilingStatus | null;
}

const words: Record<LiveSource, { title: string; text: string }> = {
  recorded: {
    title: 'Read what profilers recorded',
    text: 'Reads system.profile as it is and sets nothing. Without a profiler that is on, or was, there is nothing in it.',
  },
  'server-log': {
    title: 'Read the log in memory',
    text: 'Each server keeps its last 1,024 lines in memory: slow operations of the last while, without access to its files. Sets nothing.',
  },
  'current-operations': {
    title: 'Sample what runs',
    text: 'Looks again and again at what runs. Finds long operations and misses short ones; each look costs the server about as much as one quick query. Sets nothing.',
  },
};

/** A capture that reads from a deployment without changing it. */
export function CaptureDialog({ source, onClose, connection, status }: CaptureDialogProps) {
  return (
    <Modal opened={source !== null} onClose={onClose} title={source ? words[source].title : ''} size="lg">
      {source ? (
        <CaptureForm key={source} source={source} onClose={onClose} connection={connection} status={status} />
      ) : null}
    </Modal>
  );
}

const sinceChoices = [
  { value: '60', label: 'Of the last hour' },
  { value: '1440', label: 'Of the last 24 h' },
  { value: 'all', label: 'All of it' },
];

function CaptureForm({ source, onClose, connection, status }: CaptureDialogProps & { source: LiveSource }) {
  const [hosts, setHosts] = useState<string[]>([]);
  const [databases, setDatabases] = useState<string[]>([]);
  const [minutes, setMinutes] = useState<number | string>(source === 'current-operations' ? 1 : 0);
  const [since, setSince] = useState('60');
  const [everyMs, setEveryMs] = useState<number | string>(1000);
  const [slowms, setSlowms] = useState<number | string>(100);
  const start = useAction(async () => {
    await startCapture(request());
    onClose();
  });
  const number = (value: number | string, otherwise: number) => (typeof value === 'number' ? value : otherwise);
  const request = (): CaptureRequest['source'] => {
    const common = { connectionId: connection.id, hosts: hosts.length === 0 ? null : hosts };
    switch (source) {
      case 'recorded':
        return {
          ...common,
          type: 'profiler',
          databases: databases.length === 0 ? null : databases,
          since: since === 'all' ? null : Date.now() - Number(since) * 60_000,
          minutes: number(minutes, 0),
          profiling: null,
        };
      case 'server-log':
        return { ...common, type: 'server-log', minutes: number(minutes, 0) };
      case 'current-operations':
        return {
          ...common,
          type: 'current-operations',
          minutes: number(minutes, 1),
          intervalMs: number(everyMs, 1000),
          slowms: number(slowms, 100),
        };
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!start.busy) void start.run();
  };
  const members = (status?.members ?? []).filter(({ state }) => state !== 'ARBITER');
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <Text size="sm">{words[source].text}</Text>
        {source === 'recorded' && status ? (
          <Choice
            label="Databases"
            all="All databases"
            names={status.databases}
            chosen={databases}
            onChange={setDatabases}
          />
        ) : null}
        {members.length > 1 ? (
          <Choice
            label="Members"
            all="Every member that holds data"
            names={members.map(({ host }) => host)}
            describe={(host) => members.find((member) => member.host === host)?.state ?? ''}
            chosen={hosts}
            onChange={setHosts}
          />
        ) : null}
        {source === 'recorded' ? (
          <Select
            label="What was recorded"
            value={since}
            onChange={(value) => setSince(value ?? '60')}
            data={sinceChoices}
          />
        ) : null}
        <Group gap={16} align="flex-start" grow>
          <NumberInput
            label={source === 'current-operations' ? 'For how many minutes' : 'And go on for (minutes)'}
            description={source === 'current-operations' ? undefined : '0: only what there is now'}
            value={minutes}
            onChange={setMinutes}
            min={source === 'current-operations' ? 0.05 : 0}
            max={1440}
          />
          {source === 'current-operations' ? (
            <>
              <NumberInput label="A look every (ms)" value={everyMs} onChange={setEveryMs} min={100} max={60_000} />
              <NumberInput label="Running for at least (ms)" value={slowms} onChange={setSlowms} min={0} />
            </>
          ) : null}
        </Group>
        {start.error ? <ErrorPanel error={start.error} connectionId={connection.id} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={start.busy}>
            {source === 'current-operations' ? 'Sample' : 'Read'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
