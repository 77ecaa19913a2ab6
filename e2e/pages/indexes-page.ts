/** The indexes of a database: review, plan, changes. */
import { expect, type Locator, type Page } from '@playwright/test';

export class IndexesPage {
  constructor(readonly window: Page) {}

  get table(): Locator {
    return this.window.getByRole('table', { name: 'Indexes' });
  }

  get findings(): Locator {
    return this.window.getByRole('list', { name: 'Findings' });
  }

  get steps(): Locator {
    return this.window.getByRole('table', { name: 'Steps of the plan' });
  }

  get details(): Locator {
    return this.window.getByRole('dialog').last();
  }

  finding(text: string | RegExp): Locator {
    return this.findings.getByRole('listitem').filter({ hasText: text });
  }

  async openIndex(name: string): Promise<void> {
    await this.table.getByRole('button', { name, exact: true }).click();
    await expect(this.details.getByRole('table', { name: 'Uses by member' })).toBeVisible();
  }

  async change(name: 'Hide' | 'Unhide' | 'Drop' | 'Rebuild'): Promise<void> {
    await this.details.getByRole('button', { name: `${name}…` }).click();
    await expect(this.window.getByRole('button', { name, exact: true })).toBeVisible();
    await this.window.getByRole('button', { name, exact: true }).click();
    await expect(this.window.getByRole('dialog')).toHaveCount(0);
  }

  async openTab(name: 'Review' | 'Plan'): Promise<void> {
    await this.window.getByRole('tab', { name }).click();
  }

  async preview(plan: string): Promise<void> {
    await this.window.getByLabel('The plan').fill(plan);
    await this.window.getByRole('button', { name: 'Preview' }).click();
    await expect(this.steps).toBeVisible();
  }

  async apply(count: string): Promise<void> {
    await this.window.getByRole('button', { name: `Make ${count}…` }).click();
    await this.window
      .getByRole('dialog', { name: 'Apply this plan?' })
      .getByRole('button', { name: `Make ${count}` })
      .click();
    await expect(this.steps.getByText('done').first()).toBeVisible();
  }
}
