/** The channels of the settings, with what was given up and each kind's form. */
import { expect } from '@playwright/test';
import type { LifeboatApplication } from '../fixtures';
import { ChannelsPage } from '../pages/channels-page';
import { leaveUndelivered } from '../support/undelivered';
import type { Visit } from './visit';

/** On the page of the settings. */
export async function tourChannels(lifeboat: LifeboatApplication, visit: Visit): Promise<void> {
  const { window, dataFolder } = lifeboat;
  const channels = new ChannelsPage(window);
  await window.getByRole('tab', { name: 'Channels' }).click();
  await expect(channels.row('Desktop')).toBeVisible();
  const common = {
    enabled: true,
    connectionIds: null,
    // Nothing here is of production: nothing is sent.
    environments: ['production' as const],
    sendRecovery: true,
    secretPlace: 'ask' as const,
  };
  const chat = await lifeboat.request('channels.add', {
    ...common,
    name: 'dba-chat',
    leastSeverity: 'warning',
    settings: { kind: 'slack', caFile: null },
    secrets: { url: 'https://hooks.example.com/services/T0/B0/none' },
  });
  await lifeboat.request('channels.add', {
    ...common,
    name: 'on-call',
    leastSeverity: 'critical',
    settings: { kind: 'pagerduty', endpoint: 'https://events.pagerduty.com/v2/enqueue', caFile: null },
    secrets: { routingKey: '0123456789abcdef0123456789abcdef' },
  });
  leaveUndelivered(dataFolder, chat.id);
  await expect(channels.row('on-call')).toBeVisible();
  await expect(channels.undelivered).toContainText('503 Service Unavailable');
  await visit('settings-channels');
  await channels.add('E-mail', 'dba-list');
  await channels.dialog.getByRole('textbox', { name: 'Mail server' }).fill('mail.example.com');
  await channels.dialog.getByRole('textbox', { name: 'User name' }).fill('lifeboat');
  await visit('settings-channel-mail');
  await window.keyboard.press('Escape');
  await expect(channels.dialog).toBeHidden();
  await channels.row('dba-chat').getByRole('button', { name: 'Edit dba-chat' }).click();
  await expect(channels.dialog).toBeVisible();
  await visit('settings-channel-slack', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(channels.dialog).toBeHidden();
  for (const name of ['dba-chat', 'on-call']) {
    const entry = (await lifeboat.request('channels.list')).find(({ channel }) => channel.name === name);
    await lifeboat.request('channels.remove', { id: entry?.channel.id ?? '' });
  }
  await expect(channels.row('dba-chat')).toBeHidden();
}
