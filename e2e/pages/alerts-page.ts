/** Alerts: what fires, what was over, silences, rules; and one alert. */
import { expect, type Locator, type Page } from '@playwright/test';

export class AlertsPage {
  constructor(readonly window: Page) {}

  /** How many wait for somebody, in the head of the window. */
  get indicator(): Locator {
    return this.window.getByRole('banner').getByRole('link', { name: /\d+ alerts?, the gravest/ });
  }

  /** The page's entry in the navigation, with the count of those that wait. */
  get navigation(): Locator {
    return this.window.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /^Alerts/ });
  }

  toast(title: string | RegExp): Locator {
    return this.window.getByRole('region', { name: 'Notifications' }).getByRole('listitem').filter({ hasText: title });
  }

  async openTab(name: 'Open' | 'Past' | 'Silences' | 'Rules'): Promise<void> {
    await this.navigation.click();
    await this.window.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  }

  row(table: 'Open alerts' | 'Past alerts' | 'Silences' | 'Alert rules', text: string | RegExp): Locator {
    return this.window.getByRole('table', { name: table }).getByRole('row').filter({ hasText: text });
  }

  async openAlert(name: string, host: string): Promise<void> {
    await this.row('Open alerts', name).filter({ hasText: host }).getByRole('link', { name }).click();
    await expect(this.window.getByRole('heading', { level: 1, name })).toBeVisible();
  }

  get causes(): Locator {
    return this.window.getByRole('list', { name: 'Likely causes' }).getByRole('listitem');
  }

  get steps(): Locator {
    return this.window.getByRole('list', { name: 'What to do' }).getByRole('listitem');
  }

  get facts(): Locator {
    return this.window.getByRole('region', { name: 'What and since when' });
  }

  get dialog(): Locator {
    return this.window.getByRole('dialog');
  }

  /** By its key, as whoever is on call would. */
  async acknowledge(note: string): Promise<void> {
    await this.window.keyboard.press('a');
    await this.dialog.getByLabel('Note').fill(note);
    await this.dialog.getByRole('button', { name: 'Acknowledge' }).click();
    await expect(this.dialog).toBeHidden();
  }

  /** From the page of an alert. */
  async silence(what: RegExp, reason: string): Promise<void> {
    await this.window.keyboard.press('s');
    await this.dialog.getByRole('radio', { name: what }).check();
    await this.dialog.getByRole('button', { name: 'Silence' }).click();
    await expect(this.dialog.getByText('Say why')).toBeVisible();
    await this.dialog.getByLabel('Reason').fill(reason);
    await this.dialog.getByRole('button', { name: 'Silence' }).click();
    await expect(this.dialog).toBeHidden();
  }

  async endSilence(text: string): Promise<void> {
    await this.row('Silences', text).getByRole('button', { name: 'End the silence' }).click();
    await this.dialog.getByRole('button', { name: 'End it' }).click();
    await expect(this.dialog).toBeHidden();
  }

  /** The dialog of a rule, from the list of rules. */
  async openRule(name: string): Promise<void> {
    await this.window.getByRole('table', { name: 'Alert rules' }).getByRole('link', { name, exact: true }).click();
    await expect(this.dialog.getByRole('note', { name: 'The rule in words' })).toBeVisible();
  }

  async fill(label: string, value: string): Promise<void> {
    await this.dialog.getByRole('textbox', { name: label }).fill(value);
  }

  async saveRule(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(this.dialog).toBeHidden();
  }
}
