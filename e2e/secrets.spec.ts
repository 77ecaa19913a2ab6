import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';
import { BackupWizard } from './pages/backup-wizard';
import { ConnectionPages } from './pages/connection-pages';
import { Frame } from './pages/frame';
import { RestorePage } from './pages/restore-page';
import { runCommand } from './support/command-line';
import { watchForSecret } from './support/processes';

test.use({ start: { installed: true } });

const password = 'Lanyard+7/42:secret@x';
/** As it stands in a connection string. */
const encoded = encodeURIComponent(password);

/** Files below a folder that hold the text, as UTF-8 or as UTF-16. */
function filesWith(folder: string, text: string): string[] {
  const needles = [Buffer.from(text), Buffer.from(text, 'utf16le')];
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => {
    const path = join(folder, name);
    if (!existsSync(path) || !statSync(path).isFile()) return false;
    const content = readFileSync(path);
    return needles.some((needle) => content.includes(needle));
  });
}

test('a password is in no argument, environment, log, audit or manifest during a backup and a restore', async ({
  lifeboat,
  window,
}) => {
  const server = await startTestMongod({ replicaSet: true, auth: { user: 'keeper', password } });
  try {
    const client = await server.connect();
    const orders = client.db('shop').collection('orders');
    const filler = 'x'.repeat(300);
    await orders.insertMany(Array.from({ length: 60_000 }, (_, index) => ({ number: index, filler })));
    await new ConnectionPages(window).add({ name: 'guarded', uri: server.uri });
    await expect(new Frame(window).title('guarded')).toBeVisible();
    const restore = new RestorePage(window);
    let backupId = '';

    const inWindow = await watchForSecret(password, [], async () => {
      backupId = await new BackupWizard(window).backUpDatabases('guarded', 'shop');
      await orders.deleteMany({ number: { $lt: 2000 } });
      await restore.openFrom(backupId);
      await restore.preview();
      await restore.chooseMode('Exact');
      await restore.continueToApply();
      await restore.applyButton.click();
      await restore.isProven();
    });
    expect(inWindow.leaks).toEqual([]);
    // The look-out saw what it was to watch.
    expect([...inWindow.programs]).toEqual(expect.arrayContaining(['mongodump']));
    expect(await orders.countDocuments()).toBe(60_000);

    await orders.deleteMany({ number: { $lt: 10 } });
    await restore.openFrom(backupId);
    const drop = await watchForSecret(encoded, [], async () => {
      await restore.preview();
      await restore.chooseMode('Drop');
      await restore.continueToApply();
      await restore.applyButton.click();
      await restore.isProven();
    });
    expect(drop.leaks).toEqual([]);
    expect([...drop.programs]).toEqual(expect.arrayContaining(['mongorestore']));

    expect(filesWith(lifeboat.dataFolder, password)).toEqual([]);
    expect(filesWith(lifeboat.dataFolder, encoded)).toEqual([]);
    expect(filesWith(lifeboat.dataFolder, 'keeper')).toEqual(expect.arrayContaining(['connections.json']));
  } finally {
    await server.stop();
  }
});

test('a connection string given to the command line stays in its own environment', async ({ lifeboat }) => {
  const server = await startTestMongod({ replicaSet: true, auth: { user: 'keeper', password } });
  const { dataFolder } = lifeboat;
  try {
    const client = await server.connect();
    await client
      .db('shop')
      .collection('orders')
      .insertMany(Array.from({ length: 30_000 }, (_, index) => ({ number: index, filler: 'x'.repeat(300) })));
    const env = { LIFEBOAT_URI: server.uri };
    const watched = await watchForSecret(encoded, [], async () => {
      const made = await runCommand(['backup', 'run', '--db', 'shop', '--json'], { dataFolder, env });
      expect(made.code, made.stderr).toBe(0);
      expect(made.stdout + made.stderr).not.toContain(encoded);
      const applied = await runCommand(['restore', 'apply', 'latest', '--mode', 'drop', '--yes', '--json'], {
        dataFolder,
        env,
      });
      expect(applied.code, applied.stderr).toBe(0);
      expect(applied.stdout + applied.stderr).not.toContain(encoded);
    });
    // Where it was given: proof that the look-out sees environments, too.
    expect(watched.leaks).toEqual(['environment of node']);
    expect([...watched.programs]).toEqual(expect.arrayContaining(['mongodump', 'mongorestore']));
    expect(filesWith(dataFolder, encoded)).toEqual([]);
    expect(filesWith(dataFolder, password)).toEqual([]);
  } finally {
    await server.stop();
  }
});
