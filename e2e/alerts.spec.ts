import { expect, test } from './fixtures';
import { AlertsPage } from './pages/alerts-page';
import { Frame } from './pages/frame';
import { OverviewPage } from './pages/overview-page';
import { secondaryOf } from './support/demo-members';

const down = 'A member does not answer';

test('a member stops: the alert names it, is taken on, silenced and over; rules are edited, tried, reset', async ({
  lifeboat,
  window,
}) => {
  const frame = new Frame(window);
  const alerts = new AlertsPage(window);
  const overview = new OverviewPage(window);
  await overview.demoIsUp();
  await overview.pauseWorkload();
  const [demo] = await lifeboat.request('connections.list');
  const connectionId = demo?.id ?? '';
  await lifeboat.request('settings.update', { healthIntervalSeconds: 1 });
  const member = await secondaryOf(lifeboat, connectionId);

  await test.step('a rule is made quicker in the window', async () => {
    await frame.open('Alerts');
    await alerts.openTab('Rules');
    await alerts.openRule(down);
    await alerts.fill('For how long (s)', '-1');
    await expect(alerts.dialog.getByText('From 0 to 86,400 seconds')).toBeVisible();
    await alerts.fill('For how long (s)', '2');
    await alerts.fill('Over after (s)', '2');
    await expect(alerts.dialog.getByRole('note', { name: 'The rule in words' })).toContainText(
      'does not answer for 2 s',
    );
    await alerts.saveRule();
    await expect(alerts.row('Alert rules', down)).toContainText('changed');
  });

  process.kill(member.pid, 'SIGSTOP');
  try {
    await test.step('it fires, is told, and its page names the member', async () => {
      await expect(alerts.toast(`Critical: ${down}`)).toContainText(member.host);
      await expect(alerts.indicator).toContainText('alert');
      await expect(alerts.navigation).toContainText('waiting');
      await alerts.openTab('Open');
      await alerts.openAlert(down, member.host);
      await expect(alerts.facts).toContainText(member.host);
      await expect(alerts.causes.first()).toBeVisible();
      await expect(alerts.steps.first()).toBeVisible();
    });

    await test.step('somebody takes it on', async () => {
      await alerts.acknowledge('Looking at the machine');
      await expect(window.getByRole('note').filter({ hasText: 'Looking at the machine' })).toBeVisible();
      await expect(alerts.toast(`Critical: ${down}`)).toHaveCount(0);
    });

    await test.step('it is silenced with a reason, and the silence is ended', async () => {
      await alerts.silence(/^This alert/, 'The machine is being repaired');
      await expect(window.getByRole('note').filter({ hasText: 'Silenced' })).toBeVisible();
      await window.keyboard.press('Escape');
      await expect(alerts.row('Open alerts', member.host)).toContainText('silenced');
      await alerts.openTab('Silences');
      await expect(alerts.row('Silences', 'The machine is being repaired')).toContainText(member.host);
      await alerts.endSilence('The machine is being repaired');
      await expect(window.getByText('Nothing is silenced')).toBeVisible();
      await alerts.openTab('Open');
      await expect(alerts.row('Open alerts', member.host)).not.toContainText('silenced');
    });
  } finally {
    process.kill(member.pid, 'SIGCONT');
  }

  await test.step('it is over when the member answers again', async () => {
    await expect(alerts.toast(`Over: ${down}`)).toContainText(member.host);
    await alerts.openTab('Past');
    await expect(alerts.row('Past alerts', member.host)).toContainText(down);
    await alerts.row('Past alerts', member.host).getByRole('link').click();
    await expect(window.getByText('over: it lasted')).toBeVisible();
  });

  await test.step('the rule is tried against what happened, and put back', async () => {
    await window.getByRole('link', { name: 'Edit the rule' }).click();
    await alerts.dialog.getByText('Last day').click();
    await alerts.dialog.getByRole('button', { name: 'Try against history' }).click();
    await expect(alerts.dialog.getByText(/^It would have fired 1 time in the last day/)).toBeVisible();
    await expect(alerts.dialog.getByRole('table', { name: 'When it would have fired' })).toContainText(member.host);
    await alerts.dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(alerts.dialog).toBeHidden();
    const row = alerts.row('Alert rules', down);
    await row.getByRole('button', { name: 'Reset to the default' }).click();
    await alerts.dialog.getByRole('button', { name: 'Reset' }).click();
    await expect(alerts.dialog).toBeHidden();
    await expect(row).not.toContainText('changed');
    await expect(row).toContainText('for 10 s');
  });

  await test.step('a rule of one’s own is made, switched off and deleted', async () => {
    await window.getByRole('button', { name: 'New rule…' }).click();
    await alerts.fill('Name', 'Many connections of the shop');
    await alerts.fill('Threshold', '5000');
    await alerts.fill('Over at', '6000');
    await alerts.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(alerts.dialog.getByText('Not above the threshold')).toBeVisible();
    await alerts.fill('Over at', '4000');
    await alerts.saveRule();
    const row = alerts.row('Alert rules', 'Many connections of the shop');
    await expect(row).toContainText('connections above 5,000 for 30 s, over at or below 4,000 for 30 s');
    await row.getByRole('switch').press('Space');
    await expect(row.getByRole('switch')).not.toBeChecked();
    await row.getByRole('button', { name: 'Delete' }).click();
    await alerts.dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(row).toHaveCount(0);
  });
});
