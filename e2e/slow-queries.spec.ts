import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestMongod, type TestMongod } from '../electron/test-support/test-mongod';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import type { ProfileReport } from '../shared/profiler';
import { expect, launchLifeboat, test } from './fixtures';
import { Frame } from './pages/frame';
import { SlowQueriesPage } from './pages/slow-queries-page';
import { plantData, planted, profilerOf, runWorkload, setProfiler } from './slow-workload';
import { addConnection } from './support/prepare-backup';

/** The long version profiles for the minute of the story; the short one stops when the workload has run. */
const isLong = Number(process.env['LIFEBOAT_TEST_RUNS'] ?? '0') >= 1000;
const minutes = isLong ? 1 : 5;
const rounds = isLong ? 200 : 20;
const former = { was: 0, slowms: 173, sampleRate: 0.5, filter: undefined };

test.describe('slow queries', () => {
  test.use({ start: { installed: true } });
  let server: TestMongod;

  test.beforeAll(async () => {
    server = await startTestMongod();
    await plantData(server.uri);
    await setProfiler(server.uri, former.was, former.slowms, former.sampleRate);
  });

  test.afterAll(async () => {
    await server.stop();
  });

  test('finds three planted problems, proves two indexes in a sandbox, reports, and leaves the profiler as it was', async ({
    lifeboat,
    window,
  }) => {
    const frame = new Frame(window);
    const page = new SlowQueriesPage(window);
    await addConnection(lifeboat, 'story', server.uri);
    await frame.open('Slow queries');

    await test.step('profiles for a time', async () => {
      await page.profile({ databases: [planted.database], minutes, slowms: 0 });
      expect(await profilerOf(server.uri)).toMatchObject({ was: 1, slowms: 0 });
      await runWorkload(server.uri, rounds);
      if (isLong) await page.isGathered();
      else await page.stopGathering();
      await expect(page.profiler).toContainText('Profiler off');
      expect(await profilerOf(server.uri)).toEqual(former);
    });

    await test.step('groups by shape: each problem is a row with its plan', async () => {
      for (const text of [planted.missingIndex, planted.memorySort, planted.regex]) {
        await expect(page.shape(text)).toHaveCount(1);
        await expect(page.shape(text).getByRole('cell').nth(1)).toHaveText(String(rounds));
      }
      await expect(page.shape(planted.missingIndex)).toContainText('COLLSCAN');
      await expect(page.shape(planted.memorySort)).toContainText('SORT');
      await page.openTab('COLLSCAN');
      const mayHelp = window.getByRole('table', { name: 'COLLSCANs an index may help' });
      await expect(mayHelp.getByRole('row').filter({ hasText: planted.missingIndex })).toHaveCount(1);
      await expect(mayHelp.getByRole('row').filter({ hasText: planted.regex })).toHaveCount(1);
      await page.openTab('Shapes');
    });

    await test.step('what is selected in the timeline filters the shapes', async () => {
      const all = await page.shapes.getAttribute('aria-rowcount');
      await page.select([0.2, 0.05], [0.95, 0.3]);
      await expect(page.timeline.getByRole('status')).toContainText('Selected');
      await expect(page.shapes).not.toHaveAttribute('aria-rowcount', all ?? '');
      await window.getByRole('button', { name: 'Clear the selection' }).click();
      await expect(page.shapes).toHaveAttribute('aria-rowcount', all ?? '');
    });

    await test.step('the missing index is explained, suggested and proven', async () => {
      await page.openShape(planted.missingIndex);
      await page.explain();
      await expect(page.plan).toContainText('reads the whole collection');
      await page.suggestIndex();
      await expect(page.advice.getByRole('article').first()).toContainText('kind: 1, amount: 1');
      const { before, after } = await page.tryFirst();
      expect(before[0]).toBe('20,000');
      expect(Number(after[0]?.replace(/,/g, ''))).toBeLessThan(100);
      await page.back();
      await page.openShape(planted.missingIndex);
      await expect(page.keptTries).toContainText('the index helps, 20,000 →');
      await page.back();
    });

    await test.step('so is the sort in memory', async () => {
      await page.openShape(planted.memorySort);
      await page.explain();
      await expect(page.plan).toContainText('sorts in memory');
      await page.suggestIndex();
      await expect(page.advice.getByRole('article').first()).toContainText('customer: 1, at: -1');
      const { before, after } = await page.tryFirst();
      expect([before[0], after[0]]).toEqual(['1,000', '20']);
      expect([before[4], after[4]]).toEqual(['yes', 'no']);
      await page.back();
    });

    await test.step('the regular expression is told to be beyond help of an index', async () => {
      await page.openShape(planted.regex);
      await page.suggestIndex();
      await expect(page.advice.getByRole('note').first()).toBeVisible();
      await expect(page.advice).toContainText('does not begin at the start of the text');
      await page.back();
    });

    await test.step('the report holds the three problems, without their values', async () => {
      const path = join(temporaryFolder('report'), 'slow.json');
      await lifeboat.answerSaveDialogs(path);
      await page.exportReport('JSON');
      const text = readFileSync(path, 'utf8');
      const report = JSON.parse(text) as ProfileReport;
      const shapes = report.shapes.map(({ shape }) => shape);
      for (const wanted of [planted.missingIndex, planted.regex])
        expect(shapes.some((shape) => shape.includes(wanted))).toBe(true);
      expect(report.obfuscated).toBe(true);
      expect(text).not.toContain('needle in the story');
    });
  });

  test('after kill -9 in the middle of a profile, the next start puts the profiler back', async () => {
    const dataFolder = temporaryFolder('data');
    const killed = await launchLifeboat({ dataFolder, installed: true });
    await addConnection(killed, 'story', server.uri);
    await new Frame(killed.window).open('Slow queries');
    await new SlowQueriesPage(killed.window).profile({ databases: [planted.database], minutes: 30, slowms: 5 });
    expect(await profilerOf(server.uri)).toMatchObject({ was: 1, slowms: 5 });
    await killed.kill();
    expect(await profilerOf(server.uri)).toMatchObject({ was: 1, slowms: 5 });

    const next = await launchLifeboat({ dataFolder, installed: true });
    try {
      await expect.poll(() => profilerOf(server.uri), { timeout: 20_000 }).toEqual(former);
      await new Frame(next.window).open('Slow queries');
      await expect(new SlowQueriesPage(next.window).profiler).toContainText('Profiler off');
      expect(next.errors).toEqual([]);
    } finally {
      await next.dispose();
    }
  });
});
