/** The overview, and what stands there before there is a connection: the demo's start, the three doors. */
import { expect, type Locator, type Page } from '@playwright/test';
import { Frame } from './frame';

/** The data of the demo is made once per machine, which takes a while; later starts copy it. */
const firstDemoMs = 150_000;

export class OverviewPage {
  readonly frame: Frame;

  constructor(readonly window: Page) {
    this.frame = new Frame(window);
  }

  /** Resolves when the demo's deployment is on the page with all its members. */
  async demoIsUp(): Promise<void> {
    await expect(this.window.getByRole('note').filter({ hasText: 'This is the demo' })).toBeVisible({
      timeout: firstDemoMs,
    });
    await expect(this.members.filter({ hasText: 'PRIMARY' })).toHaveCount(1);
    await expect(this.members.filter({ hasText: 'SECONDARY' })).toHaveCount(2);
  }

  get members(): Locator {
    return this.window.getByRole('table', { name: 'Members' }).getByRole('row');
  }

  /** Every deployment in a row, in their order on the page. */
  get deployments(): Locator {
    return this.window
      .getByRole('table', { name: 'Deployments' })
      .getByRole('row')
      .filter({ has: this.window.getByRole('cell') });
  }

  async pauseWorkload(): Promise<void> {
    await this.window.getByRole('button', { name: 'Pause the workload' }).click();
    await expect(this.window.getByText('This is the demo: its workload is paused')).toBeVisible();
  }

  async stopDemo(): Promise<void> {
    await this.window.getByRole('button', { name: 'Stop the demo' }).click();
  }

  /** One of the three doors of the first start. */
  door(name: 'Explore the demo' | 'Connect to MongoDB' | 'Open a backup file'): Locator {
    return this.window.getByRole('button', { name: new RegExp(`^${name}`) });
  }
}
