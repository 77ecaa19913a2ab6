import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { MongoClient, type Document } from 'mongodb';
import { expect, test, type LifeboatApplication } from './fixtures';
import { OverviewPage } from './pages/overview-page';
import { ReplicaSetPage, secondsOf } from './pages/replica-set-page';
import { hasEnded, processesUsing } from './support/processes';

/** The demo's set as the test itself sees it: a client of its own to each member. */
class OwnView {
  private constructor(private readonly clients: ReadonlyMap<string, MongoClient>) {}

  static async open(uri: string): Promise<OwnView> {
    const host = /^mongodb:\/\/(?:[^@/]*@)?([^,/]+)/.exec(uri)?.[1] ?? '';
    const first = await new MongoClient(`mongodb://${host}/?directConnection=true`).connect();
    const { members } = await first.db('admin').command({ replSetGetStatus: 1 });
    await first.close();
    const names = (members as Document[]).map(({ name }) => String(name));
    const clients = names.map((host): [string, MongoClient] => [
      host,
      new MongoClient(`mongodb://${host}/?directConnection=true`, { maxPoolSize: 1, serverSelectionTimeoutMS: 5000 }),
    ]);
    return new OwnView(new Map(clients));
  }

  get hosts(): string[] {
    return [...this.clients.keys()];
  }

  client(host: string): MongoClient {
    const client = this.clients.get(host);
    if (!client) throw new Error(`No member ${host}`);
    return client;
  }

  async command(host: string, command: Document): Promise<Document> {
    return this.client(host).db('admin').command(command);
  }

  /** State names by host, as one member says. */
  async states(by: string): Promise<Map<string, string>> {
    const { members } = await this.command(by, { replSetGetStatus: 1 });
    return new Map((members as Document[]).map(({ name, stateStr }) => [String(name), String(stateStr)]));
  }

  async connections(host: string): Promise<number> {
    const { connections } = await this.command(host, { serverStatus: 1 });
    return Number((connections as Document)['current']);
  }

  /** Seconds between the first and the last entry. */
  async oplogWindow(host: string): Promise<number> {
    const oplog = this.client(host).db('local').collection('oplog.rs');
    const end = async (direction: 1 | -1): Promise<number> => {
      const entry = await oplog.find().sort({ $natural: direction }).limit(1).project({ ts: 1 }).next();
      return (entry?.['ts'] as { t: number }).t;
    };
    return (await end(-1)) - (await end(1));
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.close()));
  }
}

/** The mongod of a member of the demo, with what it was started with. */
function mongodOf(lifeboat: LifeboatApplication, host: string): { pid: number; program: string; args: string[] } {
  const port = host.slice(host.lastIndexOf(':') + 1);
  for (const pid of processesUsing(lifeboat.dataFolder).keys()) {
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    if (args.includes(port) && program.endsWith('mongod')) return { pid, program, args };
  }
  throw new Error(`No mongod of ${host}`);
}

test('shows the numbers that the members tell, lag as it grows, and a member that is gone and comes back', async ({
  lifeboat,
  window,
}) => {
  const overview = new OverviewPage(window);
  const page = new ReplicaSetPage(window);
  await overview.demoIsUp();
  await overview.pauseWorkload();
  const [demo] = await lifeboat.request('connections.list');
  const own = await OwnView.open(demo?.uri ?? '');
  const told = await own.states(own.hosts[0] ?? '');
  const primary = own.hosts.find((host) => told.get(host) === 'PRIMARY') ?? '';
  const [lagging = '', killed = ''] = own.hosts.filter((host) => told.get(host) === 'SECONDARY');
  let restarted: number | null = null;
  try {
    await page.open();

    await test.step('compares states, primary, connections and oplog with what the test reads itself', async () => {
      await expect(page.picture.getByRole('link')).toHaveCount(3);
      await expect(page.sentence).toContainText('Healthy');
      for (const host of own.hosts) await expect(page.card(host)).toContainText(told.get(host) ?? '?');
      await expect(page.picture.getByRole('link', { name: 'PRIMARY' })).toContainText(primary);
      await page.openTab('Numbers');
      await lifeboat.request('settings.update', { healthIntervalSeconds: 1 });
      await expect(async () => {
        const shown = await page.shownMembers();
        for (const host of own.hosts) {
          expect(shown.get(host)?.cells['State']).toBe(told.get(host));
          expect(shown.get(host)?.cells['Connections']).toBe(String(await own.connections(host)));
          const { syncSourceHost } = await own.command(host, { replSetGetStatus: 1 });
          expect(shown.get(host)?.cells['Syncs from']).toBe(syncSourceHost === '' ? '–' : syncSourceHost);
          expect(Date.now() - (shown.get(host)?.sampledAt.getTime() ?? 0)).toBeLessThan(5000);
        }
      }).toPass({ timeout: 20_000 });
      // The oplog is asked every half a minute, and minutes are shown of hours.
      const window = await own.oplogWindow(primary);
      expect(Math.abs(secondsOf(await page.told('oplog window')) - window)).toBeLessThan(95);
      expect(secondsOf(await page.told('majority commits'))).toBeLessThan(5);
      expect(secondsOf(await page.told('lag'))).toBeLessThan(5);
    });

    await test.step('tells how long a write has been waiting that a member lacks', async () => {
      await own.command(lagging, { fsync: 1, lock: true });
      try {
        const since = Date.now();
        await own
          .client(primary)
          .db('shop')
          .collection('lag')
          .insertOne({ at: new Date(since) }, { writeConcern: { w: 1 } });
        await expect(async () => {
          const shown = (await page.shownMembers()).get(lagging);
          const lag = secondsOf(shown?.cells['Lag'] ?? '');
          expect(lag).toBeGreaterThan(3);
          expect(Math.abs(lag - ((shown?.sampledAt.getTime() ?? 0) - since) / 1000)).toBeLessThan(1.5);
        }).toPass({ timeout: 20_000 });
        const { members } = await own.command(primary, { replSetGetStatus: 1 });
        const optime = (host: string): number =>
          ((members as Document[]).find(({ name }) => name === host)?.['optimeDate'] as Date).getTime();
        expect(optime(lagging)).toBeLessThan(optime(primary));
        expect(secondsOf(await page.told('lag'))).toBeGreaterThan(3);
      } finally {
        await own.command(lagging, { fsyncUnlock: 1 });
      }
      await expect(async () => expect(secondsOf(await page.told('lag'))).toBeLessThan(1)).toPass({ timeout: 15_000 });
    });

    await test.step('says since when a killed member is unknown, and that it came back', async () => {
      const mongod = mongodOf(lifeboat, killed);
      process.kill(mongod.pid, 'SIGKILL');
      await hasEnded(mongod.pid);
      await expect(page.card(killed)).toContainText('Does not answer');
      await expect(page.card(killed)).toContainText('unknown since');
      await expect(page.sentence).not.toContainText('Healthy');
      const shown = (await page.shownMembers()).get(killed);
      expect([shown?.cells['Connections'], shown?.cells['Lag']]).toEqual(['unknown', 'unknown']);
      expect((await own.states(primary)).get(killed)).not.toBe('SECONDARY');
      const again = spawn(mongod.program, mongod.args, { stdio: 'ignore' });
      restarted = again.pid ?? null;
      await expect(page.card(killed)).toContainText('SECONDARY', { timeout: 20_000 });
      expect((await own.states(primary)).get(killed)).toBe('SECONDARY');
      await page.openTab('Events');
      await expect(page.events).toContainText(`${killed} stopped answering`);
      await expect(page.events).toContainText(`${killed} answers again`);
    });

    await test.step('has a page for a member and one for the configuration', async () => {
      await page.openMember(lagging);
      await expect(page.sentence).toContainText('SECONDARY');
      await expect(window.getByRole('region', { name: 'Numbers', exact: true })).toContainText('Connections');
      await window.keyboard.press('Escape');
      await page.openConfiguration();
      const { config } = await own.command(primary, { replSetGetConfig: 1 });
      await expect(page.sentence).toContainText(`version ${String((config as Document)['version'])}`);
      await expect(window.getByRole('table', { name: 'Settings' })).toContainText('electionTimeoutMillis');
      await window.getByText('Text', { exact: true }).click();
      await expect(window.getByRole('region', { name: 'Configuration as text' })).toContainText(`"${killed}"`);
    });
  } finally {
    await own.close();
    if (restarted !== null) {
      process.kill(restarted, 'SIGKILL');
      await hasEnded(restarted);
    }
  }
});
