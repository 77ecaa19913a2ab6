/** What surrounds every page: navigation, connection switcher, theme, job tray. */
import { expect, type Locator, type Page } from '@playwright/test';

export type PageName =
  | 'Overview'
  | 'Backups'
  | 'Restore'
  | 'Slow queries'
  | 'Indexes'
  | 'Replica set'
  | 'Alerts'
  | 'Connections'
  | 'Audit'
  | 'Settings';

export class Frame {
  constructor(readonly window: Page) {}

  title(name: string | RegExp): Locator {
    return this.window.getByRole('heading', { level: 1, name });
  }

  async open(page: PageName): Promise<void> {
    await this.window.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: page }).click();
    await expect(this.title(page)).toBeVisible();
  }

  /** The whole edge of the window: its attribute names the environment. */
  get edge(): Locator {
    return this.window.locator('[data-environment]');
  }

  get switcher(): Locator {
    return this.window.getByRole('banner').getByRole('button', { name: /^Connection: |^Choose a connection/ });
  }

  async switchTo(connection: string): Promise<void> {
    await this.switcher.click();
    await this.window.getByLabel('Filter connections').fill(connection);
    await this.window.getByRole('option', { name: connection }).click();
    await expect(this.switcher).toHaveAccessibleName(new RegExp(`^Connection: ${connection},`));
  }

  async chooseTheme(theme: 'System' | 'Dark' | 'Light'): Promise<void> {
    await this.window.getByRole('button', { name: /^Theme: / }).click();
    await this.window.getByRole('menuitem', { name: theme }).click();
    await expect(this.window.getByRole('menu')).toBeHidden();
    if (theme === 'System') return;
    await expect(this.window.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme.toLowerCase());
  }

  get tray(): Locator {
    return this.window.getByRole('region', { name: 'Jobs', exact: true });
  }

  async setTray(open: boolean): Promise<void> {
    const toggle = this.tray.getByRole('button', { expanded: !open }).first();
    if (await toggle.isVisible()) await toggle.click();
    await expect(this.tray.getByRole('button', { expanded: open }).first()).toBeVisible();
  }

  /** The entry of a job in the list of the open tray. */
  job(title: string | RegExp): Locator {
    return this.tray.getByRole('list', { name: 'All jobs' }).getByRole('button', { name: title }).first();
  }

  /** A failure as every page shows it. */
  get failure(): Locator {
    return this.window.getByRole('main').getByRole('alert');
  }
}
