import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import { isFinished } from '../shared/jobs';
import { expect, launchLifeboat, test, type LifeboatApplication } from './fixtures';
import { OverviewPage } from './pages/overview-page';
import { hasEnded, processesUsing } from './support/processes';

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Every file and folder below the stores of a data folder. */
function storedIn(dataFolder: string): string[] {
  return (readdirSync(join(dataFolder, 'backups'), { recursive: true }) as string[]).sort();
}

/** Starts a backup of the whole demo and waits until bytes of it are on their way. */
async function backupUnderWay(lifeboat: LifeboatApplication): Promise<string> {
  const [demo] = await lifeboat.request('connections.list');
  const { jobId } = await lifeboat.request('backups.run', {
    connectionId: demo?.id ?? '',
    scope: { kind: 'deployment' },
    storeId: null,
    oplog: null,
    readPreference: 'secondaryPreferred',
    compressionLevel: 9,
    parallelCollections: 1,
    usersAndRoles: true,
    digest: true,
    category: 'operational',
    pinned: false,
    note: '',
    plan: null,
  });
  await expect
    .poll(async () => (await jobOf(lifeboat, jobId))?.progress.bytesDone ?? 0, { intervals: [20], timeout: 30_000 })
    .toBeGreaterThan(0);
  expect(isFinished((await jobOf(lifeboat, jobId))?.status ?? 'failed')).toBe(false);
  return jobId;
}

async function jobOf(lifeboat: LifeboatApplication, id: string) {
  return (await lifeboat.request('jobs.list')).find((job) => job.id === id);
}

test('after kill -9 with the demo and a backup at work, the next start finds nothing running and removes the rest', async () => {
  const dataFolder = temporaryFolder('data');
  const killed = await launchLifeboat({ dataFolder });
  await new OverviewPage(killed.window).demoIsUp();
  const jobId = await backupUnderWay(killed);
  const children = [...processesUsing(dataFolder).keys()].filter((pid) => pid !== killed.processId);
  expect(children.length).toBeGreaterThanOrEqual(3);
  expect(storedIn(dataFolder)).not.toEqual([]);
  await killed.kill();

  const next = await launchLifeboat({ dataFolder, installed: true });
  try {
    await expect(next.window.getByRole('heading', { level: 1, name: 'Welcome to Lifeboat' })).toBeVisible();
    await Promise.all(children.map((pid) => hasEnded(pid)));
    expect(await jobOf(next, jobId)).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } });
    expect(entriesOf(join(dataFolder, 'sandboxes'))).toEqual([]);
    expect(entriesOf(join(dataFolder, 'temporary'))).toEqual([]);
    expect(storedIn(dataFolder).filter((path) => /archive|manifest|digest|partial/.test(path))).toEqual([]);
    expect(await next.request('backups.list')).toEqual([]);
    const tray = next.window.getByRole('region', { name: 'Jobs', exact: true });
    await expect(tray).toContainText('Interrupted');
    expect((await next.request('audit.verify')).intact).toBe(true);
    expect(next.errors).toEqual([]);
  } finally {
    await next.dispose();
  }
});

test('quitting with the demo and a backup at work leaves nothing either', async () => {
  const dataFolder = temporaryFolder('data');
  const lifeboat = await launchLifeboat({ dataFolder });
  await new OverviewPage(lifeboat.window).demoIsUp();
  const jobId = await backupUnderWay(lifeboat);
  const children = [...processesUsing(dataFolder).keys()].filter((pid) => pid !== lifeboat.processId);
  await lifeboat.quit();
  expect([...processesUsing(dataFolder).values()]).toEqual([]);
  for (const pid of children) await hasEnded(pid, 1000);
  expect(entriesOf(join(dataFolder, 'sandboxes'))).toEqual([]);
  expect(entriesOf(join(dataFolder, 'temporary'))).toEqual([]);
  expect(entriesOf(join(dataFolder, 'opened-files'))).toEqual([]);
  expect(storedIn(dataFolder).filter((path) => /archive|manifest|digest|partial/.test(path))).toEqual([]);

  const next = await launchLifeboat({ dataFolder, installed: true });
  try {
    await expect(next.window.getByRole('heading', { level: 1, name: 'Welcome to Lifeboat' })).toBeVisible();
    expect((await jobOf(next, jobId))?.status).toBe('cancelled');
  } finally {
    await next.dispose();
  }
});

test('a second start shows the first window instead of another', async () => {
  const dataFolder = temporaryFolder('data');
  const first = await launchLifeboat({ dataFolder, installed: true });
  try {
    await expect(first.window.getByRole('heading', { level: 1, name: 'Welcome to Lifeboat' })).toBeVisible();
    await expect(launchLifeboat({ dataFolder, installed: true })).rejects.toThrow();
    expect(first.electron.windows()).toHaveLength(1);
  } finally {
    await first.dispose();
  }
});
