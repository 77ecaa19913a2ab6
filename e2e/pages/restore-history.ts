/** Restores so far: the list, one restore with what can be done about it, and the banner of those that were cut off. */
import { expect, type Locator, type Page } from '@playwright/test';

export class RestoreHistory {
  constructor(readonly window: Page) {}

  async open(): Promise<void> {
    await this.window.evaluate(() => (window.location.hash = '#/restore/history'));
    await expect(this.window.getByRole('heading', { level: 1, name: 'Restore history' })).toBeVisible();
  }

  get table(): Locator {
    return this.window.getByRole('table', { name: 'Restores' });
  }

  /** A restore by its place, the newest first. */
  row(place: number): Locator {
    return this.table.getByRole('row').nth(place);
  }

  async openRun(place: number): Promise<void> {
    await this.row(place).getByRole('link').first().click();
    await expect(this.window.getByRole('region', { name: 'This restore' })).toBeVisible();
  }

  /** Of every restore that waits for a decision. */
  get banner(): Locator {
    return this.window.getByRole('list', { name: 'Interrupted restores' });
  }

  get choices(): Locator {
    return this.window.getByRole('region', { name: 'What now?' });
  }

  get conflicts(): Locator {
    return this.window.getByRole('table', { name: 'Conflicts' });
  }

  /** Opens a conflict by its `_id` as it is shown. */
  async openConflict(id: string): Promise<Locator> {
    await this.conflicts.getByRole('button', { name: id, exact: true }).click();
    const versions = this.window.getByRole('table', { name: 'Versions of the document' });
    await expect(versions).toBeVisible();
    return versions;
  }
}
