import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { requireTestTools } from '../electron/test-support/runtime';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, repository, test } from './fixtures';
import { ConnectionPages } from './pages/connection-pages';
import { Frame } from './pages/frame';
import { OverviewPage } from './pages/overview-page';

test.use({ start: { installed: true } });

/** Dumps of MongoDB's own tools, where they are laid beside the checkout. */
const foreignDump = join(repository, '..', 'shared', 'testdata', 'mongo-tools', 'dump-w-oplog.archive');

test('shows three doors, and teaches the next step on every empty page', async ({ window }) => {
  const frame = new Frame(window);
  const overview = new OverviewPage(window);
  for (const door of ['Explore the demo', 'Connect to MongoDB', 'Open a backup file'] as const) {
    await expect(overview.door(door)).toBeVisible();
  }
  await frame.open('Backups');
  await expect(window.getByRole('heading', { name: 'No backup yet' })).toBeVisible();
  await frame.open('Restore');
  await expect(window.getByRole('heading', { name: 'There is no backup to restore from' })).toBeVisible();
  await frame.open('Connections');
  await expect(window.getByRole('heading', { name: 'No connection yet' })).toBeVisible();
  await frame.open('Audit');
  await expect(window.getByRole('heading', { name: 'Nothing has been done yet' })).toBeVisible();
});

test('the second door leads to a connection, and the overview follows it', async ({ window }) => {
  const server = await startTestMongod({ replicaSet: true });
  try {
    const overview = new OverviewPage(window);
    await overview.door('Connect to MongoDB').click();
    await new ConnectionPages(window).add({ name: 'shop-dev', uri: server.uri });
    await new Frame(window).open('Overview');
    await expect(overview.members.filter({ hasText: 'PRIMARY' })).toHaveCount(1);
    await expect(window.getByText('Not protected')).toBeVisible();
  } finally {
    await server.stop();
  }
});

test('the third door opens an archive made by mongodump, without importing it', async ({ lifeboat, window }) => {
  const archive = join(temporaryFolder('dump'), 'harbour.archive.gz');
  const server = await startTestMongod();
  try {
    const client = await server.connect();
    await client
      .db('harbour')
      .collection('boats')
      .insertMany([{ name: 'Maria' }, { name: 'Anna' }]);
    const { status, stderr } = spawnSync(
      requireTestTools().mongodump,
      ['--uri', server.uri, '--db', 'harbour', '--gzip', `--archive=${archive}`],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
  } finally {
    await server.stop();
  }
  await lifeboat.answerDialogs(archive);
  await new OverviewPage(window).door('Open a backup file').click();
  const table = window.getByRole('table', { name: 'Backups' });
  await table.getByRole('link', { name: /^Backup / }).click();
  await expect(window.getByText('Opened from a file, not imported')).toBeVisible();
  await expect(window.getByRole('button', { name: 'harbour.boats', exact: true })).toBeVisible();
  const [opened] = await lifeboat.request('backups.list');
  expect(opened).toMatchObject({ temporary: true, documents: 2, type: 'imported' });
});

test('a foreign archive with an oplog opens too', async ({ lifeboat, window }) => {
  test.skip(!existsSync(foreignDump), "the tools' own test data is not beside this checkout");
  await lifeboat.answerDialogs(foreignDump);
  await new OverviewPage(window).door('Open a backup file').click();
  await expect(window.getByRole('table', { name: 'Backups' }).getByRole('link', { name: /^Backup / })).toBeVisible();
});

test('what is no dump is refused with what to do, and leaves nothing', async ({ lifeboat, window }) => {
  await lifeboat.answerDialogs(join(repository, 'package.json'));
  await new OverviewPage(window).door('Open a backup file').click();
  await expect(new Frame(window).failure).toContainText('This is not a MongoDB dump');
  expect(await lifeboat.request('backups.list')).toEqual([]);
});
