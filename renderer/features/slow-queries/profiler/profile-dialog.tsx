import {
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState, type FormEvent } from 'react';
import type { Connection } from '../../../../shared/connections';
import type { ProfilingLevel, ProfilingRequest, ProfilingStatus } from '../../../../shared/profiling';
import { api, useAction, useRequest } from '../../../api';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { useSlowQueries } from '../slow-queries-store';
import { newProfileDraft, problemsOfDraft, requestOfDraft, type ProfileDraft } from './profile-draft';
import styles from './profiler.module.css';

interface ProfileDialogProps {
  opened: boolean;
  onClose: () => void;
  connection: Connection;
  status: ProfilingStatus;
}

/** Sets the profilers for a time and gathers what they record; they are put back afterwards, whatever happens. */
export function ProfileDialog({ opened, onClose, ...form }: ProfileDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Profile ${form.connection.name}`} size="xl">
      <ProfileForm key={String(opened)} onClose={onClose} {...form} />
    </Modal>
  );
}

const levels: { value: string; label: string }[] = [
  { value: '1', label: 'Slow operations (1)' },
  { value: '2', label: 'Every operation (2)' },
  { value: '0', label: 'Log only (0)' },
];

function ProfileForm({ onClose, connection, status }: Omit<ProfileDialogProps, 'opened'>) {
  const [draft, setDraft] = useState<ProfileDraft>(newProfileDraft);
  const [typed, setTyped] = useState('');
  const change = (patch: Partial<ProfileDraft>) => setDraft((before) => ({ ...before, ...patch }));
  const problems = problemsOfDraft(draft);
  const [settled] = useDebouncedValue(draft, 250);
  const previewed = useMemo(() => requestOfDraft(settled, connection.id), [settled, connection.id]);
  const request = requestOfDraft(draft, connection.id);
  const preview = useRequest('profiling.preview', previewed ?? emptyRequest, { enabled: previewed !== null });
  const guarded = preview.data?.guarded ?? connection.environment === 'production';
  const blocked = (preview.data?.problems.length ?? 0) > 0;
  const start = useAction(async () => {
    if (!request) return;
    const profiling = { ...request, typedName: guarded ? typed : null };
    if (draft.level === 0) await api('profiling.start', profiling);
    else {
      const { captureId } = await api('captures.start', {
        source: {
          type: 'profiler',
          connectionId: connection.id,
          hosts: request.hosts,
          databases: request.databases,
          since: Date.now(),
          minutes: request.minutes,
          profiling,
        },
        title: null,
      });
      await useSlowQueries.getState().load();
      useSlowQueries.getState().choose(captureId);
    }
    onClose();
  });
  const ready = request !== null && !blocked && !connection.readOnly && (!guarded || typed === connection.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !start.busy) void start.run();
  };
  const members = status.members.filter(({ state }) => state !== 'ARBITER');
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <div className={styles.columns}>
          <Choice
            label="Databases"
            all="All databases"
            names={status.databases}
            chosen={draft.databases}
            onChange={(databases) => change({ databases })}
          />
          <Choice
            label="Members"
            all="Every member that holds data"
            names={members.map(({ host }) => host)}
            describe={(host) => members.find((member) => member.host === host)?.state ?? ''}
            chosen={draft.hosts}
            onChange={(hosts) => change({ hosts })}
          />
        </div>
        <div>
          <Text size="sm" fw={500} mb={4} id="profile-level">
            What is recorded
          </Text>
          <SegmentedControl
            aria-labelledby="profile-level"
            data={levels}
            value={String(draft.level)}
            onChange={(value) => change({ level: Number(value) as ProfilingLevel })}
          />
        </div>
        <Group gap={16} align="flex-start" grow>
          <NumberInput
            label="For how many minutes"
            value={draft.minutes}
            onChange={(minutes) => change({ minutes })}
            min={0.05}
            max={1440}
            step={5}
            error={problems.minutes}
            data-autofocus
          />
          <NumberInput
            label="Slow from (ms)"
            value={draft.slowms}
            onChange={(slowms) => change({ slowms })}
            min={0}
            step={50}
            error={problems.slowms}
          />
          <NumberInput
            label="Share of them (%)"
            value={draft.samplePercent}
            onChange={(samplePercent) => change({ samplePercent })}
            min={1}
            max={100}
            step={10}
            error={problems.samplePercent}
          />
        </Group>
        <Textarea
          label="Filter"
          description="Extended JSON over the fields of system.profile; with one, the duration and the share are not looked at"
          placeholder='{ "ns": "shop.orders", "millis": { "$gte": 50 } }'
          value={draft.filter}
          onChange={(event) => change({ filter: event.currentTarget.value })}
          error={problems.filter}
          autosize
          minRows={1}
          maxRows={4}
          spellCheck={false}
        />
        {connection.readOnly ? (
          <Notice kind="bad" title="This connection is read-only">
            Setting a profiler changes the server. Open log files instead, or read what is recorded already.
          </Notice>
        ) : null}
        {preview.data ? (
          <>
            {preview.data.problems.length > 0 ? (
              <Notice kind="bad" title="This keeps it from being done">
                <Sentences lines={preview.data.problems} />
              </Notice>
            ) : null}
            {preview.data.leftOut.length > 0 ? (
              <Notice kind="warning" title="Left out, as they do not answer">
                <Sentences lines={preview.data.leftOut.map(({ host, message }) => `${host}: ${message}`)} />
              </Notice>
            ) : null}
            <Notice kind="info" title="What it costs">
              <Sentences lines={preview.data.costs} />
            </Notice>
            <details>
              <summary>{`What will be set (${preview.data.changes.length})`}</summary>
              <ul className={styles.list}>
                {preview.data.changes.map((line) => (
                  <li key={line} className="mono">
                    {line}
                  </li>
                ))}
              </ul>
            </details>
          </>
        ) : null}
        {preview.error ? <ErrorPanel error={preview.error} connectionId={connection.id} /> : null}
        {guarded && !connection.readOnly ? (
          <div>
            <Text size="sm" mb={4}>
              This is production. To go on, type the connection&apos;s name: <code>{connection.name}</code>
            </Text>
            <TextInput
              aria-label="Type the connection's name"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
            />
          </div>
        ) : null}
        {start.error ? <ErrorPanel error={start.error} connectionId={connection.id} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!ready} loading={start.busy}>
            {typeof draft.minutes === 'number' ? `Profile for ${draft.minutes} min` : 'Profile'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Never asked with: the request waits while the draft has a problem. */
const emptyRequest: ProfilingRequest = {
  connectionId: 'none',
  hosts: null,
  databases: null,
  level: 1,
  slowms: 100,
  sampleRate: 1,
  filter: null,
  minutes: 10,
};

interface ChoiceProps {
  label: string;
  /** What none chosen means. */
  all: string;
  names: readonly string[];
  describe?: (name: string) => string;
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** All, or some of a few names. */
export function Choice({ label, all, names, describe, chosen, onChange }: ChoiceProps) {
  return (
    <fieldset className={styles.choice}>
      <legend>{label}</legend>
      <Stack gap={8}>
        <Checkbox label={all} checked={chosen.length === 0} onChange={() => onChange([])} />
        {names.map((name) => (
          <Checkbox
            key={name}
            label={
              <>
                <span className="mono">{name}</span>
                {describe ? <span className="dimmed"> {describe(name)}</span> : null}
              </>
            }
            checked={chosen.includes(name)}
            onChange={() =>
              onChange(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name])
            }
          />
        ))}
      </Stack>
    </fieldset>
  );
}

export function Sentences({ lines }: { lines: readonly string[] }) {
  return (
    <>
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </>
  );
}
