/**
 * Every page and every step of every wizard, one after another, with real data: what screenshots are taken of and what is
 * searched for accessibility faults.
 */
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { damageShop } from '../damage';
import type { LifeboatApplication } from '../fixtures';
import { BackupWizard } from '../pages/backup-wizard';
import { ConnectionPages } from '../pages/connection-pages';
import { Frame } from '../pages/frame';
import { OverviewPage } from '../pages/overview-page';
import { PreviewPage } from '../pages/preview-page';
import { RestorePage } from '../pages/restore-page';
import type { Visit } from './visit';
import { tourOperations } from './operations';
import { tourAlerts } from './alerts';
import { tourSlowQueries } from './slow-queries';
import { tourChannels } from './channels';
import { tourIndexes } from './indexes';
import { tourReplicaSet } from './replica-set';
import { tourApplyChoices, tourRestoreRuns } from './restores';

/** Nothing answers there. */
const deadUri = 'mongodb://127.0.0.1:9/?directConnection=true&serverSelectionTimeoutMS=500';

/** The three doors: to be called on an installed Lifeboat without connections. */
export async function tourFirstStart(window: Page, visit: Visit): Promise<void> {
  const frame = new Frame(window);
  await expect(frame.title('Welcome to Lifeboat')).toBeVisible();
  await visit('doors');
  await frame.open('Backups');
  await visit('backups-empty', { isDetail: true });
  await frame.open('Restore');
  await visit('restore-empty', { isDetail: true });
  await frame.open('Connections');
  await visit('connections-empty', { isDetail: true });
  await frame.open('Alerts');
  await visit('alerts-empty', { isDetail: true });
  await frame.open('Replica set');
  await visit('replica-set-empty', { isDetail: true });
  await frame.open('Audit');
  await visit('audit-empty', { isDetail: true });
}

/** All other pages: to be called on a development start, which brings the demo up. */
export async function tourDemo(lifeboat: LifeboatApplication, visit: Visit): Promise<void> {
  const { window } = lifeboat;
  const overview = new OverviewPage(window);
  const notifications = window.getByRole('region', { name: 'Notifications' });
  await closeAsTheyCome(notifications);
  await overview.demoIsUp();
  await overview.pauseWorkload();
  await visit('overview-first');
  await tourConnections(window, visit);
  const backupId = await tourBackupWizard(window, visit);
  await tourBackups(lifeboat, backupId, visit);
  await tourRestore(lifeboat, backupId, visit);
  await tourSlowQueries(lifeboat, visit);
  await window.removeLocatorHandler(notifications);
  await tourAlerts(lifeboat, visit);
  await closeAsTheyCome(notifications);
  await new Frame(window).open('Overview');
  await expect(overview.members.filter({ hasText: 'PRIMARY' })).toHaveCount(1);
  await visit('overview');
  await tourRest(lifeboat, visit);
}

/** The connection that leads nowhere raises an alert, whose notification would lie over what is clicked later. */
async function closeAsTheyCome(notifications: Locator): Promise<void> {
  await notifications.page().addLocatorHandler(notifications, async () => {
    // Also under a dialog, where nobody could point at it.
    await notifications
      .getByRole('button', { name: /^Close: / })
      .first()
      .dispatchEvent('click');
  });
}

async function tourConnections(window: Page, visit: Visit): Promise<void> {
  const frame = new Frame(window);
  const connections = new ConnectionPages(window);
  await connections.openForm();
  await visit('connection-form');
  await connections.fill({ name: 'shop-archive', uri: deadUri, user: 'backup', environment: 'staging' });
  await window.getByText('Fields', { exact: true }).click();
  await visit('connection-form-fields', { isDetail: true });
  await window.getByText('Connection string', { exact: true }).first().click();
  await connections.test();
  await visit('connection-form-unreachable', { at: connections.deployment, isDetail: true });
  await connections.fill({ user: '' });
  await window.getByRole('button', { name: 'Add connection' }).click();
  await expect(frame.title('shop-archive')).toBeVisible();
  await expect(connections.deployment).toBeVisible();
  await visit('connection-unreachable', { isDetail: true });
  await frame.open('Connections');
  const table = window.getByRole('table', { name: 'Connections' });
  await expect(table.getByText('3 members healthy')).toBeVisible();
  await visit('connections');
  await table.getByRole('link', { name: 'Demo shop' }).click();
  await expect(connections.deployment).toBeVisible();
  await visit('connection');
  await frame.switcher.click();
  await expect(window.getByLabel('Filter connections')).toBeVisible();
  await visit('connection-switcher', { isDetail: true });
  await window.keyboard.press('Escape');
  await frame.switchTo('Demo shop');
}

async function tourBackupWizard(window: Page, visit: Visit): Promise<string> {
  const wizard = new BackupWizard(window);
  await wizard.open();
  await wizard.isAt('Connection');
  await wizard.chooseConnection('Demo shop');
  await expect(window.getByText('3 members healthy')).toBeVisible();
  await visit('backup-wizard-1-connection');
  await wizard.goOn();
  await wizard.chooseScope('Whole deployment');
  await visit('backup-wizard-2-scope-deployment', { isDetail: true });
  await wizard.chooseScope('Collections');
  await window.getByRole('checkbox', { name: 'shop.orders' }).check();
  await visit('backup-wizard-2-scope-collections', { isDetail: true });
  await wizard.chooseDatabases('shop');
  await visit('backup-wizard-2-scope');
  await wizard.goOn();
  await wizard.isAt('Options');
  await window.getByLabel('Note').fill('Before the migration of orders');
  await visit('backup-wizard-3-options');
  await wizard.goOn();
  await wizard.isAt('Review');
  await expect(wizard.startButton).toBeEnabled();
  await visit('backup-wizard-4-review');
  await wizard.startButton.click();
  const backupId = await wizard.verifiedBackup();
  await visit('backup-wizard-5-result');
  return backupId;
}

async function tourBackups(lifeboat: LifeboatApplication, backupId: string, visit: Visit): Promise<void> {
  const { window } = lifeboat;
  const frame = new Frame(window);
  await frame.open('Backups');
  const table = window.getByRole('table', { name: 'Backups' });
  await expect(table.getByRole('link', { name: `Backup ${backupId}` })).toBeVisible();
  await visit('backups');
  await window.getByRole('button', { name: 'Import…' }).click();
  await expect(window.getByRole('dialog', { name: 'Import a dump' })).toBeVisible();
  await window.getByLabel('File or folder').fill(join('/backups', 'shop.archive.gz'));
  await visit('backups-import', { isDetail: true });
  await window.keyboard.press('Escape');
  await table.getByRole('link', { name: `Backup ${backupId}` }).click();
  await expect(window.getByRole('region', { name: 'Verification' })).toBeVisible();
  await visit('backup');
  await window.getByRole('button', { name: 'shop.orders', exact: true }).click();
  await expect(window.getByRole('dialog')).toBeVisible();
  await visit('backup-namespace', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
  await window.getByRole('button', { name: 'More' }).click();
  await window.getByRole('menuitem', { name: 'Delete…' }).click();
  await expect(window.getByRole('dialog', { name: 'Delete this backup?' })).toBeVisible();
  await visit('backup-delete', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
}

async function tourRestore(lifeboat: LifeboatApplication, backupId: string, visit: Visit): Promise<void> {
  const { window } = lifeboat;
  const frame = new Frame(window);
  const restore = new RestorePage(window);
  const [demo] = (await lifeboat.request('connections.list')).filter(({ sandboxId }) => sandboxId !== null);
  const uri = demo?.uri ?? '';
  await damageShop(uri);
  await frame.open('Restore');
  await restore.isAt('Backup');
  await window.getByRole('table', { name: 'Backups to restore from' }).getByRole('radio').first().check();
  await visit('restore-1-backup');
  await restore.openFrom(backupId);
  await visit('restore-2-target');
  await restore.readFromMember(/SECONDARY/);
  await visit('restore-2-target-member', { isDetail: true });
  await restore.readFromMember('the primary (exact)');
  await restore.preview();
  await restore.chooseMode('Exact');
  await restore.openNamespace('shop.orders');
  const details = restore.details('shop.orders');
  await details.getByText(/changed 25/).click();
  await expect(details.getByRole('table', { name: 'Fields of both documents' })).toContainText('refunded');
  await visit('restore-preview');
  await visit('restore-preview-documents', { at: details });
  await restore.openTab('Indexes');
  await visit('restore-preview-indexes', { at: details, isDetail: true });
  await restore.openTab('Options');
  await visit('restore-preview-options', { at: details, isDetail: true });
  await restore.openTab('Documents');
  await restore.chooseMode('Clone');
  await visit('restore-preview-clone', { isDetail: true });
  await restore.chooseMode('Pick');
  const picking = new PreviewPage(window, 'shop.orders');
  await picking.showKind('changed');
  await picking.field('status').check();
  await visit('restore-preview-pick', { at: details, isDetail: true });
  await picking.showKind('all');
  await restore.chooseMode('Exact');
  await restore.continueToApply();
  await expect(restore.applyButton).toBeEnabled();
  await visit('restore-4-apply');
  await tourApplyChoices(window, uri, visit);
  await restore.applyButton.click();
  await restore.isProven();
  await visit('restore-5-proof');
  await tourRestoreRuns(window, uri, visit);
}

async function tourRest(lifeboat: LifeboatApplication, visit: Visit): Promise<void> {
  const { window } = lifeboat;
  const frame = new Frame(window);
  await tourIndexes(window, visit);
  await tourReplicaSet(window, visit);
  await tourOperations(window, visit);
  await frame.open('Audit');
  const table = window.getByRole('table', { name: 'Audit entries' });
  await expect(table.getByText('restore.apply').first()).toBeVisible();
  await window.getByRole('button', { name: 'Verify' }).click();
  await expect(window.getByText('The record is whole')).toBeVisible();
  await visit('audit');
  await table.getByRole('button').filter({ hasText: 'restore.apply' }).first().click();
  await expect(window.getByRole('dialog')).toBeVisible();
  await visit('audit-entry', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();

  await frame.open('Settings');
  await expect(window.getByRole('table', { name: 'Tools' })).toBeVisible();
  await visit('settings-tools');
  await window.getByRole('tab', { name: 'Stores' }).click();
  await expect(window.getByRole('table', { name: 'Stores' })).toBeVisible();
  await visit('settings-stores', { isDetail: true });
  await tourChannels(lifeboat, visit);
  await window.getByRole('tab', { name: 'Appearance and work' }).click();
  await visit('settings-work', { isDetail: true });
  await window.getByRole('tab', { name: 'About' }).click();
  await window.getByRole('button', { name: 'Check everything' }).click();
  await expect(window.getByRole('table', { name: 'Check-up' })).toBeVisible();
  await visit('settings-about');

  await frame.setTray(true);
  await frame.job(/^Back/).click();
  await visit('jobs');
  await frame.setTray(false);
  await window.keyboard.press('Control+K');
  await expect(window.getByPlaceholder('Search or command')).toBeVisible();
  await visit('palette', { isDetail: true });
  await window.keyboard.press('Escape');
  await window.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await expect(window.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await visit('shortcuts', { isDetail: true });
  await window.keyboard.press('Escape');
  await expect(window.getByRole('dialog')).toBeHidden();
}
