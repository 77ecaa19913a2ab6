import { MongoClient } from 'mongodb';
import { startTestMongod, type TestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';
import { Frame } from './pages/frame';
import { IndexesPage } from './pages/indexes-page';
import { addConnection } from './support/prepare-backup';

test.describe('indexes', () => {
  test.use({ start: { installed: true } });
  let server: TestMongod;
  let client: MongoClient;

  test.beforeAll(async () => {
    server = await startTestMongod();
    client = await new MongoClient(server.uri).connect();
    const orders = client.db('shop').collection('orders');
    await orders.insertMany(
      Array.from({ length: 400 }, (_, number) => ({ number, status: number % 3, expiresAt: new Date() })),
    );
    await orders.createIndexes([
      { key: { status: 1 } },
      { key: { status: 1, number: 1 } },
      { key: { number: 1 }, unique: true },
    ]);
  });

  test.afterAll(async () => {
    await client.close();
    await server.stop();
  });

  async function names(): Promise<unknown[]> {
    return (await client.db('shop').collection('orders').indexes()).map(({ name, hidden }) =>
      hidden ? `${name} hidden` : name,
    );
  }

  test('reviews, hides and drops one that is redundant, and applies a plan', async ({ lifeboat, window }) => {
    const frame = new Frame(window);
    const page = new IndexesPage(window);
    await addConnection(lifeboat, 'story', server.uri);
    await frame.open('Indexes');

    await test.step('shows what could go and what is missing', async () => {
      await expect(page.finding(/status_1 \{ status: 1 \} is the beginning of status_1_number_1/)).toBeVisible();
      await expect(page.finding(/nothing expires by them/)).toBeVisible();
      await expect(page.table.getByText('unique')).toBeVisible();
    });

    await test.step('hides it, and drops it though it was not watched for long', async () => {
      await page.openIndex('status_1');
      await page.change('Hide');
      await expect(page.finding(/status_1 is hidden since/)).toBeVisible();
      expect(await names()).toContain('status_1 hidden');
      await page.openIndex('status_1');
      await expect(page.details).toContainText('Mean read before');
      await page.change('Drop');
      await expect(page.table.getByText('status_1', { exact: true })).toHaveCount(0);
      expect(await names()).toEqual(['_id_', 'status_1_number_1', 'number_1']);
    });

    await test.step('plans the index that is missing, and builds it', async () => {
      await page
        .finding(/nothing expires by them/)
        .getByRole('button', { name: 'Plan it' })
        .click();
      const planned = await window.getByLabel('The plan').inputValue();
      await page.preview(planned.replace('"expireAfterSeconds": 0', '"expireAfterSeconds": 86400'));
      await expect(page.steps.getByRole('row', { name: /Build shop\.orders expiresAt_1/ })).toBeVisible();
      await page.apply('1 change');
      expect(await names()).toContain('expiresAt_1');
      await page.openTab('Review');
      await expect(page.table.getByText('expires after 86,400 s')).toBeVisible();
      await expect(page.finding(/nothing expires by them/)).toHaveCount(0);
    });
  });
});
