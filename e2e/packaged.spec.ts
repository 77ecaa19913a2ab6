import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { exitCodes } from '../shared/result';
import type { DoctorReport } from '../shared/toolchain';
import { expect, repository, test } from './fixtures';
import { BackupWizard } from './pages/backup-wizard';
import { ConnectionPages } from './pages/connection-pages';

const folder = join(repository, 'dist', 'for-tests', `${process.platform}-unpacked`);
const executable = join(folder, 'lifeboat-desktop');

test.use({ start: { packagedExecutable: executable } });

test('the packaged application connects to a real mongod, backs it up and verifies the backup', async ({
  lifeboat,
  window,
}) => {
  const server = await startTestMongod({ replicaSet: true });
  try {
    const client = await server.connect();
    await client
      .db('shop')
      .collection('orders')
      .insertMany(Array.from({ length: 1000 }, (_, index) => ({ number: index })));
    await expect(window.getByRole('heading', { level: 1, name: 'Welcome to Lifeboat' })).toBeVisible();
    expect(await lifeboat.request('app.info')).toMatchObject({ development: false });
    await new ConnectionPages(window).add({ name: 'shop-dev', uri: server.uri });
    const backupId = await new BackupWizard(window).backUpDatabases('shop-dev', 'shop');
    const { manifest, entry } = await lifeboat.request('backups.show', { id: backupId });
    expect(manifest?.namespaces).toMatchObject([{ collection: 'orders', documents: 1000 }]);
    expect(existsSync(join(entry.path, 'archive.gz'))).toBe(true);
  } finally {
    await server.stop();
  }
});

test('its command line needs no display', async ({ lifeboat }) => {
  test.skip(process.platform !== 'linux', 'the other systems have launchers of their own');
  const environment: NodeJS.ProcessEnv = { ...process.env, LIFEBOAT_HOME: lifeboat.dataFolder };
  delete environment['DISPLAY'];
  const { status, stdout, stderr } = spawnSync(join(folder, 'resources', 'bin', 'lifeboat'), ['doctor', '--json'], {
    env: environment,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(exitCodes.done);
  expect((JSON.parse(stdout) as DoctorReport).healthy).toBe(true);
});
