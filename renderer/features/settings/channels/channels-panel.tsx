import { Button, Stack } from '@mantine/core';
import { IconPlus, IconSpeakerphone } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Channel } from '../../../../shared/channels';
import { api, subscribe, useAction, useRequest } from '../../../api';
import { announce } from '../../../components/announcer';
import { ConfirmTyped } from '../../../components/confirm-typed';
import { EmptyState } from '../../../components/empty-state';
import { ErrorPanel } from '../../../components/error-panel';
import { Section } from '../../../components/page';
import { Waiting } from '../../../components/waiting';
import { ChannelDialog } from './channel-dialog';
import { ChannelTable } from './channel-table';
import { TestAnswer, testSentence, type TestedChannel } from './test-answer';
import { UndeliveredSection, WaitingSection } from './undelivered-section';

/** Where alerts are told, and what could not be told. */
export function ChannelsPanel() {
  const channels = useRequest('channels.list', undefined);
  const deliveries = useRequest('channels.deliveries', undefined);
  const [edited, setEdited] = useState<Channel | 'new' | null>(null);
  const [removing, setRemoving] = useState<Channel | null>(null);
  const [testingId, setTestingId] = useState<string | null>(null);
  const [tested, setTested] = useState<TestedChannel | null>(null);
  const { reload: reloadChannels } = channels;
  const { reload: reloadDeliveries } = deliveries;
  useEffect(
    () =>
      subscribe('channels.changed', () => {
        reloadChannels();
        reloadDeliveries();
      }),
    [reloadChannels, reloadDeliveries],
  );

  const test = useAction(async ({ id, name }: Channel) => {
    setTested(null);
    setTestingId(id);
    try {
      const result = { name, test: await api('channels.test', { id }), at: new Date() };
      setTested(result);
      announce(testSentence(result));
    } finally {
      setTestingId(null);
    }
  });
  const change = useAction(async ({ id }: Channel, enabled: boolean) => {
    await api('channels.set-enabled', { id, enabled });
    reloadChannels();
  });
  const remove = useAction(async () => {
    if (!removing) return;
    await api('channels.remove', { id: removing.id });
    setRemoving(null);
    reloadChannels();
    reloadDeliveries();
  });
  const retry = useAction(async (ids: string[]) => {
    await api('channels.retry', { ids });
    reloadDeliveries();
  });
  const discard = useAction(async (ids: string[]) => {
    await api('channels.discard', { ids });
    reloadDeliveries();
  });
  const error = channels.error ?? deliveries.error ?? test.error ?? change.error ?? retry.error ?? discard.error;
  const actions = {
    busy: retry.busy || discard.busy,
    onRetry: (ids: string[]) => void retry.run(ids),
    onDiscard: (ids: string[]) => void discard.run(ids),
  };
  return (
    <Stack gap={16}>
      {error ? <ErrorPanel error={error} onRetry={channels.error ? reloadChannels : undefined} /> : null}
      <Section
        title="Channels"
        flush
        aside={
          <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setEdited('new')}>
            Add a channel
          </Button>
        }
      >
        {channels.data === null ? (
          <div style={{ padding: '0 16px' }}>{channels.loading ? <Waiting for="Reading the channels" /> : null}</div>
        ) : channels.data.length === 0 ? (
          <EmptyState icon={<IconSpeakerphone size={32} />} title="Nobody is told">
            Alerts stand in the list of alerts and nowhere else. Add a channel to hear of them where you are: on the
            desktop, in a chat, on a pager, by e-mail.
          </EmptyState>
        ) : (
          <ChannelTable
            entries={channels.data}
            testingId={testingId}
            onTest={(channel) => void test.run(channel)}
            onSwitch={(channel, enabled) => void change.run(channel, enabled)}
            onEdit={setEdited}
            onRemove={setRemoving}
          />
        )}
      </Section>
      {tested ? <TestAnswer tested={tested} /> : null}
      {deliveries.data && deliveries.data.dead.length > 0 ? (
        <UndeliveredSection deliveries={deliveries.data.dead} {...actions} />
      ) : null}
      {deliveries.data && deliveries.data.waiting.length > 0 ? (
        <WaitingSection deliveries={deliveries.data.waiting} {...actions} />
      ) : null}
      <ChannelDialog
        edited={edited}
        onClose={() => setEdited(null)}
        onSaved={() => {
          setEdited(null);
          reloadChannels();
        }}
      />
      <ConfirmTyped
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={`Remove the channel ${removing?.name ?? ''}?`}
        expected={null}
        expectedName=""
        confirmLabel="Remove channel"
        busy={remove.busy}
        error={remove.error}
        onConfirm={() => void remove.run()}
      >
        Nothing is told there any more. Its secrets and the messages that wait for it are forgotten.
      </ConfirmTyped>
    </Stack>
  );
}
