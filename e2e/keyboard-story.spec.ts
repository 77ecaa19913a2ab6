import type { Page } from '@playwright/test';
import { damage, damageShop, shopState } from './damage';
import { expect, test } from './fixtures';
import { BackupWizard } from './pages/backup-wizard';
import { OverviewPage } from './pages/overview-page';
import { RestorePage } from './pages/restore-page';

interface Focused {
  name: string;
  /** Whether a ring or an outline tells where the focus is. */
  isMarked: boolean;
}

/** What has the focus: its label, as a screen reader would say it, near enough. */
function focused(window: Page): Promise<Focused> {
  return window.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return { name: '', isMarked: false };
    const isField = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
    const labels = isField ? [...(element.labels ?? [])] : [];
    const labelledBy = (element.getAttribute('aria-labelledby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '')
      .join(' ');
    const name =
      element.getAttribute('aria-label') ??
      (labelledBy.trim() || labels.map((label) => label.textContent).join(' ') || element.textContent || '');
    // Some controls are drawn by what follows a hidden input.
    const drawn = [element, element.nextElementSibling, element.parentElement].filter(
      (candidate): candidate is HTMLElement => candidate instanceof HTMLElement,
    );
    const isMarked = drawn.some((candidate) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(candidate);
      return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    });
    return { name: name.replace(/\s+/g, ' ').trim(), isMarked };
  });
}

const mostSteps = 60;

/** Presses Tab until the control of that name has the focus, which must be seen there. */
async function tabTo(window: Page, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < mostSteps; step++) {
    await window.keyboard.press('Tab');
    const found = await focused(window);
    passed.push(found.name);
    if (typeof name === 'string' ? found.name !== name : !name.test(found.name)) continue;
    expect(found.isMarked, `the focus on ${found.name} can be seen`).toBe(true);
    return;
  }
  throw new Error(`Tab never led to ${String(name)}; it passed ${passed.join(' | ')}`);
}

test('the whole story can be done by keyboard alone', async ({ lifeboat, window }) => {
  const press = (key: string) => window.keyboard.press(key);
  const wizard = new BackupWizard(window);
  const restore = new RestorePage(window);
  await new OverviewPage(window).demoIsUp();
  const [demo] = await lifeboat.request('connections.list');
  const uri = demo?.uri ?? '';

  await test.step('the palette pauses the workload', async () => {
    await press('Control+K');
    await expect(window.getByPlaceholder('Search or command')).toBeFocused();
    await window.keyboard.type('pause');
    await press('ArrowDown');
    await press('Enter');
    await expect(window.getByText('This is the demo: its workload is paused')).toBeVisible();
    await expect(window.getByPlaceholder('Search or command')).toBeHidden();
  });
  const undamaged = await shopState(uri);

  await test.step('b opens the wizard, and Tab, Space and Enter make a backup of the shop', async () => {
    await press('b');
    await wizard.isAt('Connection');
    await tabTo(window, /^Demo shop/);
    await tabTo(window, 'Continue');
    await press('Enter');
    await wizard.isAt('Scope');
    await expect(window.getByRole('table', { name: 'Databases' })).toBeVisible();
    await tabTo(window, 'Whole deployment');
    await press('ArrowRight');
    await tabTo(window, 'shop');
    await press('Space');
    await expect(window.getByRole('checkbox', { name: 'shop', exact: true })).toBeChecked();
    await tabTo(window, 'Continue');
    await press('Enter');
    await wizard.isAt('Options');
    await tabTo(window, 'Note');
    await window.keyboard.type('By keyboard');
    await tabTo(window, 'Continue');
    await press('Enter');
    await wizard.isAt('Review');
    await expect(wizard.startButton).toBeEnabled();
    await tabTo(window, 'Start the backup');
    await press('Enter');
    await wizard.verifiedBackup();
  });

  await damageShop(uri);

  await test.step('the restore is chosen, previewed, looked into and applied', async () => {
    await press('r');
    await restore.isAt('Backup');
    await tabTo(window, /, Demo shop, shop$/);
    await press('Space');
    await tabTo(window, 'Continue');
    await press('Enter');
    await restore.isAt('Target');
    await expect(window.getByRole('combobox', { name: 'Connection' })).toHaveValue(/^Demo shop/);
    await tabTo(window, 'Preview');
    await press('Enter');
    await restore.isPreviewed();
    await tabTo(window, 'Clone');
    // Merge and overwrite, too, insert what is missing, but leave what only the target has.
    for (const mode of ['Insert missing', 'Merge', 'Overwrite', 'Exact']) {
      await press('ArrowRight');
      await expect(window.getByRole('radio', { name: mode, exact: true })).toBeChecked();
    }
    expect(await restore.effect()).toMatchObject({ insert: `+${damage.deleted} documents inserted` });
    await tabTo(window, 'Differing documents of shop.orders');
    await press('End');
    await press('ArrowUp');
    await expect(window.getByRole('option', { selected: true })).toHaveAttribute(
      'aria-posinset',
      String(damage.deleted + damage.changed + damage.added - 1),
    );
    await tabTo(window, 'Continue to Apply');
    await press('Enter');
    await restore.isAt('Apply');
    await expect(restore.applyButton).toBeEnabled();
    await tabTo(window, /^Apply: /);
    await press('Enter');
    await restore.isProven();
  });
  expect(await shopState(uri)).toEqual(undamaged);

  await test.step('the other pages, the jobs and the theme are a key or two away', async () => {
    for (const [keys, title] of [
      [['g', 'b'], 'Backups'],
      [['g', 'c'], 'Connections'],
      [['g', 'a'], 'Audit'],
      [['g', 's'], 'Settings'],
      [['g', 'o'], 'Overview'],
    ] as const) {
      for (const key of keys) await press(key);
      await expect(window.getByRole('heading', { level: 1, name: title })).toBeFocused();
    }
    await press('j');
    await expect(window.getByRole('list', { name: 'All jobs' })).toBeVisible();
    await press('j');
    await expect(window.getByRole('list', { name: 'All jobs' })).toBeHidden();
    await press('?');
    await expect(window.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    await press('Escape');
    await expect(window.getByRole('dialog')).toBeHidden();
  });

  await test.step('the palette stops the demo, and the three doors are open again', async () => {
    await press('Control+K');
    await window.keyboard.type('stop the demo');
    await press('ArrowDown');
    await press('Enter');
    await expect(window.getByRole('heading', { level: 1, name: 'Welcome to Lifeboat' })).toBeVisible();
    await tabTo(window, /^Explore the demo/);
  });
});
