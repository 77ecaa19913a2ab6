/** The documents of a restore's preview: found, sorted, looked into and ticked. */
import { expect, type Locator, type Page } from '@playwright/test';

export type KindName = 'all' | 'only in backup' | 'changed' | 'only in target';

export class PreviewPage {
  readonly details: Locator;
  readonly list: Locator;

  /** Of one namespace, by its name in the backup. */
  constructor(
    readonly window: Page,
    ns: string,
  ) {
    this.details = window.getByRole('region', { name: ns, exact: true });
    this.list = this.details.getByRole('listbox', { name: `Differing documents of ${ns}` });
  }

  async showKind(kind: KindName): Promise<void> {
    const kinds = this.details.getByRole('radiogroup', { name: 'Which differences' });
    await kinds.getByText(new RegExp(`^(. )?${kind} [0-9,]+$`)).click();
  }

  async search(text: string): Promise<void> {
    await this.details.getByRole('textbox', { name: 'Search by _id' }).fill(text);
  }

  async sortBy(order: 'as compared' | 'by _id' | 'by kind'): Promise<void> {
    await this.details.getByRole('combobox', { name: 'Order' }).click();
    await this.window.getByRole('option', { name: order, exact: true }).click();
  }

  path(name: string): Locator {
    return this.details.getByRole('group', { name: 'Changed paths' }).getByRole('button', { name: `${name}, in ` });
  }

  /** A row of the list by its place, counted from one. */
  row(place: number): Locator {
    return this.list.locator(`[role="option"][aria-posinset="${place}"]`);
  }

  /** How many documents the list holds. */
  async expectListed(count: number): Promise<void> {
    if (count === 0) await expect(this.list).toBeHidden();
    else await expect(this.list.getByRole('option').first()).toHaveAttribute('aria-setsize', String(count));
  }

  get pickAll(): Locator {
    return this.details.getByRole('checkbox', { name: /^Pick all [0-9,]+ documents? listed$/ });
  }

  /** What is ticked in this collection, as the page tells it. */
  get picked(): Locator {
    return this.details.getByRole('group', { name: 'Picked documents' }).getByRole('status');
  }

  get fields(): Locator {
    return this.details.getByRole('table', { name: 'Fields of both documents' });
  }

  field(path: string): Locator {
    return this.fields.getByRole('checkbox', { name: `Put back ${path}`, exact: true });
  }
}
