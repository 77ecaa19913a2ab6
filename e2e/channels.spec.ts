import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startHttpReceiver, type HttpReceiver } from '../electron/health/channels/test-support/http-receiver';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import { expect, launchLifeboat, test } from './fixtures';
import { ChannelsPage } from './pages/channels-page';
import { leaveUndelivered } from './support/undelivered';

test.use({ start: { installed: true } });

const token = 'T0000-very-secret-token';
let receiver: HttpReceiver;

test.beforeEach(async () => {
  receiver = await startHttpReceiver();
});
test.afterEach(() => receiver.close());

function filesWith(folder: string, text: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => {
    const path = join(folder, name);
    return existsSync(path) && statSync(path).isFile() && readFileSync(path).includes(text);
  });
}

test('a webhook is tested, saved, tested again, tried again and removed; its address is nowhere to be seen', async ({
  lifeboat,
  window,
}) => {
  const channels = new ChannelsPage(window);
  await channels.open();
  await expect(channels.row('Desktop')).toContainText('High and graver');
  await channels.row('Desktop').getByRole('button', { name: 'Test Desktop' }).click();
  // Whether there is anybody to show it depends on the desktop.
  const shown = window.getByRole('main').getByText(/test message of Desktop was taken|shows no notif|did not show the/);
  await expect(shown).toBeVisible();

  await channels.add('Webhook (JSON)', 'on-call');
  await channels.dialog.getByRole('button', { name: 'Add channel' }).click();
  await expect(channels.dialog).toContainText('Enter its address');
  await channels.fillSecret('Address (URL)', `${receiver.url}/hook/${token}`);
  await channels.fillSecret('Signing secret', 'signed-with-this');
  await channels.chooseLeastSeverity('Critical');
  receiver.next({ status: 404, echo: true });
  await channels.sendTest();
  await expect(channels.dialog.getByRole('alert')).toContainText('404 Not Found');
  await expect(channels.dialog.getByRole('alert')).not.toContainText(token);
  receiver.next({ status: 202 });
  await channels.sendTest();
  await expect(channels.dialog.getByRole('note')).toContainText('202 Accepted');
  expect(receiver.received.map(({ path }) => path)).toEqual([`/hook/${token}`, `/hook/${token}`]);
  expect(receiver.received[1]?.headers['lifeboat-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
  expect(JSON.parse(receiver.received[1]?.body ?? '')).toMatchObject({ event: 'test', test: true });
  await channels.save();

  const row = channels.row('on-call');
  await expect(row).toContainText(`http://127.0.0.1:${receiver.port}/…`);
  await expect(row).toContainText('Critical only');
  await expect(row).toContainText('Nothing sent yet');
  await row.getByRole('button', { name: 'Test on-call' }).click();
  await expect(window.getByText('The test message of on-call was taken')).toBeVisible();
  await receiver.until(3);

  await row.getByRole('button', { name: 'Edit on-call' }).click();
  await expect(channels.dialog.getByRole('textbox', { name: 'Address (URL)' })).toHaveValue('');
  await expect(channels.dialog).toContainText(`Set to http://127.0.0.1:${receiver.port}/…`);
  await channels.dialog.getByRole('textbox', { name: 'Name', exact: true }).fill('night shift');
  await channels.save();
  await expect(channels.row('night shift')).toBeVisible();

  const saved = (await lifeboat.request('channels.list')).find(({ channel }) => channel.name === 'night shift');
  expect(JSON.stringify(saved)).not.toContain(token);
  leaveUndelivered(lifeboat.dataFolder, saved?.channel.id ?? '');
  await expect(channels.undelivered).toContainText('503 Service Unavailable');
  await expect(channels.row('night shift')).toContainText('1 message given up');
  receiver.next({ status: 410 });
  await channels.undelivered.getByRole('button', { name: /^Try again: / }).click();
  await expect(channels.undelivered).toContainText('410 Gone');
  await channels.undelivered.getByRole('button', { name: /^Try again: / }).click();
  await receiver.until(5);
  await expect(channels.undelivered).toBeHidden();
  await expect(channels.row('night shift')).toContainText('Delivered');
  expect(JSON.parse(receiver.received[4]?.body ?? '')).toMatchObject({ event: 'alert.fired', incident: { id: 'i1' } });

  await window.getByRole('switch', { name: 'night shift is on' }).press('Space');
  await expect(channels.row('night shift')).toContainText('Off');
  await channels.row('night shift').getByRole('button', { name: 'Remove night shift' }).click();
  await channels.dialog.getByRole('button', { name: 'Remove channel' }).click();
  await expect(channels.row('night shift')).toBeHidden();
  for (const secret of [token, 'signed-with-this']) expect(filesWith(lifeboat.dataFolder, secret)).toEqual([]);
});

test('without a keychain secrets are asked for again after a restart, and messages wait for them', async () => {
  const lifeboat = await launchLifeboat({ dataFolder: temporaryFolder('data'), installed: true });
  const channels = new ChannelsPage(lifeboat.window);
  await channels.open();
  await channels.add('Slack-compatible webhook', 'chat');
  await channels.fillSecret('Address (URL)', `${receiver.url}/services/${token}`);
  await channels.dialog.getByRole('radio', { name: 'In memory only' }).check();
  await channels.save();
  await lifeboat.quit();
  expect(lifeboat.errors).toEqual([]);
  const again = await launchLifeboat({ dataFolder: lifeboat.dataFolder, installed: true });
  try {
    const later = new ChannelsPage(again.window);
    await later.open();
    await expect(later.row('chat')).toContainText('The secrets of chat are not known yet');
    await later.row('chat').getByRole('button', { name: 'Test chat' }).click();
    await expect(again.window.getByRole('main').getByRole('alert')).toContainText('not known yet');
    await later.row('chat').getByRole('button', { name: 'Edit chat' }).click();
    await later.fillSecret('Address (URL)', `${receiver.url}/services/${token}`);
    await later.save();
    await expect(later.row('chat')).toContainText('Nothing sent yet');
    await later.row('chat').getByRole('button', { name: 'Test chat' }).click();
    await receiver.until(1);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ text: '[TEST] Test of the channel chat' });
    expect(again.errors).toEqual([]);
  } finally {
    await again.dispose();
  }
});
