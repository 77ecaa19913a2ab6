/** The indexes of the demo's shop. */
import { expect, type Page } from '@playwright/test';
import { Frame } from '../pages/frame';
import { IndexesPage } from '../pages/indexes-page';
import type { Visit } from './visit';

export async function tourIndexes(window: Page, visit: Visit): Promise<void> {
  const page = new IndexesPage(window);
  await new Frame(window).open('Indexes');
  await expect(page.table).toBeVisible();
  await visit('indexes');
  await page.openIndex('email_1');
  await visit('indexes-one', { isDetail: true });
  await page.details.getByRole('button', { name: 'Hide…' }).click();
  await expect(window.getByRole('dialog', { name: 'Hide this index?' })).toBeVisible();
  await visit('indexes-hide', { isDetail: true });
  await window.getByRole('button', { name: 'Cancel' }).click();
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toHaveCount(0);
  await page.openTab('Plan');
  await window.getByRole('button', { name: 'Write down what exists' }).click();
  const plan = window.getByLabel('The plan');
  await expect(plan).not.toHaveValue('');
  const text = await plan.inputValue();
  await page.preview(text.replace('"email": 1', '"email": -1').replace('"email_1"', '"email_descending"'));
  await expect(page.steps.getByRole('row', { name: /Build .*email_descending/ })).toBeVisible();
  await visit('indexes-plan');
  await page.openTab('Review');
}
