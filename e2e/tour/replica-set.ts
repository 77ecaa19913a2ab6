/** The demo's replica set: all of it, one member, its configuration. */
import { expect, type Page } from '@playwright/test';
import { ReplicaSetPage } from '../pages/replica-set-page';
import type { Visit } from './visit';

export async function tourReplicaSet(window: Page, visit: Visit): Promise<void> {
  const page = new ReplicaSetPage(window);
  await page.open();
  await expect(page.picture.getByRole('link')).toHaveCount(3);
  await visit('replica-set');
  await page.openTab('Numbers');
  await expect(page.members).toBeVisible();
  await visit('replica-set-numbers');
  await page.openTab('Events');
  await expect(page.events).toBeVisible();
  await visit('replica-set-events');
  await page.picture.getByRole('link', { name: 'SECONDARY' }).first().click();
  await expect(window.getByRole('region', { name: 'Numbers', exact: true })).toBeVisible();
  await visit('replica-set-member');
  await page.openTab('Charts');
  await visit('replica-set-member-charts', { isDetail: true });
  await page.openTab('Numbers');
  await page.back();
  await page.openConfiguration();
  await visit('replica-set-configuration');
  await window.getByText('Text', { exact: true }).click();
  await expect(window.getByRole('region', { name: 'Configuration as text' })).toBeVisible();
  await visit('replica-set-configuration-text', { isDetail: true });
  await page.back();
  await page.openTab('Charts');
}
