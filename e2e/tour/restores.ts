/** What stands around a restore that was applied: a stale preview, its undo with conflicts, the history. */
import { expect, type Page } from '@playwright/test';
import { MongoClient } from 'mongodb';
import { damage } from '../damage';
import { RestoreHistory } from '../pages/restore-history';
import { RestorePage } from '../pages/restore-page';
import type { Visit } from './visit';

/** Somebody writes a note to two orders that the demo's damage had changed. */
async function takeNotes(uri: string, note: string): Promise<void> {
  const client = await MongoClient.connect(uri);
  try {
    const orders = client.db('shop').collection('orders');
    const { deleted } = damage;
    const ids = await orders
      .find({}, { projection: { _id: 1 }, sort: { _id: 1 }, skip: deleted, limit: 2 })
      .map(({ _id }) => _id)
      .toArray();
    await orders.updateMany({ _id: { $in: ids } }, { $set: { note } });
  } finally {
    await client.close();
  }
}

/** From the apply step and back to it: one member read, undo declined, and a preview that somebody overtook. */
export async function tourApplyChoices(window: Page, uri: string, visit: Visit): Promise<void> {
  const restore = new RestorePage(window);
  const undo = window.getByRole('region', { name: 'Undo' }).getByRole('checkbox');
  await undo.uncheck();
  await expect(window.getByText('This restore could not be undone')).toBeVisible();
  await visit('restore-4-apply-without-undo', { isDetail: true });
  await undo.check();
  await window.getByRole('button', { name: 'Back', exact: true }).click();
  await takeNotes(uri, 'called the customer');
  await restore.continueToApply();
  const stale = window.getByRole('note').filter({ hasText: 'The preview is stale' });
  await expect(stale).toBeVisible();
  await visit('restore-4-apply-stale', { isDetail: true });
  await stale.getByRole('button', { name: 'Refresh the preview' }).click();
  await restore.isPreviewed();
  await restore.continueToApply();
}

/** To be called on the proof of a restore. */
export async function tourRestoreRuns(window: Page, uri: string, visit: Visit): Promise<void> {
  const restore = new RestorePage(window);
  const history = new RestoreHistory(window);
  await takeNotes(uri, 'called the customer again');
  await restore.previewUndo();
  await visit('restore-undo-preview');
  await restore.continueToApply();
  await restore.applyButton.click();
  await restore.isAt('Proof');
  await expect(history.conflicts).toBeVisible({ timeout: 90_000 });
  await visit('restore-conflicts');
  await history.conflicts.getByRole('row').nth(1).getByRole('button').click();
  await expect(window.getByRole('table', { name: 'Versions of the document' })).toBeVisible();
  await visit('restore-conflict', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
  await history.open();
  await expect(history.row(2)).toContainText('Undone');
  await visit('restore-history');
  await history.openRun(2);
  await expect(window.getByRole('table', { name: 'Predicted and done' })).toBeVisible();
  await visit('restore-run');
}

/** To be called where a restore was cut off before the start. */
export async function tourInterrupted(window: Page, visit: Visit): Promise<void> {
  const history = new RestoreHistory(window);
  await expect(history.banner).toBeVisible();
  await visit('overview-interrupted-restore');
  await history.banner.getByRole('button', { name: 'Continue, undo or leave…' }).click();
  await expect(history.choices).toBeVisible();
  await visit('restore-interrupted');
  await history.choices.getByRole('button', { name: 'Continue the restore…' }).click();
  await expect(window.getByRole('dialog', { name: 'Continue this restore?' })).toBeVisible();
  await visit('restore-interrupted-continue', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
}
