import type { Collection } from 'mongodb';
import { isFinished } from '../shared/jobs';
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test, type LifeboatApplication } from './fixtures';
import { PreviewPage } from './pages/preview-page';
import { RestorePage } from './pages/restore-page';
import { recordFrames, type Frames } from './support/frame-recorder';
import { addConnection, backUp } from './support/prepare-backup';

interface LargeOptions {
  /** Documents that differ: a sample, and a million in the project `large`. */
  documents: number;
}

const largeTest = test.extend<LargeOptions>({ documents: [100_000, { option: true }] });
largeTest.use({ start: { installed: true } });

/** Processor time of one task, which other programs on the machine do not add to. */
const longestWorkMs = 120;
/** Those programs do add to gaps between frames: allowed beyond five times what an idle page has on this machine. */
const gap95Ms = 400;
const gapFactor = 5;
const wheelSteps = 60;
const batch = 10_000;

interface Order {
  _id: number;
  status: string;
  total: number;
  note: string;
}

async function fill(collection: Collection<Order>, documents: number): Promise<void> {
  for (let first = 0; first < documents; first += batch) {
    const count = Math.min(batch, documents - first);
    const orders = Array.from({ length: count }, (_, at): Order => {
      const number = first + at;
      return { _id: number, status: 'paid', total: number / 4, note: `Order ${number} of the large shop` };
    });
    await collection.insertMany(orders, { ordered: false });
  }
}

function expectSmooth(frames: Frames, idle: Frames, what: string): void {
  const told = `${what}: ${JSON.stringify(frames)}, idle ${JSON.stringify(idle)}`;
  console.log(told);
  expect(frames.count, told).toBeGreaterThan(20);
  expect(frames.longestWork, told).toBeLessThanOrEqual(longestWorkMs);
  expect(frames.gap95, told).toBeLessThanOrEqual(gap95Ms + gapFactor * idle.gap95);
}

async function isRunning(lifeboat: LifeboatApplication, jobId: string): Promise<boolean> {
  const job = (await lifeboat.request('jobs.list')).find(({ id }) => id === jobId);
  return !isFinished(job?.status ?? 'queued');
}

largeTest(
  'the window scrolls smoothly through a large diff, also while another one is made',
  async ({ lifeboat, window, documents }) => {
    const server = await startTestMongod({ replicaSet: true });
    try {
      const collection = (await server.connect()).db('shop').collection<Order>('orders');
      await fill(collection, documents);
      const connectionId = await addConnection(lifeboat, 'large-shop', server.uri);
      const backupId = await backUp(lifeboat, connectionId, 'shop');
      // Half of them are missing, half of them differ.
      await collection.deleteMany({ _id: { $lt: documents / 2 } });
      await collection.updateMany({}, { $set: { status: 'refunded' } });
      const restore = new RestorePage(window);
      const preview = new PreviewPage(window, 'shop.orders');
      await restore.openFrom(backupId);
      await restore.preview();
      await restore.chooseMode('Pick');
      await preview.expectListed(documents);
      await preview.list.scrollIntoViewIfNeeded();
      await preview.list.hover();

      const turnWheel = async (steps: number, frames = steps) => {
        for (let frame = 0; frame < frames; frame += 1) {
          if (frame < steps) await window.mouse.wheel(0, frame % 10 === 9 ? -600 : 400);
          await window.evaluate(() => new Promise(requestAnimationFrame));
        }
      };

      const idle = await recordFrames(lifeboat, () => turnWheel(0, 60));

      await largeTest.step('the wheel and the scroll bar', async () => {
        const frames = await recordFrames(lifeboat, async () => {
          await turnWheel(wheelSteps);
          for (const part of [0.2, 0.9, 0.5, 0.75, 1, 0.1]) {
            await preview.list.evaluate((list, at) => (list.scrollTop = at * list.scrollHeight), part);
            await turnWheel(4);
          }
        });
        expectSmooth(frames, idle, `Scrolling through ${documents} documents`);
      });

      await largeTest.step('every document can be reached, and looked into', async () => {
        await preview.list.focus();
        await window.keyboard.press('End');
        await expect(preview.row(documents)).toBeInViewport();
        await expect(preview.row(documents)).toContainText('refunded');
        await expect(preview.fields).toContainText('refunded');
        await window.keyboard.press('ArrowUp');
        await expect(preview.row(documents - 1)).toHaveAttribute('aria-selected', 'true');
        await window.keyboard.press('Home');
        await expect(preview.row(1)).toBeInViewport();
        await expect(preview.row(1)).toContainText('only in backup');
      });

      await largeTest.step('ticks of all of them at once', async () => {
        const frames = await recordFrames(lifeboat, async () => {
          await preview.pickAll.check();
          await expect(preview.picked).toContainText('replaced in this collection');
          await preview.list.focus();
          await window.keyboard.press('Space');
          await expect(preview.row(1)).toHaveAttribute('aria-checked', 'false');
          await turnWheel(20);
        });
        expectSmooth(frames, idle, `Ticking ${documents} documents`);
      });

      await largeTest.step('while all documents are compared once more', async () => {
        await preview.list.hover();
        const frames = await recordFrames(lifeboat, async () => {
          const { jobId } = await lifeboat.request('restore.preview', {
            backupId,
            connectionId,
            namespaces: [],
            renames: [],
            mode: 'exact',
            readPreference: 'primary',
            full: true,
            details: 'always',
          });
          do await turnWheel(20);
          while (await isRunning(lifeboat, jobId));
        });
        expectSmooth(frames, idle, `Scrolling while ${documents} documents are compared`);
      });
    } finally {
      await server.stop();
    }
  },
);
