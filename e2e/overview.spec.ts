/** All deployments in one look: the numbers on screen are those that the servers tell at that moment, the worst comes first. */
import { freePort, startTestMongod, type TestMongod } from '../electron/test-support/test-mongod';
import { expect, test } from './fixtures';
import { OverviewPage } from './pages/overview-page';

test.use({ start: { installed: true } });

let mongod: TestMongod;
test.beforeAll(async () => {
  mongod = await startTestMongod({ members: 3 });
});
test.afterAll(() => mongod.stop());

test('every deployment is in the overview as its servers are, the worst first', async ({ lifeboat, window }) => {
  const overview = new OverviewPage(window);
  const input = {
    colour: 'gray',
    environment: 'staging',
    readOnly: false,
    username: null,
    secretPlace: 'none',
  } as const;
  // Wide enough for the column of problems.
  await lifeboat.resize(1600, 900);
  await lifeboat.request('settings.update', { healthIntervalSeconds: 1 });
  await lifeboat.request('connections.add', { ...input, name: 'shop', uri: mongod.uri });
  const nowhere = `mongodb://127.0.0.1:${await freePort()}`;
  await lifeboat.request('connections.add', { ...input, name: 'nowhere', uri: nowhere });
  const shop = overview.deployments.filter({ hasText: 'shop' });

  await test.step('one row each, the one that does not answer first and unknown', async () => {
    await expect(overview.deployments).toHaveCount(2);
    await expect(overview.deployments.first()).toContainText('nowhere');
    await expect(shop).toContainText('Healthy');
    await expect(overview.deployments.first()).toContainText(/Unknown|Critical/);
    await expect(overview.deployments.first()).toContainText('127.0.0.1');
  });

  await test.step('the numbers are those of the servers', async () => {
    const client = await mongod.connect();
    const status = await client.db('admin').command({ replSetGetStatus: 1 });
    const members = status['members'] as { name: string; stateStr: string }[];
    const primary = members.find(({ stateStr }) => stateStr === 'PRIMARY')?.name ?? '';
    await expect(shop).toContainText(primary);
    await expect(shop).toContainText(`${members.length} of ${members.length}`);
    const shown = await lifeboat.request('health.deployments');
    const sample = shown.find(({ sample: taken }) => taken?.sets[0]?.primary === primary)?.sample;
    const connections = Math.max(...(sample?.sets[0]?.members ?? []).map(({ metrics }) => metrics.connections ?? 0));
    const server = await client.db('admin').command({ serverStatus: 1 });
    const current = (server['connections'] as { current: number }).current;
    expect(Math.abs(connections - current)).toBeLessThan(current);
    await expect(shop).toContainText(/\d+ ms|0\.\d s/);
  });

  await test.step('a killed member is seen at once, and over when it is back', async () => {
    const member = mongod.members[2];
    await member?.kill();
    await expect(shop).toContainText('2 of 3');
    await expect(shop).toContainText(/Warning|Critical/);
    await expect(shop).toContainText(member?.host ?? '');
    await member?.restart();
    await expect(shop).toContainText('3 of 3');
    await expect(shop).toContainText('Healthy');
  });

  await test.step('it is sorted as one likes', async () => {
    const header = window.getByRole('table', { name: 'Deployments' }).getByRole('button', { name: 'Deployment' });
    await header.click();
    await expect(overview.deployments.first()).toContainText('nowhere');
    await header.click();
    await expect(overview.deployments.first()).toContainText('shop');
  });

  await test.step('a connection that is removed is gone', async () => {
    const gone = (await lifeboat.request('connections.list')).find(({ name }) => name === 'nowhere');
    await lifeboat.request('connections.remove', { id: gone?.id ?? '' });
    await expect(overview.deployments).toHaveCount(1);
  });
});
