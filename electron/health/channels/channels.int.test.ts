/** Channels as processes of their own use them: secrets on disk, a kill in the middle, a real set that loses a member. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelEntry } from '../../../shared/channels';
import { bundleWorker } from '../../test-support/bundle-worker';
import { startChild } from '../../test-support/child-process';
import { runCommandLine, type CommandLineResult } from '../../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { defaultRules } from '../alerts/default-rules';
import { startHttpReceiver, type HttpReceiver } from './test-support/http-receiver';
import { incidentOf, inputOf, noticeOf } from './test-support/notices';
import { eventsOf, filesWith, openTestChannels, until } from './test-support/test-channels';

const secrets = {
  token: 'T0000-very-secret-token',
  signing: 'sign-with-this-secret',
  routing: 'R0123456789ABCDEF0123456789ABCDE',
  password: 'Lanyard+7/42:secret',
};
const down = incidentOf('down');
let folder: string;
let receiver: HttpReceiver;

beforeEach(async () => {
  folder = temporaryFolder('channels');
  receiver = await startHttpReceiver();
});
afterEach(async () => {
  await receiver.close();
  removeTemporaryFolder(folder);
});

describe('channels of a process', () => {
  it('keep secrets out of every file, log, audit and answer, also where a service repeats them', async () => {
    const channels = openTestChannels(folder);
    const url = `${receiver.url}/services/${secrets.token}`;
    const common = { secretPlace: 'passphrase' as const };
    const inputs = [
      inputOf(
        { kind: 'webhook', caFile: null },
        { name: 'hook', secrets: { url, signingSecret: secrets.signing }, ...common },
      ),
      inputOf({ kind: 'slack', caFile: null }, { name: 'slack', secrets: { url }, ...common }),
      inputOf(
        { kind: 'pagerduty', endpoint: `${receiver.url}/v2/enqueue`, caFile: null },
        { name: 'pager', secrets: { routingKey: secrets.routing }, ...common },
      ),
      inputOf(
        {
          kind: 'email',
          host: '127.0.0.1',
          port: 9,
          security: 'none',
          username: 'lifeboat',
          from: 'a@example.com',
          to: ['b@example.com'],
          caFile: null,
        },
        { name: 'mail', secrets: { password: secrets.password }, ...common },
      ),
    ];
    const added = [];
    for (const input of inputs) added.push(await channels.add(input));
    expect(added.map(({ destination }) => destination)).toEqual([
      `http://127.0.0.1:${receiver.port}/…`,
      `http://127.0.0.1:${receiver.port}/…`,
      `127.0.0.1:${receiver.port}`,
      'b@example.com through 127.0.0.1:9',
    ]);
    const named = added.map(({ secretsSet }) => secretsSet);
    expect(named).toEqual([['url', 'signingSecret'], ['url'], ['routingKey'], ['password']]);
    receiver.always({ status: 400, echo: true });
    const tests = await Promise.all(added.map(({ id }) => channels.test(id)));
    expect(tests.every(({ error }) => error !== null)).toBe(true);
    await channels.start();
    await channels.tell(noticeOf('fired', down));
    await until(async () => (await channels.deliveries()).dead.length === 3, 'three are given up');
    await until(async () => (await channels.deliveries()).waiting[0]?.tries !== 0, 'the mail was tried');
    await channels.setEnabled(added[1]?.id ?? '', false);
    await channels.remove(added[2]?.id ?? '');
    const answers = JSON.stringify([added, tests, await channels.list(), await channels.deliveries()]);
    await channels.close();
    for (const secret of Object.values(secrets)) {
      expect(answers).not.toContain(secret);
      expect(filesWith(folder, secret)).toEqual([]);
    }
    // The look-out sees what is there.
    expect(filesWith(folder, 'channel.add')).toEqual(['audit.jsonl']);
    expect(filesWith(folder, 'A message was not delivered')).toEqual([join('logs', 'test.log')]);
  });

  it('send again what a killed one was sending, under the same id', async () => {
    const first = openTestChannels(folder);
    await first.add(
      inputOf(
        { kind: 'webhook', caFile: null },
        { secrets: { url: `${receiver.url}/${secrets.token}` }, secretPlace: 'passphrase' },
      ),
    );
    await first.close();
    receiver.next({ status: 200, silent: true });
    const child = await startChild('tell-channels', folder, JSON.stringify(noticeOf('fired', down)));
    await receiver.until(1);
    await child.kill();
    const next = openTestChannels(folder);
    await next.start();
    await receiver.until(2);
    expect(eventsOf(receiver)).toEqual(['alert.fired down', 'alert.fired down']);
    const [before, after] = receiver.received;
    expect(after?.headers['lifeboat-delivery']).toBe(before?.headers['lifeboat-delivery']);
    await until(async () => (await next.deliveries()).waiting.length === 0, 'nothing waits');
    await next.close();
  });
});

describe('the command line', () => {
  let mongod: TestMongod;
  let program: string;
  let programFolder: string;

  beforeAll(async () => {
    programFolder = temporaryFolder('cli');
    program = await bundleWorker(join(__dirname, '..', '..', 'cli', 'index.ts'), programFolder, 'cli');
    mongod = await startTestMongod({ members: 3 });
  });
  afterAll(async () => {
    await mongod.stop();
    removeTemporaryFolder(programFolder);
  });

  function environment(): Record<string, string> {
    const passphraseFile = join(folder, 'passphrase');
    writeFileSync(passphraseFile, 'lighthouse\n', { mode: 0o600 });
    return { LIFEBOAT_HOME: join(folder, 'data'), LIFEBOAT_PASSPHRASE_FILE: passphraseFile };
  }
  const lifeboat = (...args: string[]): Promise<CommandLineResult> => runCommandLine(program, args, environment());

  async function addHook(): Promise<void> {
    const file = join(folder, 'hook.json');
    const url = `${receiver.url}/services/${secrets.token}`;
    writeFileSync(file, JSON.stringify({ settings: { kind: 'webhook' }, secrets: { url }, leastSeverity: 'critical' }));
    expect(await lifeboat('channels', 'add', 'hook', '--file', file)).toMatchObject({
      code: 0,
      stdout: `Saved hook (webhook, to http://127.0.0.1:${receiver.port}/…).\n`,
    });
  }

  it('adds, lists, tests and removes channels', async () => {
    await addHook();
    const listed = JSON.parse((await lifeboat('channels', 'list', '--json')).stdout) as { channels: ChannelEntry[] };
    expect(listed.channels.map(({ channel }) => channel.name)).toEqual(['Desktop', 'hook']);
    expect((await lifeboat('channels', 'list')).stdout).toMatch(
      /hook +webhook +http:\S+ +critical +nothing sent yet +0 +0/,
    );
    const tested = await lifeboat('channels', 'test', 'hook');
    expect(tested).toMatchObject({ code: 0, stderr: '' });
    expect(tested.stdout).toMatch(/^hook: 200 OK after \d+ ms\n$/);
    receiver.next({ status: 404 });
    const missed = await lifeboat('channels', 'test', 'hook', '--json');
    expect(missed.code).toBe(1);
    expect(JSON.parse(missed.stdout)).toMatchObject({ error: { code: 'not-found' } });
    const wrong = join(folder, 'wrong.json');
    writeFileSync(wrong, JSON.stringify({ settings: { kind: 'pager' }, secrets: { url: secrets.token } }));
    const refused = await lifeboat('channels', 'add', 'other', '--file', wrong);
    expect(refused.code).toBe(2);
    expect(refused.stderr).not.toContain(secrets.token);
    expect((await lifeboat('channels', 'remove', 'hook')).code).toBe(0);
    expect((await lifeboat('channels', 'test', 'hook')).code).toBe(1);
    expect(filesWith(join(folder, 'data'), secrets.token)).toEqual([]);
  });

  it('tells while it watches that a member was killed, and that it is back', async () => {
    await addHook();
    const added = await lifeboat('connection', 'add', 'shop', '--uri', mongod.uri, '--environment', 'staging');
    expect(added.code, added.stderr).toBe(0);
    const rule = defaultRules.find(({ id }) => id === 'member-down');
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(
      join(folder, 'data', 'alerts.json'),
      // Of ten seconds usually: that is as long as this test need not wait.
      JSON.stringify({
        formatVersion: 1,
        rules: [{ ...rule, forSeconds: 2, clearSeconds: 2 }],
        silences: [],
        open: [],
        past: [],
      }),
    );
    const args = [program, 'health', 'watch', '--connection', 'shop', '--interval', '1', '--json'];
    const watch: ChildProcess = spawn(process.execPath, args, { env: { ...process.env, ...environment() } });
    let samples = 0;
    watch.stdout?.on('data', () => samples++);
    try {
      await until(() => samples >= 2, 'two samples', 30_000);
      const member = mongod.members[2];
      const host = member?.host ?? '';
      const ofMember = () =>
        receiver.received
          .map(
            ({ body }) =>
              JSON.parse(body) as {
                event: string;
                incident: { group: string; member: string | null; connection: unknown };
              },
          )
          .filter(({ incident }) => incident.group === 'member-down' && incident.member === host);
      await member?.kill();
      await until(() => ofMember().length === 1, `${host} is down`, 30_000);
      await member?.restart();
      await until(() => ofMember().length === 2, `${host} is back`, 30_000);
      expect(ofMember().map(({ event }) => event)).toEqual(['alert.fired', 'alert.cleared']);
      expect(ofMember()[0]?.incident.connection).toMatchObject({ name: 'shop', environment: 'staging' });
    } finally {
      watch.kill('SIGINT');
      await once(watch, 'close');
    }
    expect(filesWith(join(folder, 'data'), secrets.token)).toEqual([]);
  });
});
