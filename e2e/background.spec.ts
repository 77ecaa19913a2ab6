/** What goes on without the window: nothing by default; the watch of every deployment where the user wants that. */
import { startTestMongod } from '../electron/test-support/test-mongod';
import { expect, test, type LifeboatApplication } from './fixtures';
import { hasEnded } from './support/processes';

test.use({ start: { installed: true } });

async function closeWindow({ electron }: LifeboatApplication): Promise<void> {
  await electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
}

test('closing the window ends Lifeboat', async ({ lifeboat }) => {
  const { processId } = lifeboat;
  await closeWindow(lifeboat);
  await hasEnded(processId);
});

test('in the background it goes on watching, and comes back when it is started again', async ({ lifeboat }) => {
  const mongod = await startTestMongod();
  try {
    await lifeboat.request('settings.update', { watchInBackground: true, healthIntervalSeconds: 1 });
    const { id } = await lifeboat.request('connections.add', {
      name: 'alone',
      colour: 'gray',
      environment: 'development',
      readOnly: false,
      uri: mongod.uri,
      username: null,
      secretPlace: 'none',
    });
    await expect
      .poll(async () => (await lifeboat.request('health.deployment', { connectionId: id })).verdict)
      .toBe('healthy');
    const closed = lifeboat.window.waitForEvent('close');
    await closeWindow(lifeboat);
    await closed;
    const closedAt = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 3500));

    const opened = lifeboat.electron.waitForEvent('window');
    // What a second start tells the first one.
    await lifeboat.electron.evaluate(({ app }) => app.emit('second-instance'));
    const window = await opened;
    await window.waitForLoadState('domcontentloaded');
    await expect(window.getByRole('table', { name: 'Deployments' })).toContainText('Healthy');
    const sampled = await window.evaluate(
      ([connectionId, from]) =>
        (
          globalThis as unknown as {
            lifeboat: { request: (name: string, input: unknown) => Promise<{ value: { series: { at: number[] }[] } }> };
          }
        ).lifeboat.request('health.series', {
          deployment: connectionId,
          hosts: null,
          metrics: ['connections'],
          from,
          to: from + 60_000,
          points: 1000,
        }),
      [id, closedAt] as const,
    );
    expect(sampled.value.series[0]?.at.length).toBeGreaterThan(1);
  } finally {
    await mongod.stop();
  }
});
