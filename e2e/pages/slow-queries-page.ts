/** Slow queries: the list of shapes with its sources, and the page of one shape. */
import { expect, type Locator, type Page } from '@playwright/test';

export type SlowQueriesTab = 'Shapes' | 'COLLSCAN' | 'Slowest' | 'Live operations' | 'Compare';

const gatherMs = 90_000;
const tryMs = 90_000;

export class SlowQueriesPage {
  constructor(readonly window: Page) {}

  /** Whether the profiler runs and until when. */
  get profiler(): Locator {
    return this.window.getByRole('group', { name: 'Profiler' });
  }

  /** Fills the dialog and starts; the capture of it is chosen then. */
  async profile(options: { databases: readonly string[]; minutes: number; slowms: number }): Promise<void> {
    await this.window.getByRole('button', { name: 'Profile…' }).click();
    const dialog = this.window.getByRole('dialog', { name: /^Profile / });
    for (const database of options.databases) await dialog.getByRole('checkbox', { name: database }).check();
    await dialog.getByLabel('For how many minutes').fill(String(options.minutes));
    await dialog.getByLabel('Slow from (ms)').fill(String(options.slowms));
    await expect(dialog.getByRole('note').filter({ hasText: 'What it costs' })).toBeVisible();
    await dialog.getByRole('button', { name: /^Profile for/ }).click();
    await expect(dialog).toBeHidden();
    await expect(this.profiler).toContainText('Profiler on until');
  }

  /** Resolves when the time of the chosen capture is over. */
  async isGathered(): Promise<void> {
    await expect(this.window.getByText('Complete', { exact: true })).toBeVisible({ timeout: gatherMs });
  }

  async stopGathering(): Promise<void> {
    await this.window.getByRole('button', { name: 'Stop gathering' }).click();
    await expect(this.window.getByText('Stopped', { exact: true })).toBeVisible();
  }

  async openTab(tab: SlowQueriesTab): Promise<void> {
    await this.window.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
  }

  get shapes(): Locator {
    return this.window.getByRole('table', { name: 'Shapes' });
  }

  /** The row of a shape by a part of its text. */
  shape(text: string): Locator {
    return this.shapes.getByRole('row').filter({ hasText: text });
  }

  get timeline(): Locator {
    return this.window.getByRole('region', { name: 'Operations by time and duration' });
  }

  /** Drags over a part of the timeline, told in shares of its width and height. */
  async select(from: [number, number], to: [number, number]): Promise<void> {
    const box = await this.timeline.getByRole('application').boundingBox();
    if (!box) throw new Error('The timeline has no size.');
    const place = ([x, y]: [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
    await this.window.mouse.move(...place(from));
    await this.window.mouse.down();
    await this.window.mouse.move(...place([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
    await this.window.mouse.move(...place(to));
    await this.window.mouse.up();
  }

  async openShape(text: string): Promise<void> {
    await this.shape(text).getByRole('link').first().click();
    await expect(this.window.getByRole('heading', { level: 1, name: / on / })).toBeVisible();
    await expect(this.window.getByRole('region', { name: 'How bad' })).toBeVisible();
  }

  /** Escape on the page of a shape. */
  async back(): Promise<void> {
    await this.window.keyboard.press('Escape');
    await expect(this.window.getByRole('heading', { level: 1, name: 'Slow queries' })).toBeVisible();
  }

  get plan(): Locator {
    return this.window.getByRole('table', { name: 'Plan', exact: true });
  }

  async explain(): Promise<void> {
    await this.window.getByRole('button', { name: 'Explain' }).click();
    await expect(this.plan).toBeVisible({ timeout: gatherMs });
  }

  get advice(): Locator {
    return this.window.getByRole('region', { name: 'What would help, and what it costs' });
  }

  async suggestIndex(): Promise<void> {
    await this.advice.getByRole('button', { name: 'Suggest an index' }).click();
    await expect(this.advice.getByRole('button', { name: 'Ask again' })).toBeVisible({ timeout: gatherMs });
  }

  /** Tries the first suggestion on the whole collection and tells what was measured before and after. */
  async tryFirst(): Promise<{ before: string[]; after: string[] }> {
    await this.advice.getByRole('button', { name: 'Try it in a sandbox…' }).first().click();
    await this.advice.getByRole('radio', { name: /^The whole collection/ }).check();
    await this.advice.getByRole('button', { name: 'Try it', exact: true }).click();
    const measured = this.advice.getByRole('table', { name: 'Before and after' });
    await expect(measured).toBeVisible({ timeout: tryMs });
    const rows = await measured.locator('tbody').getByRole('row').all();
    const cells = await Promise.all(rows.map((row) => row.getByRole('cell').allInnerTexts()));
    return { before: cells.map(([before = '']) => before), after: cells.map(([, after = '']) => after) };
  }

  /** What came of earlier tries of the shape. */
  get keptTries(): Locator {
    return this.window.getByRole('region', { name: 'Tried before' });
  }

  /** Writes the report through the dialog, which is answered with a path by the test. */
  async exportReport(format: 'HTML' | 'Markdown' | 'JSON'): Promise<void> {
    await this.window.getByRole('button', { name: 'Export a report…' }).click();
    const dialog = this.window.getByRole('dialog', { name: 'Export a report' });
    await dialog.getByRole('radio', { name: format }).check();
    await dialog.getByRole('button', { name: 'Export…' }).click();
    await expect(dialog.getByText('The report is written')).toBeVisible();
    await this.window.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  }
}
