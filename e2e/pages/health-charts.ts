/** The charts of a replica set or member. */
import { expect, type Locator, type Page } from '@playwright/test';

const two = (value: number) => String(value).padStart(2, '0');

/** Local, as fields of times hold it: without seconds where there are none. */
function localText(time: number): string {
  const date = new Date(time);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const seconds = date.getSeconds() === 0 ? '' : `:${two(date.getSeconds())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}${seconds}`;
}

export class HealthChartsPage {
  constructor(readonly window: Page) {}

  /** Of the connection that is chosen. */
  async open(): Promise<void> {
    await this.window.evaluate(() => {
      window.location.hash = '#/replica-set';
    });
    await expect(this.time).toBeVisible();
  }

  /** A chart with its values, by its title. */
  chart(title: string): Locator {
    return this.window.getByRole('region', { name: title, exact: true });
  }

  plot(title: string): Locator {
    return this.chart(title).getByRole('application');
  }

  get time(): Locator {
    return this.window.getByRole('group', { name: 'Time of the charts' });
  }

  get events(): Locator {
    return this.window.getByRole('group', { name: 'Events marked in the charts' });
  }

  async showSpan(label: string): Promise<void> {
    await this.time.getByText(label, { exact: true }).click();
    await expect(this.time.getByRole('status')).toHaveText('Live');
  }

  /** A stretch of the past, in milliseconds since 1970, whole seconds. */
  async show(from: number, to: number): Promise<void> {
    await this.time.getByRole('button', { name: /^Choose times/ }).click();
    await this.window.getByLabel('From', { exact: true }).fill(localText(from));
    await this.window.getByLabel('To', { exact: true }).fill(localText(to));
    await this.window.getByRole('button', { name: 'Show', exact: true }).click();
    await expect(this.time.getByRole('button', { name: 'Back to live' })).toBeVisible();
  }

  async isDrawn(title: string): Promise<void> {
    await this.chart(title).scrollIntoViewIfNeeded();
    await expect(this.chart(title)).toHaveAttribute('data-ready', 'true');
    await expect(this.plot(title).locator('.recharts-curve').first()).toBeAttached();
  }

  /** Points at a place, told in shares of the plot's width, and leaves the pointer there. */
  async pointAt(title: string, share: number): Promise<void> {
    const { x, y, width, height } = await this.#box(title);
    await this.window.mouse.move(x + width * share, y + height / 2);
  }

  /** The same in the states of members, which have their names beside them. */
  async pointAtTimeline(share: number): Promise<void> {
    const plot = this.plot('States of members');
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (!box) throw new Error('The states have no size.');
    await this.window.mouse.move(box.x + 128 + (box.width - 140) * share, box.y + 30);
  }

  async drag(title: string, from: number, to: number): Promise<void> {
    const { x, y, width, height } = await this.#box(title);
    await this.window.mouse.move(x + width * from, y + height / 2);
    await this.window.mouse.down();
    await this.window.mouse.move(x + width * ((from + to) / 2), y + height / 2);
    await this.window.mouse.move(x + width * to, y + height / 2);
    await this.window.mouse.up();
  }

  /** What a chart says at the cursor (at the newest time without), by member or metric; and of when, as its label tells. */
  async values(title: string): Promise<{ at: number; values: Record<string, string> }> {
    const list = this.chart(title).locator('dl');
    const label = (await list.getAttribute('aria-label')) ?? '';
    const names = await list.locator('dt').allInnerTexts();
    const texts = await list.locator('dd').allInnerTexts();
    const at = new Date(label.slice(label.lastIndexOf(' at ') + 4).replace(' ', 'T')).getTime();
    return { at, values: Object.fromEntries(names.map((name, index) => [name.trim(), (texts[index] ?? '').trim()])) };
  }

  /** Writes through the dialog, which is answered with a path by the test. */
  async export(title: string, format: 'PNG' | 'CSV'): Promise<void> {
    await this.chart(title)
      .getByRole('button', { name: `Export ${title.toLowerCase()}` })
      .click();
    await this.window.getByRole('menuitem', { name: format }).click();
  }

  async exportAll(format: 'PNG' | 'CSV'): Promise<void> {
    await this.time.getByRole('button', { name: 'Export all' }).click();
    await this.window.getByRole('menuitem', { name: format }).click();
  }

  /** The drawn part of a chart, without the room of its axes. */
  async #box(title: string): Promise<{ x: number; y: number; width: number; height: number }> {
    await this.isDrawn(title);
    const box = await this.plot(title).boundingBox();
    if (!box) throw new Error(`${title} has no size.`);
    return { x: box.x + 68, y: box.y + 10, width: box.width - 80, height: box.height - 32 };
  }
}
