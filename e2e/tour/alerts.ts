/** Alerts of the demo: a member that is held fires one. */
import { expect } from '@playwright/test';
import type { LifeboatApplication } from '../fixtures';
import { AlertsPage } from '../pages/alerts-page';
import { Frame } from '../pages/frame';
import { secondaryOf } from '../support/demo-members';
import type { Visit } from './visit';

const down = 'A member does not answer';

/** To be called with the demo running and its workload paused. */
export async function tourAlerts(lifeboat: LifeboatApplication, visit: Visit): Promise<void> {
  const { window } = lifeboat;
  const alerts = new AlertsPage(window);
  const [demo] = (await lifeboat.request('connections.list')).filter(({ sandboxId }) => sandboxId !== null);
  const { healthIntervalSeconds } = await lifeboat.request('settings.get');
  await lifeboat.request('settings.update', { healthIntervalSeconds: 1 });
  const member = await secondaryOf(lifeboat, demo?.id ?? '');
  const entry = (await lifeboat.request('alerts.rules')).find(({ rule }) => rule.id === 'member-down');
  if (!entry) throw new Error('There is no rule for members that do not answer.');
  await lifeboat.request('alerts.save-rule', {
    ...entry.rule,
    forSeconds: 1,
    clearSeconds: 1,
    runbook: 'https://wiki.example.com/runbooks/member-down',
  });
  process.kill(member.pid, 'SIGSTOP');
  try {
    await new Frame(window).open('Alerts');
    await expect(alerts.toast(`Critical: ${down}`)).toBeVisible();
    await expect(alerts.row('Open alerts', member.host)).toBeVisible();
    await visit('alerts');
    await alerts.openAlert(down, member.host);
    await expect(alerts.steps.first()).toBeVisible();
    await visit('alert');
    await window.keyboard.press('a');
    await expect(alerts.dialog).toBeVisible();
    await visit('alert-acknowledge', { isDetail: true });
    await window.keyboard.press('Escape');
    await expect(alerts.dialog).toBeHidden();
    await window.keyboard.press('s');
    await expect(alerts.dialog).toBeVisible();
    await visit('alert-silence', { isDetail: true });
    await window.keyboard.press('Escape');
    await expect(alerts.dialog).toBeHidden();
  } finally {
    process.kill(member.pid, 'SIGCONT');
  }
  await alerts.openTab('Past');
  await expect(alerts.row('Past alerts', member.host)).toBeVisible();
  await visit('alerts-past', { isDetail: true });
  await alerts.openTab('Silences');
  await visit('alert-silences-empty', { isDetail: true });
  await alerts.openTab('Rules');
  await expect(alerts.row('Alert rules', down)).toContainText('changed');
  await visit('alert-rules');
  await alerts.openRule(down);
  await alerts.dialog.getByRole('button', { name: 'Try against history' }).click();
  await expect(alerts.dialog.getByRole('table', { name: 'When it would have fired' })).toBeVisible();
  await visit('alert-rule', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(alerts.dialog).toBeHidden();
  await lifeboat.request('alerts.reset-rule', { id: 'member-down' });
  await lifeboat.request('settings.update', { healthIntervalSeconds });
}
