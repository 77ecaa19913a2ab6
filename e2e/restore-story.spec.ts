import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireTestTools } from '../electron/test-support/runtime';
import { startTestMongod } from '../electron/test-support/test-mongod';
import type { DiffResult } from '../shared/diff';
import type { RestoreResult } from '../shared/restore';
import { exitCodes } from '../shared/result';
import { countDocuments, damage, damageShop, shopState } from './damage';
import { expect, test } from './fixtures';
import { BackupWizard } from './pages/backup-wizard';
import { OverviewPage } from './pages/overview-page';
import { RestorePage } from './pages/restore-page';
import { runCommand } from './support/command-line';

const kept = damage.orders - damage.deleted - damage.changed;

test('backs up the shop, shows damage exactly, restores it and proves that nothing differs', async ({
  lifeboat,
  window,
}) => {
  const overview = new OverviewPage(window);
  const wizard = new BackupWizard(window);
  const restore = new RestorePage(window);
  const { dataFolder } = lifeboat;
  let uri = '';
  let backupId = '';

  await test.step('the development start opens straight on the demo', async () => {
    await overview.demoIsUp();
    await overview.pauseWorkload();
    const [demo] = await lifeboat.request('connections.list');
    uri = demo?.uri ?? '';
  });
  const before = await countDocuments(uri, 'shop');
  const undamaged = await shopState(uri);
  expect(undamaged).toMatchObject({ orders: damage.orders, refunded: 0, added: 0, validated: true });
  expect(undamaged.indexes).toContain(damage.droppedIndex);
  let damaged = undamaged;

  await test.step('the wizard backs up the shop database and shows it verified at level 2', async () => {
    backupId = await wizard.backUpDatabases('Demo shop', 'shop');
    const { manifest } = await lifeboat.request('backups.show', { id: backupId });
    const counts = manifest?.namespaces.filter(({ type }) => type === 'collection') ?? [];
    expect(Object.fromEntries(counts.map(({ collection, documents }) => [collection, documents]))).toMatchObject(
      Object.fromEntries(Object.entries(before).filter(([name]) => name !== 'warehouse_temperature')),
    );
  });

  await test.step('the preview shows exactly the damage, and nothing is written before Apply', async () => {
    await damageShop(uri);
    damaged = await shopState(uri);
    await restore.openFrom(backupId);
    await restore.preview();
    await restore.chooseMode('Exact');
    expect(await restore.effect()).toMatchObject({
      insert: `+${damage.deleted} documents inserted`,
      replace: `≠${damage.changed} replaced`,
      delete: `−${damage.added} deleted`,
    });
    await expect(restore.whatWouldHappen).toContainText('1 index built');
    await expect(restore.whatWouldHappen).toContainText('options of 1 collection changed');
    expect(await restore.namespaceRow('shop.orders')).toMatchObject({
      'Only in backup': String(damage.deleted),
      Changed: String(damage.changed),
      'Only in target': String(damage.added),
      Same: kept.toLocaleString('en-US'),
      Indexes: '+1',
    });
    await restore.showNamespaces('all');
    expect(await restore.namespaceRow('shop.customers')).toMatchObject({
      'Only in backup': '0',
      Changed: '0',
      'Only in target': '0',
      Indexes: '=',
      Options: '=',
    });
    const details = restore.details('shop.orders');
    await details.getByText(/changed 25/).click();
    await expect(details.getByRole('option')).not.toHaveCount(0);
    await expect(details.getByRole('table', { name: 'Fields of both documents' })).toContainText('refunded');
    await restore.openTab('Indexes');
    await expect(details).toContainText(damage.droppedIndex);
    await restore.openTab('Options');
    await expect(details).toContainText('validator');
    expect(await shopState(uri)).toEqual(damaged);
  });

  await test.step('exact makes the target equal, and the diff after it is empty', async () => {
    await restore.continueToApply();
    await expect(restore.applyButton).toHaveText(
      `Apply: ${damage.deleted} in, ${damage.changed} replaced, ${damage.added} deleted`,
    );
    await restore.applyButton.click();
    await restore.isProven();
    expect(await shopState(uri)).toEqual(undamaged);
    expect(await countDocuments(uri, 'shop')).toEqual(before);
  });

  await test.step('its undo is previewed like any restore, and brings the damage back', async () => {
    await restore.previewUndo();
    expect(await restore.effect()).toMatchObject({
      insert: `+${damage.added} documents inserted`,
      replace: `≠${damage.changed} replaced`,
      delete: `−${damage.deleted} deleted`,
    });
    expect(await shopState(uri)).toEqual(undamaged);
    await restore.continueToApply();
    await restore.applyButton.click();
    await restore.isProven();
    expect(await shopState(uri)).toEqual(damaged);
  });

  await test.step('the command line tells and does the same while the window is open', async () => {
    const command = (...args: string[]) => runCommand([...args, '--json'], { dataFolder, env: { LIFEBOAT_URI: uri } });
    const differing = await command('restore', 'diff', backupId);
    expect(differing.code, differing.stderr).toBe(exitCodes.differs);
    const diff = differing.json<DiffResult>();
    expect(diff.totals.effect).toMatchObject({ insert: damage.deleted, replace: damage.changed, delete: damage.added });
    const orders = diff.namespaces.find(({ ns }) => ns === 'shop.orders');
    expect(orders).toMatchObject({
      status: 'differs',
      documents: { onlyInBackup: damage.deleted, changed: damage.changed, onlyInTarget: damage.added, same: kept },
      indexes: { add: [{ name: damage.droppedIndex }], change: [], remove: [] },
      options: { same: false },
    });
    expect(diff.namespaces.filter(({ status }) => status !== 'same')).toHaveLength(1);

    const refused = await command('restore', 'apply', backupId, '--mode', 'exact');
    expect(refused.code, refused.stderr).toBe(exitCodes.refused);
    const applied = await command('restore', 'apply', backupId, '--mode', 'exact', '--yes');
    expect(applied.code, applied.stderr).toBe(exitCodes.done);
    const result = applied.json<RestoreResult>();
    expect(result.effect).toMatchObject({ insert: damage.deleted, replace: damage.changed, delete: damage.added });
    expect(result.remaining?.namespaces.filter(({ status }) => status !== 'same')).toEqual([]);

    const same = await command('restore', 'diff', backupId);
    expect(same.code, same.stderr).toBe(exitCodes.done);
    expect(await shopState(uri)).toEqual(undamaged);
  });

  await test.step('plain mongorestore restores the same file into an empty server', async () => {
    const { entry } = await lifeboat.request('backups.show', { id: backupId });
    const empty = await startTestMongod();
    try {
      const { status, stderr } = spawnSync(
        requireTestTools().mongorestore,
        ['--uri', empty.uri, '--gzip', `--archive=${join(entry.path, 'archive.gz')}`],
        { encoding: 'utf8' },
      );
      expect(status, stderr).toBe(0);
      expect(stderr).toContain('0 document(s) failed to restore');
      expect(await countDocuments(empty.uri, 'shop')).toEqual(before);
    } finally {
      await empty.stop();
    }
  });
});
