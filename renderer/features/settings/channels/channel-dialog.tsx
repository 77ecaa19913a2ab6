import { Button, Group, Modal, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { channelKinds, type Channel } from '../../../../shared/channels';
import { api, useAction, useRequest } from '../../../api';
import { announce } from '../../../components/announcer';
import { ErrorPanel } from '../../../components/error-panel';
import { draftOf, emptyDraft, inputOf, type ChannelDraft, type DraftProblems } from './channel-draft';
import { ChannelFields } from './channel-fields';
import { kindSentences, kindWords } from './channel-words';
import { RouteFields } from './route-fields';
import { SecretPlaceFields } from './secret-place-fields';
import { TestAnswer, testSentence, type TestedChannel } from './test-answer';
import styles from './channels.module.css';

interface ChannelDialogProps {
  /** Null: closed. */
  edited: Channel | 'new' | null;
  onClose: () => void;
  onSaved: () => void;
}

/** One channel: what it is, where it leads, what it is told; tested before it is kept. */
export function ChannelDialog({ edited, onClose, onSaved }: ChannelDialogProps) {
  const title = edited === 'new' ? 'Add a channel' : `Channel: ${edited?.name ?? ''}`;
  return (
    <Modal opened={edited !== null} onClose={onClose} title={title} size="xl">
      {edited ? (
        <ChannelForm key={edited === 'new' ? 'new' : edited.id} edited={edited} onClose={onClose} onSaved={onSaved} />
      ) : null}
    </Modal>
  );
}

function ChannelForm({ edited, onClose, onSaved }: ChannelDialogProps & { edited: Channel | 'new' }) {
  const existing = edited === 'new' ? null : edited;
  const [draft, setDraft] = useState<ChannelDraft>(() => (existing ? draftOf(existing) : emptyDraft));
  const [problems, setProblems] = useState<DraftProblems>({});
  const [tested, setTested] = useState<TestedChannel | null>(null);
  const secretStore = useRequest('connections.secret-store', undefined);
  const keychain = secretStore.data?.keychain ?? false;
  const kept = existing?.secretsSet ?? [];

  const change = (patch: Partial<ChannelDraft>) => {
    setDraft((before) => ({ ...before, ...patch }));
    setProblems({});
  };
  const check = () => {
    const checked = inputOf(draft, { keychain, kept });
    setProblems(checked.problems ?? {});
    return checked.input;
  };
  const test = useAction(async () => {
    const input = check();
    if (!input) return;
    setTested(null);
    const answer = await api('channels.test-input', { input, existingId: existing?.id ?? null });
    const result = { name: input.name, test: answer, at: new Date() };
    setTested(result);
    announce(testSentence(result));
  });
  const save = useAction(async () => {
    const input = check();
    if (!input) return;
    if (existing) await api('channels.update', { id: existing.id, input });
    else await api('channels.add', input);
    announce(`The channel ${input.name} is saved`);
    onSaved();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.busy) void save.run();
  };
  return (
    <form onSubmit={submit} noValidate aria-label="Channel">
      <Stack gap={16}>
        <div className={styles.pair}>
          <Select
            label="Kind"
            description={existing ? 'It stays: add another channel for another kind' : undefined}
            disabled={existing !== null}
            value={draft.kind}
            onChange={(value) => {
              const kind = channelKinds.find((one) => one === value);
              if (kind) change({ kind });
            }}
            data={channelKinds.map((value) => ({ value, label: kindWords[value] }))}
          />
          <TextInput
            label="Name"
            placeholder="on-call"
            value={draft.name}
            error={problems.name}
            required
            maxLength={80}
            onChange={(event) => change({ name: event.currentTarget.value })}
            data-autofocus
          />
        </div>
        <Text size="sm" c="dimmed">
          {kindSentences[draft.kind]}
        </Text>
        <fieldset className={styles.group}>
          <legend>Where it leads</legend>
          <ChannelFields
            draft={draft}
            problems={problems}
            kept={kept}
            destination={existing?.destination ?? null}
            onChange={change}
          />
          <SecretPlaceFields draft={draft} secretStore={secretStore.data} onChange={change} />
        </fieldset>
        <fieldset className={styles.group}>
          <legend>What it is told</legend>
          <RouteFields draft={draft} onChange={change} />
        </fieldset>
        {secretStore.error ? <ErrorPanel error={secretStore.error} onRetry={secretStore.reload} /> : null}
        {save.error ? <ErrorPanel error={save.error} /> : null}
        {test.error ? <ErrorPanel error={test.error} /> : null}
        {tested ? <TestAnswer tested={tested} /> : null}
        <Group justify="space-between" gap={8}>
          <Group gap={16}>
            <Button
              variant="default"
              leftSection={<IconSend size={14} aria-hidden />}
              loading={test.busy}
              onClick={() => void test.run()}
            >
              Send a test message
            </Button>
            <Switch
              label="On"
              checked={draft.enabled}
              onChange={(event) => change({ enabled: event.currentTarget.checked })}
            />
          </Group>
          <Group gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.busy}>
              {existing ? 'Save' : 'Add channel'}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
