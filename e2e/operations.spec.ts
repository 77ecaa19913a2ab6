import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { MongoClient } from 'mongodb';
import { formatOutage } from '../shared/failover-timeline';
import type { OperationOutcome } from '../shared/operations';
import { expect, test, type LifeboatApplication } from './fixtures';
import { Frame } from './pages/frame';
import { OperationsPage } from './pages/operations-page';
import { OverviewPage } from './pages/overview-page';

const priorityPath = /^≠ ?members\[\d\]\.priority$/;

/** What the servers say themselves. */
class ReplicaSet {
  constructor(private readonly client: MongoClient) {}

  async primary(): Promise<string> {
    const { members } = await this.client.db('admin').command({ replSetGetStatus: 1 });
    const found = (members as { name: string; stateStr: string }[]).filter(({ stateStr }) => stateStr === 'PRIMARY');
    expect(found).toHaveLength(1);
    return found[0]?.name ?? '';
  }

  /** Somebody else makes a new version of the configuration in which nothing is different. */
  async overtake(): Promise<void> {
    const config = await this.configuration();
    await this.client.db('admin').command({ replSetReconfig: { ...config, version: config.version + 1 } });
  }

  async configuration(): Promise<{ version: number; members: { host: string; priority: number }[] }> {
    const { config } = await this.client.db('admin').command({ replSetGetConfig: 1 });
    return config as { version: number; members: { host: string; priority: number }[] };
  }
}

async function newest(lifeboat: LifeboatApplication): Promise<OperationOutcome> {
  const [outcome] = await lifeboat.request('operations.list');
  if (!outcome) throw new Error('No operation is listed.');
  return outcome;
}

async function connect(uri: string): Promise<MongoClient> {
  return new MongoClient(uri, { readPreference: 'primaryPreferred' }).connect();
}

test('operations on the demo set: measured, guarded, previewed and kept', async ({ lifeboat, window }) => {
  const frame = new Frame(window);
  const page = new OperationsPage(window);
  await new OverviewPage(window).demoIsUp();
  const [demo] = (await lifeboat.request('connections.list')).filter(({ sandboxId }) => sandboxId !== null);
  const uri = demo?.uri ?? '';
  const client = await connect(uri);
  const set = new ReplicaSet(client);
  try {
    await test.step('a failover test measures what the servers confirm', async () => {
      const before = await set.primary();
      await frame.open('Replica set');
      const dialog = await page.ask('Failover test…', 'Failover test');
      await page.isPreviewed(dialog);
      await expect(dialog.getByRole('table', { name: 'Electable secondaries' }).getByRole('row')).toHaveCount(3);
      await page.run(dialog, 'Run the failover test');
      const after = await set.primary();
      const outcome = await newest(lifeboat);
      const { failover } = outcome;
      if (!failover) throw new Error('The failover test measured nothing.');
      expect(failover).toMatchObject({ formerPrimary: before, newPrimary: after, writesLost: 0, passed: true });
      expect(after).not.toBe(before);
      expect(failover.writeOutageMs).toBeGreaterThan(0);
      expect(failover.writeOutageMs).toBeLessThan(failover.limitMs);
      expect(failover.electionMs).toBeGreaterThan(0);
      expect(failover.allHealthyMs ?? 0).toBeGreaterThanOrEqual(failover.electionMs ?? Infinity);
      expect(failover.writesAcknowledged).toBeGreaterThan(10);
      expect(failover.withRetries.writesFailed).toBe(0);
      await expect(dialog.getByRole('note').filter({ hasText: 'Passed' })).toContainText(
        `Writes were away for ${formatOutage(failover.writeOutageMs)}, reads for`,
      );
      await expect(dialog.getByRole('list', { name: 'Measured times' })).toContainText(
        `${formatOutage(failover.electionMs ?? 0)}until the new primary`,
      );
      await expect(dialog.getByRole('figure', { name: /^Course of the test\. Primary: elected after/ })).toBeVisible();
      await expect(dialog).toContainText(`Primary after the step-down${after}`);

      const report = join(lifeboat.dataFolder, 'failover.md');
      await lifeboat.answerSaveDialogs(report);
      await dialog.getByRole('button', { name: 'Export the report' }).click();
      await window.getByRole('menuitem', { name: /^Markdown/ }).click();
      await expect(dialog.getByText(report)).toBeVisible();
      expect(readFileSync(report, 'utf8')).toContain(
        `- Longest time without a write: ${formatOutage(failover.writeOutageMs)}`,
      );
      await page.close(dialog);
    });

    await test.step('a read-only connection shows what would happen and refuses it', async () => {
      const readOnly = await addConnection(lifeboat, { name: 'looking', readOnly: true, uri });
      await frame.switchTo('looking');
      const dialog = await page.ask('Failover test…', 'Failover test');
      await page.isPreviewed(dialog);
      await expect(dialog.getByRole('note').filter({ hasText: 'looking is read-only' })).toBeVisible();
      await expect(dialog.getByRole('button', { name: 'Run the failover test' })).toBeDisabled();
      const { request, pin } = await lifeboat.request('operations.preview', {
        connectionId: readOnly,
        set: null,
        operation: { kind: 'failover-test' },
      });
      const answer = await lifeboat.rawRequest('operations.start', { ...request, pin, typedName: null });
      expect(answer).toMatchObject({ ok: false, error: { code: 'refused' } });
      await dialog.getByRole('button', { name: 'Cancel' }).click();
    });

    await test.step('production asks for its name before its primary steps down', async () => {
      await addConnection(lifeboat, { name: 'shop-prod', environment: 'production', uri });
      await frame.switchTo('shop-prod');
      const before = await set.primary();
      const dialog = await page.ask('Step down…', 'Step down the primary');
      await dialog.getByLabel('Stays away for (s)').fill('20');
      await page.preview(dialog);
      const start = dialog.getByRole('button', { name: 'Step down', exact: true });
      await expect(start).toBeDisabled();
      await dialog.getByLabel("Type the connection's name").fill('shop-pro');
      await expect(start).toBeDisabled();
      await dialog.getByLabel("Type the connection's name").fill('shop-prod');
      await page.run(dialog, 'Step down');
      await expect.poll(() => set.primary()).not.toBe(before);
      expect(await newest(lifeboat)).toMatchObject({
        kind: 'step-down',
        status: 'succeeded',
        connectionName: 'shop-prod',
      });
      await page.close(dialog);
    });

    await test.step('a priority is changed by its diff, and back', async () => {
      await frame.switchTo('Demo shop');
      const primary = await set.primary();
      const { members, version } = await set.configuration();
      const member = members.find(({ host, priority }) => host !== primary && priority === 1);
      const host = member?.host ?? '';
      for (const [from, to] of [
        ['1', '0.5'],
        ['0.5', '1'],
      ] as const) {
        const dialog = await page.ask('Reconfigure…', 'Reconfigure the replica set');
        await expect(dialog.getByText('Nothing is different from version')).toBeVisible();
        await dialog.getByLabel(`Priority of ${host}`).fill(to);
        const live = dialog.getByRole('table', { name: 'What would be different' }).getByRole('row').nth(1);
        await expect(live.getByRole('cell')).toHaveText([priorityPath, from, to]);
        await page.preview(dialog);
        const previewed = dialog.getByRole('table', { name: 'Changes of the configuration' });
        await expect(previewed.getByRole('row').filter({ hasText: '.priority' }).getByRole('cell')).toHaveText([
          priorityPath,
          from,
          to,
        ]);
        if (to === '0.5') await overtakes(set, dialog);
        await page.run(dialog, 'Reconfigure');
        await page.close(dialog);
        const now = await set.configuration();
        expect(now.members.find((one) => one.host === host)?.priority).toBe(Number(to));
      }
      expect((await set.configuration()).version).toBeGreaterThanOrEqual(version + 2);
    });

    await test.step('a secondary is frozen and let go', async () => {
      const primary = await set.primary();
      const { members } = await set.configuration();
      const host = members.find((member) => member.host !== primary)?.host ?? '';
      const dialog = await page.ask('Freeze or unfreeze…', 'Freeze a member');
      await page.chooseMember(dialog, 'Secondary', host);
      await page.preview(dialog);
      await expect(dialog.getByText(/rs\.freeze\(120\)/)).toBeVisible();
      await page.run(dialog, 'Freeze');
      await page.close(dialog);
      const again = await page.ask('Freeze or unfreeze…', 'Freeze a member');
      await page.chooseMember(again, 'Secondary', host);
      await again.getByText('Unfreeze it').click();
      await page.preview(again);
      await page.run(again, 'Unfreeze');
      await page.close(again);
    });

    await test.step('what was done is listed with who did it', async () => {
      await window.evaluate(() => (location.hash = '#/replica-set/operations'));
      await expect(page.history.getByRole('row')).toHaveCount(7);
      await expect(page.history.getByRole('row', { name: /Failover test.*Passed/ })).toHaveCount(1);
      await page.history.getByRole('link', { name: /^Failover test/ }).click();
      await expect(window.getByRole('figure', { name: /^Course of the test/ })).toBeVisible();
      await expect(window.getByRole('region', { name: 'This operation' })).toContainText('from the window');
    });
  } finally {
    await client.close();
  }
});

/** A preview that is no longer true is refused, says what changed, and can be made again. */
async function overtakes(set: ReplicaSet, dialog: Locator): Promise<void> {
  await set.overtake();
  await dialog.getByRole('button', { name: 'Reconfigure', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('changed since the preview');
  await expect(dialog.getByRole('button', { name: 'Reconfigure', exact: true })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Preview again' }).click();
  await expect(dialog.getByRole('note').filter({ hasText: 'What changed since' })).toContainText(
    /The configuration is version \d+ now, not \d+\./,
  );
  await expect(dialog.getByRole('alert')).toBeHidden();
}

interface NewConnection {
  name: string;
  uri: string;
  readOnly?: boolean;
  environment?: 'production' | 'development';
}

async function addConnection(lifeboat: LifeboatApplication, values: NewConnection): Promise<string> {
  const { name, uri, readOnly = false, environment = 'development' } = values;
  const { id } = await lifeboat.request('connections.add', {
    name,
    colour: 'blue',
    environment,
    readOnly,
    uri,
    username: null,
    secretPlace: 'none',
  });
  return id;
}
