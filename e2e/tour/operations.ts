/** Operations on the demo's set: every dialog, one failover test, and what is kept of it. */
import { expect, type Page } from '@playwright/test';
import { Frame } from '../pages/frame';
import { OperationsPage, type OperationTitle } from '../pages/operations-page';
import type { Visit } from './visit';

const forms: readonly { button: string; title: OperationTitle; name: string }[] = [
  { button: 'Step down…', title: 'Step down the primary', name: 'operation-step-down' },
  { button: 'Freeze or unfreeze…', title: 'Freeze a member', name: 'operation-freeze' },
  { button: 'Add a member…', title: 'Add a member', name: 'operation-add-member' },
  { button: 'Replace a member…', title: 'Replace a member', name: 'operation-replace-member' },
  { button: 'Remove a member…', title: 'Remove a member', name: 'operation-remove-member' },
  { button: 'Compact collections…', title: 'Compact collections', name: 'operation-compact' },
];

/** To be called with the demo running. */
export async function tourOperations(window: Page, visit: Visit): Promise<void> {
  const frame = new Frame(window);
  const page = new OperationsPage(window);
  await frame.open('Replica set');
  for (const { button, title, name } of forms) {
    const dialog = await page.ask(button, title);
    await expect(dialog.getByRole('button', { name: 'Preview', exact: true })).toBeVisible();
    if (title === 'Compact collections') {
      await dialog.getByRole('checkbox', { name: 'shop.orders', exact: true }).check();
      await expect(dialog.getByText('1 collection chosen')).toBeVisible();
    }
    await visit(name, { isDetail: true });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toBeHidden();
  }
  const editor = await page.ask('Reconfigure…', 'Reconfigure the replica set');
  await editor
    .getByLabel(/^Priority of /)
    .last()
    .fill('0.5');
  await editor
    .getByLabel(/^Tags of /)
    .last()
    .fill('use: reporting');
  await expect(editor.getByRole('table', { name: 'What would be different' })).toBeVisible();
  await visit('operation-reconfigure', { isDetail: true });
  await page.preview(editor);
  await visit('operation-reconfigure-preview', { isDetail: true });
  await editor.getByRole('button', { name: 'Cancel' }).click();
  await expect(editor).toBeHidden();

  const failover = await page.ask('Failover test…', 'Failover test');
  await page.isPreviewed(failover);
  await visit('operation-failover-preview', { isDetail: true });
  await page.run(failover, 'Run the failover test');
  await visit('operation-failover-report', { isDetail: true });
  await failover.getByRole('button', { name: 'Open as a page' }).click();
  await expect(window.getByRole('region', { name: 'This operation' })).toBeVisible();
  await visit('operation');
  await window.getByRole('link', { name: 'Operations', exact: true }).click();
  await expect(page.history.getByText('Passed')).toBeVisible();
  await visit('operations');
  await window.evaluate(() => (location.hash = '#/replica-set/resync'));
  await window.getByRole('combobox', { name: 'Member' }).click();
  await window.getByRole('option').last().click();
  await expect(window.getByRole('list', { name: 'Steps' })).toBeVisible();
  await visit('resync');
}
