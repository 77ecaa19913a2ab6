import { Button, Group, Modal, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { api, useAction } from '../../api';
import { announce } from '../../components/announcer';
import { ErrorPanel } from '../../components/error-panel';
import { Timestamp } from '../../components/timestamp';
import { useNow } from '../../components/use-now';
import { useAlerts } from '../../state/alerts';
import { useConnections } from '../../state/connections';
import { useConnectionNames } from './connection-names';
import { focusFirstProblem } from './focus-problem';
import {
  scopesOf,
  silencedBy,
  silencePresets,
  silenceProblems,
  tomorrowMorning,
  untilOf,
  type SilencePreset,
  type SilenceScope,
  type SilenceSubject,
} from './silence-draft';

interface SilenceDialogProps {
  /** Null: closed; `new`: a deployment is still to be chosen. */
  subject: SilenceSubject | 'new' | null;
  onClose: () => void;
}

/** Keeps alerts quiet for a while, with a reason. */
export function SilenceDialog({ subject, onClose }: SilenceDialogProps) {
  return (
    <Modal opened={subject !== null} onClose={onClose} title="Silence alerts" size="lg">
      {subject ? <SilenceForm subject={subject} onClose={onClose} /> : null}
    </Modal>
  );
}

interface SilenceFormProps {
  subject: SilenceSubject | 'new';
  onClose: () => void;
}

function SilenceForm({ subject: given, onClose }: SilenceFormProps) {
  const connections = useConnections((state) => state.connections) ?? [];
  const currentId = useConnections((state) => state.currentId);
  const nameOf = useConnectionNames();
  const [connectionId, setConnectionId] = useState(given === 'new' ? (currentId ?? '') : given.connectionId);
  const subject = given === 'new' ? { connectionId, host: null, group: null, name: null } : given;
  const scopes = scopesOf(subject);
  const [scope, setScope] = useState<SilenceScope>(scopes[0] ?? 'deployment');
  const [preset, setPreset] = useState<SilencePreset>('60');
  const [date, setDate] = useState(() => tomorrowMorning(new Date()));
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const now = useNow();
  const until = untilOf(preset, date, now.getTime());
  const problems = silenceProblems(reason, until, now.getTime());
  const silence = useAction(async () => {
    const end = untilOf(preset, date, Date.now());
    if (end === null) return;
    await api('alerts.silence', { ...silencedBy(scope, subject), until: end, reason: reason.trim() });
    await useAlerts.getState().load();
    announce('The silence has begun');
    onClose();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length > 0) focusFirstProblem(event.currentTarget);
    else if (connectionId !== '' && !silence.busy) void silence.run();
  };
  const label: Record<SilenceScope, string> = {
    alert: `This alert: ${subject.name ?? ''}${subject.host === null ? '' : ` of ${subject.host}`}`,
    member: `Every alert of this member: ${subject.host ?? ''}`,
    deployment: `Every alert of this deployment: ${connectionId === '' ? '' : nameOf(connectionId)}`,
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap={16}>
        <Text size="sm" c="dimmed">
          A silenced alert is still seen here and told to nobody. When the silence ends and it still fires, it is told.
        </Text>
        {given === 'new' ? (
          <Select
            label="Deployment"
            value={connectionId}
            onChange={(value) => setConnectionId(value ?? '')}
            data={connections.map(({ id, name }) => ({ value: id, label: name }))}
          />
        ) : (
          <Radio.Group
            label="What is silenced"
            value={scope}
            onChange={(value) => setScope(scopes.find((one) => one === value) ?? 'deployment')}
          >
            <Stack gap={8} mt={8}>
              {scopes.map((value) => (
                <Radio key={value} value={value} label={<span className="wrap-anywhere">{label[value]}</span>} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Group gap={16} align="flex-start" grow>
          <Select
            label="For how long"
            value={preset}
            onChange={(value) => setPreset(silencePresets.find((one) => one.value === value)?.value ?? '60')}
            data={silencePresets.map(({ value, label: text }) => ({ value, label: text }))}
          />
          {preset === 'date' ? (
            <TextInput
              type="datetime-local"
              label="Until"
              value={date}
              onChange={(event) => setDate(event.currentTarget.value)}
              error={problems.until}
            />
          ) : (
            <div>
              <Text size="sm" fw={500}>
                Until
              </Text>
              <Text size="sm" mt={4}>
                {until === null ? '' : <Timestamp value={new Date(until)} />}
              </Text>
            </div>
          )}
        </Group>
        <TextInput
          label="Reason"
          withAsterisk
          required
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={tried ? problems.reason : undefined}
          maxLength={500}
          data-autofocus
        />
        {silence.error ? <ErrorPanel error={silence.error} /> : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={silence.busy}>
            Silence
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
