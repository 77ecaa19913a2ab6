import { ActionIcon, Button, Group, Menu, Select, Tooltip } from '@mantine/core';
import { IconChevronDown, IconFile, IconFolder, IconPlayerStop, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { Capture } from '../../../../shared/captures';
import type { Connection } from '../../../../shared/connections';
import { api, useAction } from '../../../api';
import { ConfirmTyped } from '../../../components/confirm-typed';
import { formatLocal, parseDate } from '../../../components/dates';
import { StateMark } from '../../../components/state-mark';
import { useSlowQueries } from '../slow-queries-store';
import { captureSentence, statusWords } from './capture-words';

interface SourceChooserProps {
  captures: readonly Capture[];
  chosen: Capture | null;
}

function label(capture: Capture): string {
  const started = parseDate(capture.startedAt);
  return `${capture.title}${started ? ` · ${formatLocal(started)}` : ''}`;
}

/** Which capture is looked at; ends it while it runs, forgets it afterwards. */
export function SourceChooser({ captures, chosen }: SourceChooserProps) {
  const choose = useSlowQueries((state) => state.choose);
  const [deleting, setDeleting] = useState(false);
  const stop = useAction(async (id: string) => {
    await api('captures.stop', { id });
  });
  const remove = useAction(async (id: string) => {
    await api('captures.delete', { id });
    await useSlowQueries.getState().load();
    setDeleting(false);
  });
  if (!chosen) return null;
  const { state, word } = statusWords[chosen.status];
  return (
    <Group gap={8}>
      <Select
        aria-label="Source"
        w={400}
        value={chosen.id}
        onChange={(id) => (id === null ? undefined : choose(id))}
        data={captures.map((capture) => ({ value: capture.id, label: label(capture) }))}
        searchable={captures.length > 8}
      />
      <StateMark state={state}>{word}</StateMark>
      {chosen.status === 'running' ? (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlayerStop size={14} aria-hidden />}
          loading={stop.busy}
          onClick={() => void stop.run(chosen.id)}
        >
          Stop gathering
        </Button>
      ) : (
        <Tooltip label="Delete this capture">
          <ActionIcon aria-label="Delete this capture" onClick={() => setDeleting(true)}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      <ConfirmTyped
        opened={deleting}
        onClose={() => setDeleting(false)}
        title="Delete this capture?"
        expected={null}
        expectedName=""
        confirmLabel="Delete"
        busy={remove.busy}
        error={remove.error}
        onConfirm={() => void remove.run(chosen.id)}
      >
        {captureSentence(chosen)} Only what Lifeboat keeps of it goes: logs and servers stay as they are.
      </ConfirmTyped>
    </Group>
  );
}

interface NewCaptureMenuProps {
  connection: Connection | null;
  onRecorded: () => void;
  onServerLog: () => void;
  onCurrent: () => void;
  onLogs: (folder: boolean) => void;
  busy: boolean;
}

/** The other sources beside the time-boxed profiler. */
export function NewCaptureMenu({ connection, onRecorded, onServerLog, onCurrent, onLogs, busy }: NewCaptureMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown size={14} aria-hidden />} loading={busy}>
          Open another source
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Files</Menu.Label>
        <Menu.Item leftSection={<IconFile size={14} aria-hidden />} onClick={() => onLogs(false)}>
          Log files…
        </Menu.Item>
        <Menu.Item leftSection={<IconFolder size={14} aria-hidden />} onClick={() => onLogs(true)}>
          A folder of logs…
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{connection ? connection.name : 'No connection is chosen'}</Menu.Label>
        <Menu.Item disabled={!connection} onClick={onRecorded}>
          What profilers recorded…
        </Menu.Item>
        <Menu.Item disabled={!connection} onClick={onServerLog}>
          The log in memory…
        </Menu.Item>
        <Menu.Item disabled={!connection} onClick={onCurrent}>
          Sample what runs…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
