/** The dialogs of operations by keyboard alone: where the focus is, what Enter and Escape do. */
import { expect, test } from './fixtures';
import { Frame } from './pages/frame';
import { OperationsPage, type OperationTitle } from './pages/operations-page';
import { OverviewPage } from './pages/overview-page';

const forms: readonly [button: string, title: OperationTitle][] = [
  ['Step down…', 'Step down the primary'],
  ['Freeze or unfreeze…', 'Freeze a member'],
  ['Reconfigure…', 'Reconfigure the replica set'],
  ['Add a member…', 'Add a member'],
  ['Remove a member…', 'Remove a member'],
  ['Replace a member…', 'Replace a member'],
  ['Compact collections…', 'Compact collections'],
];

test('an operation begins in its first field, its preview on the safe way out', async ({ window }) => {
  const page = new OperationsPage(window);
  await new OverviewPage(window).demoIsUp();
  await new Frame(window).open('Replica set');
  for (const [button, title] of forms) {
    const dialog = await page.ask(button, title);
    await expect(dialog.locator('input:focus, textarea:focus'), title).toHaveCount(1);
    await window.keyboard.press('Escape');
    // A list that opened with its field is closed first.
    if (await dialog.isVisible()) await window.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  }
  const stepDown = await page.ask('Step down…', 'Step down the primary');
  await expect(stepDown.locator('input:focus')).toHaveCount(1);
  await window.keyboard.press('Enter');
  await page.isPreviewed(stepDown);
  await expect(stepDown.getByRole('button', { name: 'Cancel', exact: true })).toBeFocused();
  await window.keyboard.press('Enter');
  await expect(stepDown).toBeHidden();
});
