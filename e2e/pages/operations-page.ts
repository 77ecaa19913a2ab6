/** Operations on replica sets: the dialog from parameters to outcome, and the list of earlier ones. */
import { expect, type Locator, type Page } from '@playwright/test';

export type OperationTitle =
  | 'Step down the primary'
  | 'Freeze a member'
  | 'Failover test'
  | 'Reconfigure the replica set'
  | 'Add a member'
  | 'Remove a member'
  | 'Replace a member'
  | 'Compact collections';

const operationMs = 60_000;

export class OperationsPage {
  constructor(readonly window: Page) {}

  dialog(title: OperationTitle): Locator {
    return this.window.getByRole('dialog', { name: title });
  }

  /** From the page of the replica set: a button there, or an entry of its menu. */
  async ask(button: string, title: OperationTitle): Promise<Locator> {
    const direct = this.window.getByRole('main').getByRole('button', { name: button, exact: true });
    if (await direct.isVisible()) await direct.click();
    else {
      await this.window.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
      await this.window.getByRole('menuitem', { name: button, exact: true }).click();
    }
    const dialog = this.dialog(title);
    await expect(dialog).toBeVisible();
    return dialog;
  }

  async preview(dialog: Locator): Promise<void> {
    await dialog.getByRole('button', { name: 'Preview', exact: true }).click();
    await this.isPreviewed(dialog);
  }

  async isPreviewed(dialog: Locator): Promise<void> {
    await expect(dialog.getByRole('region', { name: 'What will happen' }).getByRole('listitem').first()).toBeVisible();
  }

  /** Presses the button that starts it, and waits for what came of it. */
  async run(dialog: Locator, button: string): Promise<void> {
    await dialog.getByRole('button', { name: button, exact: true }).click();
    await expect(dialog.getByRole('region', { name: 'What was done' })).toBeVisible({ timeout: operationMs });
  }

  async close(dialog: Locator): Promise<void> {
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await expect(dialog).toBeHidden();
  }

  async chooseMember(dialog: Locator, label: string, host: string): Promise<void> {
    await dialog.getByRole('combobox', { name: label }).click();
    await this.window.getByRole('option', { name: new RegExp(`^${host}`) }).click();
  }

  get history(): Locator {
    return this.window.getByRole('table', { name: 'Operations', exact: true });
  }
}
