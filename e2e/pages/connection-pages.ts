/** The list of connections, the form, and the page of one connection with its diagnosis. */
import { expect, type Locator, type Page } from '@playwright/test';

export interface ConnectionFormValues {
  name?: string;
  uri?: string;
  user?: string;
  password?: string;
  environment?: 'production' | 'staging' | 'development' | 'sandbox';
  readOnly?: boolean;
}

const testMs = 45_000;

export class ConnectionPages {
  constructor(readonly window: Page) {}

  async openForm(): Promise<void> {
    await this.window.evaluate(() => (window.location.hash = '#/connections/new'));
    await expect(this.window.getByRole('heading', { level: 1, name: 'Add a connection' })).toBeVisible();
  }

  async fill(values: ConnectionFormValues): Promise<void> {
    const form = this.window.getByRole('form', { name: 'Connection' });
    if (values.name !== undefined) await form.getByRole('textbox', { name: 'Name', exact: true }).fill(values.name);
    if (values.uri !== undefined) {
      await form.getByRole('textbox', { name: 'Connection string' }).fill(values.uri);
      await form.getByRole('textbox', { name: 'Connection string' }).blur();
    }
    if (values.user !== undefined) await form.getByLabel('User name').fill(values.user);
    if (values.password !== undefined) await form.getByRole('textbox', { name: 'Password' }).fill(values.password);
    if (values.environment !== undefined) {
      await form.getByRole('combobox', { name: 'Environment' }).click();
      await this.window.getByRole('option', { name: values.environment }).click();
    }
    if (values.readOnly !== undefined)
      await form.getByRole('switch', { name: 'Read-only' }).setChecked(values.readOnly);
  }

  /** Adds a connection through the form and waits for its page. */
  async add(values: ConnectionFormValues & { name: string; uri: string }): Promise<void> {
    await this.openForm();
    await this.fill(values);
    await this.window.getByRole('button', { name: 'Add connection' }).click();
    await expect(this.window.getByRole('heading', { level: 1, name: values.name, exact: true })).toBeVisible();
  }

  /** Presses Test in the form and waits for the diagnosis. */
  async test(): Promise<void> {
    await this.window.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(this.deployment).toBeVisible({ timeout: testMs });
  }

  /** The section of the diagnosis that tells whether the deployment was reached. */
  get deployment(): Locator {
    return this.window.getByRole('region', { name: 'Deployment' });
  }
}
