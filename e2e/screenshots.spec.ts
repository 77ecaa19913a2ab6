import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { requireTestTools, testMongodPath } from '../electron/test-support/runtime';
import { temporaryFolder } from '../electron/test-support/temporary-folder';
import { expect, launchLifeboat, repository, test, type LifeboatApplication } from './fixtures';
import { interruptRestore } from './support/interrupted-restore';
import { tourDemo, tourFirstStart } from './tour/tour';
import type { Visit } from './tour/visit';
import { tourInterrupted } from './tour/restores';

const folder = join(repository, 'docs', 'screenshots');
const small = { width: 1280, height: 800 };
const large = { width: 1920, height: 1080 };

mkdirSync(folder, { recursive: true });

/** The programs under a path that says nothing of the computer the pictures are made on. */
function linkTools(): Record<string, string> {
  const links = temporaryFolder('tools');
  const { mongodump, mongorestore } = requireTestTools();
  const linked = (program: string): string => {
    const path = join(links, basename(program));
    symlinkSync(program, path);
    return path;
  };
  return {
    LIFEBOAT_MONGOD: linked(testMongodPath()),
    LIFEBOAT_MONGODUMP: linked(mongodump),
    LIFEBOAT_MONGORESTORE: linked(mongorestore),
  };
}

/** Takes the page in both themes and sizes. The theme is the system's, so that nothing on the page is touched. */
function photographer(lifeboat: LifeboatApplication): Visit {
  const { window } = lifeboat;
  return async (name, { at, isDetail } = {}) => {
    for (const { width, height } of isDetail ? [small] : [small, large]) {
      await lifeboat.resize(width, height);
      await window.evaluate(() => document.querySelector('main')?.scrollTo(0, 0));
      await at?.evaluate((element) => element.scrollIntoView({ block: 'end' }));
      // Nothing is pointed at.
      await window.mouse.move(0, 0);
      for (const theme of ['dark', 'light'] as const) {
        await window.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await expect(window.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
        await window.screenshot({
          path: join(folder, `${name}-${theme}-${width}x${height}.png`),
          animations: 'disabled',
          caret: 'hide',
        });
      }
    }
    await lifeboat.resize(small.width, small.height);
  };
}

test.describe('the first start', () => {
  test.use({ start: { installed: true } });

  test('is photographed', async ({ lifeboat, window }) => {
    await tourFirstStart(window, photographer(lifeboat));
  });
});

test('an interrupted restore is photographed', async () => {
  const env = linkTools();
  const { dataFolder, server } = await interruptRestore({ env });
  const lifeboat = await launchLifeboat({ dataFolder, installed: true, env });
  try {
    await tourInterrupted(lifeboat.window, photographer(lifeboat));
  } finally {
    await lifeboat.dispose();
    await server.stop();
  }
});

test.describe('with the demo', () => {
  test.use({ start: { env: linkTools() } });

  test('every page and wizard step is photographed', async ({ lifeboat }) => {
    await tourDemo(lifeboat, photographer(lifeboat));
  });
});
