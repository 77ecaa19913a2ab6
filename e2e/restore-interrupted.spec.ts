import { expect, launchLifeboat, test } from './fixtures';
import { Frame } from './pages/frame';
import { RestoreHistory } from './pages/restore-history';
import { RestorePage } from './pages/restore-page';
import { inspector } from './support/inspector';
import { interruptRestore, interrupted } from './support/interrupted-restore';
import { tourInterrupted } from './tour/restores';

test('a restore that kill -9 cut off is shown at the next start, and undone from the window', async () => {
  test.setTimeout(240_000);
  const { dataFolder, server, count } = await interruptRestore();
  const halfWay = await count();
  expect(halfWay.good).toBeLessThan(interrupted.items);
  const next = await launchLifeboat({ dataFolder, installed: true });
  try {
    const { window } = next;
    const frame = new Frame(window);
    const history = new RestoreHistory(window);
    const restore = new RestorePage(window);

    await test.step('the overview and the restore page name it and how far it was', async () => {
      await expect(history.banner).toContainText('A restore into shop-test was interrupted');
      await expect(history.banner).toContainText(/Exact of shop\.items, begun .*of 30,000 documents were written/);
      await frame.open('Restore');
      await expect(history.banner).toBeVisible();
      await frame.open('Overview');
    });

    await test.step('its pages have no serious accessibility fault', async () => {
      await next.resize(1280, 800);
      const found: string[] = [];
      await tourInterrupted(window, inspector(window, found));
      expect(found).toEqual([]);
    });

    await test.step('three choices say what comes of them, and nothing happens by itself', async () => {
      for (const choice of ['Continue', 'Undo', 'Leave'])
        await expect(history.choices.getByRole('heading', { level: 3, name: choice })).toBeVisible();
      await history.choices.getByRole('button', { name: 'Leave it as it is…' }).click();
      const question = window.getByRole('dialog', { name: 'Leave shop-test as it is?' });
      await question.getByRole('button', { name: 'Cancel' }).click();
      await expect(question).toBeHidden();
      expect(await count()).toEqual(halfWay);
    });

    await test.step('its undo is previewed, applied and proven', async () => {
      await history.choices.getByRole('button', { name: 'Preview the undo' }).click();
      await restore.isPreviewed();
      expect(await count()).toEqual(halfWay);
      await restore.continueToApply();
      await restore.applyButton.click();
      await restore.isProven();
      expect(await count()).toEqual({ all: interrupted.items - interrupted.deleted, good: 0 });
    });

    await test.step('nothing waits any more, and the history tells what became of it', async () => {
      await expect(history.banner).toBeHidden();
      await history.open();
      await expect(history.row(1)).toContainText('Undo');
      await expect(history.row(2)).toContainText('Undone');
    });
    expect(next.errors).toEqual([]);
  } finally {
    await next.dispose();
    await server.stop();
  }
});

test('a restore that was cut off goes on from the window, on production after its name is typed', async () => {
  test.setTimeout(240_000);
  const { dataFolder, server, count } = await interruptRestore();
  const next = await launchLifeboat({ dataFolder, installed: true });
  try {
    const { window } = next;
    const history = new RestoreHistory(window);
    const [connection] = await next.request('connections.list');
    if (!connection) throw new Error('The connection is gone.');
    await next.request('connections.update', {
      id: connection.id,
      input: { ...connection, environment: 'production' },
    });
    const [waiting] = await next.request('restore.list');
    const unguarded = await next.rawRequest('restore.continue', { restoreId: waiting?.restoreId, typedName: null });
    expect(unguarded).toMatchObject({ ok: false, error: { code: 'refused' } });
    await history.banner.getByRole('button', { name: 'Continue, undo or leave…' }).click();
    await history.choices.getByRole('button', { name: 'Continue the restore…' }).click();
    const question = window.getByRole('dialog', { name: 'Continue this restore?' });
    const goOn = question.getByRole('button', { name: 'Continue the restore' });
    await expect(goOn).toBeDisabled();
    await question.getByLabel("Type the connection's name").fill('shop-test');
    await goOn.click();
    await new RestorePage(window).isProven();
    expect(await count()).toEqual({ all: interrupted.items, good: interrupted.items });
    await expect(history.banner).toBeHidden();
    expect(next.errors).toEqual([]);
  } finally {
    await next.dispose();
    await server.stop();
  }
});
