/** The restore: backup, target, preview, apply, proof. */
import { expect, type Locator, type Page } from '@playwright/test';

export type RestoreStep = 'Backup' | 'Target' | 'Preview' | 'Apply' | 'Proof';
export type ModeName = 'Clone' | 'Insert missing' | 'Merge' | 'Overwrite' | 'Exact' | 'Drop' | 'Pick';

const compareMs = 90_000;

export class RestorePage {
  constructor(readonly window: Page) {}

  /** As from a backup's page: the backup is chosen already. */
  async openFrom(backupId: string): Promise<void> {
    await this.window.evaluate((id) => (window.location.hash = `#/restore/from/${encodeURIComponent(id)}`), backupId);
    await this.isAt('Target');
  }

  async isAt(step: RestoreStep, timeout?: number): Promise<void> {
    await expect(
      this.window.getByRole('list', { name: 'Steps of the restore' }).getByRole('button', { name: step }),
    ).toHaveAttribute('aria-current', 'step', timeout === undefined ? {} : { timeout });
  }

  async chooseTarget(connection: string): Promise<void> {
    await this.window.getByRole('combobox', { name: 'Connection' }).click();
    await this.window.getByRole('option', { name: new RegExp(`^${connection} \\(`) }).click();
  }

  /** Chooses whose documents are read, and waits until a single member's state is told. */
  async readFromMember(choice: string | RegExp): Promise<void> {
    await this.window.getByRole('combobox', { name: 'Compare with' }).click();
    await this.window.getByRole('option', { name: choice }).first().click();
    await expect(this.window.getByRole('option')).toHaveCount(0);
    if (choice instanceof RegExp)
      await expect(this.window.getByText('What it lacks is not in the preview')).toBeVisible();
  }

  async preview(): Promise<void> {
    await this.window.getByRole('button', { name: 'Preview', exact: true }).last().click();
    await this.isPreviewed();
  }

  /** From the proof of a restore. */
  async previewUndo(): Promise<void> {
    await this.window.getByRole('button', { name: 'Preview the undo' }).click();
    await this.isPreviewed();
  }

  async isPreviewed(): Promise<void> {
    await this.isAt('Preview');
    await expect(this.whatWouldHappen).toBeVisible({ timeout: compareMs });
  }

  get whatWouldHappen(): Locator {
    return this.window.getByRole('region', { name: 'What would happen' });
  }

  async chooseMode(mode: ModeName): Promise<void> {
    await this.window.getByRole('radiogroup', { name: 'Mode' }).getByText(mode, { exact: true }).click();
  }

  /** The effect on documents as the page tells it, its signs and numbers: `{ insert: '+400', … }`. */
  async effect(): Promise<Record<'insert' | 'replace' | 'delete' | 'keep', string>> {
    const list = this.window.getByRole('list', { name: 'What would happen to documents' });
    const texts = (await list.getByRole('listitem').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
    const [inserted = '', replaced = '', deleted = '', kept = ''] = texts;
    return { insert: inserted, replace: replaced, delete: deleted, keep: kept };
  }

  /** Those that differ, or also those that are the same on both sides. */
  async showNamespaces(which: 'differing' | 'all'): Promise<void> {
    await this.window.getByRole('radiogroup', { name: 'Which namespaces' }).getByText(which).click();
  }

  /** The row of a namespace as texts by column. */
  async namespaceRow(ns: string): Promise<Record<string, string>> {
    const table = this.window.getByRole('table', { name: 'Namespaces compared' });
    const row = table.getByRole('row').filter({ has: this.window.getByRole('button', { name: ns, exact: true }) });
    const headers = await table.getByRole('columnheader').allInnerTexts();
    const cells = await row.getByRole('cell').allInnerTexts();
    return Object.fromEntries(headers.map((header, index) => [header.trim(), (cells[index] ?? '').trim()]));
  }

  async openNamespace(ns: string): Promise<void> {
    await this.window
      .getByRole('table', { name: 'Namespaces compared' })
      .getByRole('button', { name: ns, exact: true })
      .click();
    await expect(this.details(ns)).toBeVisible();
  }

  details(ns: string): Locator {
    return this.window.getByRole('region', { name: ns, exact: true });
  }

  async openTab(name: 'Documents' | 'Indexes' | 'Options'): Promise<void> {
    await this.window.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  }

  async continueToApply(): Promise<void> {
    await this.window.getByRole('button', { name: 'Continue to Apply' }).click();
    await this.isAt('Apply');
  }

  get applyButton(): Locator {
    return this.window.getByRole('button', { name: /^Apply: / });
  }

  /** Waits for the proof and expects it to be empty. */
  async isProven(): Promise<void> {
    await this.isAt('Proof');
    await expect(this.window.getByRole('note').filter({ hasText: 'Proven: nothing differs any more' })).toBeVisible({
      timeout: compareMs,
    });
  }
}
