/** The replica set, its members' pages and its configuration. */
import { expect, type Locator, type Page } from '@playwright/test';
import { Frame } from './frame';

export type SetTab = 'Charts' | 'Numbers' | 'Events' | 'Operations';

/** One row of the table of members: what stands under each heading, and when it was sampled. */
export interface ShownMember {
  cells: Record<string, string>;
  sampledAt: Date;
}

const units: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 };

/** Seconds of "12 ms", "0.2 s", "3 min 05 s", "4 d 2 h"; NaN of anything else. */
export function secondsOf(text: string): number {
  const parts = [...text.matchAll(/([\d.]+) (ms|s|min|h|d)\b/g)];
  if (parts.length === 0) return Number.NaN;
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * (units[unit ?? ''] ?? Number.NaN), 0);
}

export class ReplicaSetPage {
  readonly frame: Frame;

  constructor(readonly window: Page) {
    this.frame = new Frame(window);
  }

  async open(): Promise<void> {
    await this.frame.open('Replica set');
    await expect(this.picture).toBeVisible();
  }

  /** The state of everything, under the title. */
  get sentence(): Locator {
    return this.window.getByRole('main').locator('header p');
  }

  get picture(): Locator {
    return this.window.getByRole('list', { name: /^Members of / });
  }

  card(host: string): Locator {
    // Others name the member they sync from.
    return this.picture.getByRole('link', { name: new RegExp(`^${host.replace(/[.:]/g, '\\$&')} `) });
  }

  async openTab(name: SetTab): Promise<void> {
    await this.window.getByRole('tab', { name, exact: true }).click();
    await expect(this.window.getByRole('tabpanel', { name })).toBeVisible();
  }

  get members(): Locator {
    return this.window.getByRole('table', { name: 'Members', exact: true });
  }

  get events(): Locator {
    return this.window.getByRole('table', { name: 'Events' });
  }

  /** The rows of the table of members by host, all of one moment. */
  async shownMembers(): Promise<Map<string, ShownMember>> {
    const read = await this.members.evaluate((table) => {
      const texts = (parent: Element, role: string): string[] =>
        [...parent.querySelectorAll(`[role="${role}"]`)].map((cell) => cell.textContent.trim());
      const [head, ...rows] = [...table.querySelectorAll('[role="row"]')];
      const headings = head ? texts(head, 'columnheader') : [];
      return rows.map((row) => ({
        cells: Object.fromEntries(texts(row, 'cell').map((text, index) => [headings[index] ?? '', text])),
        sampledAt: row.querySelector('time')?.dateTime ?? '',
      }));
    });
    return new Map(
      read.map(({ cells, sampledAt }) => [cells['Member'] ?? '', { cells, sampledAt: new Date(sampledAt) }]),
    );
  }

  /** What stands in the sentence after a word: "lag", "oplog window", "majority commits". */
  async told(word: string): Promise<string> {
    const text = await this.sentence.innerText();
    return text.match(new RegExp(`${word} ([^·]*)`))?.[1]?.trim() ?? '';
  }

  async openMember(host: string): Promise<void> {
    await this.card(host).click();
    await expect(this.frame.title(host)).toBeVisible();
  }

  async openConfiguration(): Promise<void> {
    await this.window.getByRole('button', { name: 'Configuration' }).click();
    await expect(this.frame.title(/^Configuration of /)).toBeVisible();
    await expect(this.window.getByRole('table', { name: 'Members of the configuration' })).toBeVisible();
  }

  async back(): Promise<void> {
    await this.window.getByRole('main').getByRole('link', { name: 'Replica set', exact: true }).click();
    await expect(this.picture).toBeVisible();
  }
}
