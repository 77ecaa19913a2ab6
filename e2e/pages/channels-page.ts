/** The channels of the settings: where alerts are told. */
import { expect, type Locator, type Page } from '@playwright/test';
import { Frame } from './frame';

export class ChannelsPage {
  constructor(readonly window: Page) {}

  async open(): Promise<void> {
    await new Frame(this.window).open('Settings');
    await this.window.getByRole('tab', { name: 'Channels' }).click();
    await expect(this.table).toBeVisible();
  }

  get table(): Locator {
    return this.window.getByRole('table', { name: 'Channels' });
  }

  row(name: string): Locator {
    return this.table.getByRole('row').filter({ has: this.window.getByText(name, { exact: true }) });
  }

  get dialog(): Locator {
    return this.window.getByRole('dialog');
  }

  /** Opens the form of a new channel of this kind. */
  async add(kind: string, name: string): Promise<void> {
    await this.window.getByRole('button', { name: 'Add a channel' }).click();
    await expect(this.dialog).toBeVisible();
    await this.dialog.getByRole('combobox', { name: 'Kind' }).click();
    await this.window.getByRole('option', { name: kind }).click();
    await this.dialog.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  }

  async fillSecret(label: string, value: string): Promise<void> {
    await this.dialog.getByRole('textbox', { name: label }).fill(value);
  }

  async chooseLeastSeverity(severity: string): Promise<void> {
    await this.dialog.getByRole('combobox', { name: 'Least severity' }).click();
    await this.window.getByRole('option', { name: severity }).click();
  }

  async sendTest(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Send a test message' }).click();
  }

  async save(): Promise<void> {
    await this.dialog.getByRole('button', { name: /^(Add channel|Save)$/ }).click();
    await expect(this.dialog).toBeHidden();
  }

  get undelivered(): Locator {
    return this.window.getByRole('region', { name: 'Not delivered' });
  }
}
