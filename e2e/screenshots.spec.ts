import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, launchLifeboat, repository, test, type LifeboatApplication } from './fixtures';
import { tourDemo, tourFirstStart, type Visit } from './tour';

const folder = join(repository, 'docs', 'screenshots');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const themes = ['dark', 'light'] as const;

mkdirSync(folder, { recursive: true });

/** Takes the page in both themes and sizes. The theme is the system's, so that nothing on the page is touched. */
function photographer({
  window,
  resize,
}: {
  window: LifeboatApplication['window'];
  resize: LifeboatApplication['resize'];
}): Visit {
  return async (name) => {
    for (const { width, height } of sizes) {
      await resize(width, height);
      for (const theme of themes) {
        await window.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await expect(window.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
        await window.screenshot({
          path: join(folder, `${name}-${theme}-${width}x${height}.png`),
          animations: 'disabled',
          caret: 'hide',
        });
      }
    }
  };
}

test('takes pictures of the first start', async () => {
  const lifeboat = await launchLifeboat({ installed: true });
  try {
    await tourFirstStart(
      lifeboat.window,
      photographer({ window: lifeboat.window, resize: lifeboat.resize.bind(lifeboat) }),
    );
    expect(lifeboat.errors).toEqual([]);
  } finally {
    await lifeboat.dispose();
  }
});

test('takes pictures of every page and wizard step', async () => {
  const lifeboat = await launchLifeboat();
  try {
    await tourDemo(lifeboat, photographer({ window: lifeboat.window, resize: lifeboat.resize.bind(lifeboat) }));
    expect(lifeboat.errors).toEqual([]);
  } finally {
    await lifeboat.dispose();
  }
});
