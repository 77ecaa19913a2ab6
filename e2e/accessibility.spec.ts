import { expect, test } from './fixtures';
import { inspector } from './support/inspector';
import { tourDemo, tourFirstStart } from './tour/tour';

test.describe('the first start', () => {
  test.use({ start: { installed: true } });

  test('has no serious accessibility fault on any page in either theme', async ({ lifeboat, window }) => {
    await lifeboat.resize(1280, 800);
    const found: string[] = [];
    await tourFirstStart(window, inspector(window, found));
    expect(found).toEqual([]);
  });
});

test('no page and no wizard step has a serious accessibility fault in either theme', async ({ lifeboat, window }) => {
  test.setTimeout(600_000);
  await lifeboat.resize(1280, 800);
  const found: string[] = [];
  await tourDemo(lifeboat, inspector(window, found));
  expect(found).toEqual([]);
});
