/** The wizard that makes a backup: connection, scope, options, review, result. */
import { expect, type Locator, type Page } from '@playwright/test';

export type WizardStep = 'Connection' | 'Scope' | 'Options' | 'Review' | 'Result';

const backupMs = 90_000;

export class BackupWizard {
  constructor(readonly window: Page) {}

  async open(): Promise<void> {
    await this.window.evaluate(() => (window.location.hash = '#/backups/new'));
    await expect(this.window.getByRole('heading', { level: 1, name: 'Back up' })).toBeVisible();
  }

  async isAt(step: WizardStep): Promise<void> {
    await expect(
      this.window.getByRole('list', { name: 'Steps of the backup' }).getByRole('button', { name: step }),
    ).toHaveAttribute('aria-current', 'step');
  }

  async goOn(): Promise<void> {
    await this.window.getByRole('button', { name: 'Continue', exact: true }).click();
  }

  async chooseConnection(name: string): Promise<void> {
    await this.window.getByRole('radiogroup', { name: 'Connection' }).getByRole('radio', { name }).check();
  }

  async chooseDatabases(...names: string[]): Promise<void> {
    await this.chooseScope('Databases');
    for (const name of names) await this.window.getByRole('checkbox', { name, exact: true }).check();
  }

  async chooseScope(kind: 'Whole deployment' | 'Databases' | 'Collections'): Promise<void> {
    await this.window.getByRole('radiogroup', { name: 'Scope' }).getByText(kind, { exact: true }).click();
    const table = kind === 'Collections' ? 'Collections' : 'Databases';
    await expect(this.window.getByRole('table', { name: table })).toBeVisible();
  }

  get startButton(): Locator {
    return this.window.getByRole('button', { name: 'Start the backup' });
  }

  /** From the connection step to the end of the run; returns the id of the backup. */
  async backUpDatabases(connection: string, ...databases: string[]): Promise<string> {
    await this.open();
    await this.isAt('Connection');
    await this.chooseConnection(connection);
    await this.goOn();
    await this.chooseDatabases(...databases);
    await this.goOn();
    await this.isAt('Options');
    await this.goOn();
    await this.isAt('Review');
    await this.startButton.click();
    return this.verifiedBackup();
  }

  /** Waits for the result and returns the id of the backup. */
  async verifiedBackup(): Promise<string> {
    await this.isAt('Result');
    await expect(this.window.getByRole('note').filter({ hasText: 'Verified, level 2' })).toBeVisible({
      timeout: backupMs,
    });
    return (await this.window.getByRole('definition').first().innerText()).trim();
  }
}
