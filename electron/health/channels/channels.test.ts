/** Channels over real files, telling real servers. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, ChannelInput } from '../../../shared/channels';
import { createMemorySecretStore, type SecretStore } from '../../connections/secret-store';
import { removeTemporaryFolder, temporaryFolder } from '../../test-support/temporary-folder';
import { startHttpReceiver, type HttpReceiver } from './test-support/http-receiver';
import { incidentOf, inputOf, noticeOf } from './test-support/notices';
import { eventsOf, openTestChannels, until, type TestChannels } from './test-support/test-channels';

let folder: string;
let receiver: HttpReceiver;
let kept: SecretStore;
const opened = new Set<TestChannels>();

beforeEach(async () => {
  folder = temporaryFolder('channels');
  receiver = await startHttpReceiver();
  kept = createMemorySecretStore('passphrase');
});
afterEach(async () => {
  await Promise.all([...opened].map((channels) => channels.close()));
  opened.clear();
  await receiver.close();
  removeTemporaryFolder(folder);
});

/** With secrets in memory that outlive a restart: encrypting them takes a while. */
function open(more: Parameters<typeof openTestChannels>[1] = {}): TestChannels {
  const channels = openTestChannels(folder, { secrets: kept, ...more });
  opened.add(channels);
  return channels;
}

async function close(channels: TestChannels): Promise<void> {
  opened.delete(channels);
  await channels.close();
}

const webhook = (more: Partial<ChannelInput> = {}): ChannelInput =>
  inputOf(
    { kind: 'webhook', caFile: null },
    { secrets: { url: `${receiver.url}/hook/secret-token` }, secretPlace: 'passphrase', ...more },
  );

const events = (): string[] => eventsOf(receiver);

const down = incidentOf('down');

describe('telling', () => {
  it('is one message when an incident fires and one when it is over, on the desktop, too', async () => {
    const channels = open();
    await channels.add(webhook());
    await channels.start();
    await channels.tell(noticeOf('fired', down));
    await receiver.until(1);
    await channels.tell(noticeOf('cleared', down));
    await receiver.until(2);
    expect(events()).toEqual(['alert.fired down', 'alert.cleared down']);
    await until(() => channels.shown.length === 2, 'two notifications');
    expect(channels.shown.map(({ title, incidentId }) => `${title} ${incidentId ?? ''}`)).toEqual([
      '[CRITICAL] A member does not answer: db2.example.com:27017 (shop-prod) down',
      '[OVER] A member does not answer: db2.example.com:27017 (shop-prod) down',
    ]);
    await until(
      async () => (await channels.list()).every(({ last, waiting }) => last !== null && waiting === 0),
      'both are told',
    );
    expect(await channels.deliveries()).toEqual({ waiting: [], dead: [] });
  });

  it('tries again after a refusal, with the same id, and keeps the end back until the beginning has arrived', async () => {
    const channels = open();
    await channels.add(webhook());
    await channels.start();
    receiver.next({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } });
    await channels.tell(noticeOf('fired', down));
    await receiver.until(3);
    await channels.tell(noticeOf('cleared', down));
    await receiver.until(4);
    expect(events()).toEqual(['alert.fired down', 'alert.fired down', 'alert.fired down', 'alert.cleared down']);
    const ids = receiver.received.map(({ headers }) => headers['lifeboat-delivery']);
    expect(new Set(ids.slice(0, 3)).size).toBe(1);
    expect(ids[3]).not.toBe(ids[0]);
    const pauses = receiver.received.slice(1, 3).map(({ at }, index) => at - (receiver.received[index]?.at ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(35);
    expect(pauses[1]).toBeGreaterThanOrEqual(70);
  });

  it('does not start the end while the beginning is on its way', async () => {
    const channels = open();
    await channels.add(webhook());
    await channels.start();
    let answer: () => void = () => undefined;
    receiver.next({ status: 200, after: new Promise<void>((resolve) => (answer = resolve)) });
    await channels.tell(noticeOf('fired', down));
    await receiver.until(1);
    await channels.tell(noticeOf('cleared', down));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(receiver.received).toHaveLength(1);
    answer();
    await receiver.until(2);
    expect(events()).toEqual(['alert.fired down', 'alert.cleared down']);
  });

  it('gives up after the last try and shows why; tried again or discarded it is gone', async () => {
    const channels = open();
    await channels.add(webhook());
    await channels.start();
    receiver.always({ status: 500, body: 'out of order' });
    await channels.tell(noticeOf('fired', down));
    await until(async () => (await channels.deliveries()).dead.length === 1, 'it is given up');
    expect(receiver.received).toHaveLength(3);
    const { dead } = await channels.deliveries();
    expect(dead).toMatchObject([
      { channelName: 'on-call', kind: 'fired', tries: 3, error: { code: 'server-error', details: 'out of order' } },
    ]);
    expect((await channels.list()).find(({ channel }) => channel.name === 'on-call')).toMatchObject({
      dead: 1,
      waiting: 0,
      last: { answer: '500 Internal Server Error' },
    });
    receiver.next({ status: 404 });
    receiver.always({ status: 200 });
    await channels.retry(dead.map(({ id }) => id));
    await until(async () => (await channels.deliveries()).dead[0]?.tries === 1, 'it is refused for good');
    await channels.retry(dead.map(({ id }) => id));
    await until(async () => {
      const { waiting, dead: given } = await channels.deliveries();
      return waiting.length + given.length === 0;
    }, 'it is delivered');
    expect(receiver.received).toHaveLength(5);
    receiver.next({ status: 400 });
    await channels.tell(noticeOf('fired', incidentOf('other')));
    await until(async () => (await channels.deliveries()).dead.length === 1, 'the other one is given up');
    await channels.discard((await channels.deliveries()).dead.map(({ id }) => id));
    expect(await channels.deliveries()).toEqual({ waiting: [], dead: [] });
  });
});

describe('over an end of the process', () => {
  it('what waits is sent by the next one, in its order, folded where it is over', async () => {
    const first = open();
    await first.add(webhook());
    await first.start();
    receiver.always({ status: 503 });
    await first.tell(noticeOf('fired', down));
    await receiver.until(1);
    await close(first);
    const told = receiver.received.length;
    const second = open();
    await second.tell(noticeOf('fired', incidentOf('other')));
    await second.tell(noticeOf('cleared', down));
    receiver.always({ status: 200 });
    await second.start();
    await receiver.until(told + 2);
    expect(events().slice(told).sort()).toEqual(['alert.fired other', 'alert.passed down']);
  });

  it('two that send at once send nothing twice', async () => {
    const [one, other] = [open(), open()];
    await one.add(webhook());
    await Promise.all([one.start(), other.start()]);
    const incidents = Array.from({ length: 12 }, (_, index) => `i${index}`);
    await Promise.all(
      incidents.map((id, index) => (index % 2 === 0 ? one : other).tell(noticeOf('fired', incidentOf(id)))),
    );
    await receiver.until(12);
    await until(async () => (await one.deliveries()).waiting.length === 0, 'nothing waits');
    expect(events().sort()).toEqual(incidents.map((id) => `alert.fired ${id}`).sort());
  });

  it('closing waits a while for what is due', async () => {
    const channels = open({ closeGraceMs: 5000 });
    await channels.add(webhook());
    await channels.start();
    receiver.next({ status: 200, after: new Promise((resolve) => setTimeout(resolve, 100)) });
    void channels.tell(noticeOf('fired', down));
    await close(channels);
    expect(events()).toEqual(['alert.fired down']);
    const next = open();
    expect(await next.deliveries()).toEqual({ waiting: [], dead: [] });
  });
});

describe('secrets', () => {
  it('that are kept stay when the channel is edited, and go with it', async () => {
    const channels = open();
    const { id } = await channels.add(webhook({ secrets: { url: `${receiver.url}/one`, signingSecret: 'signed' } }));
    const renamed = await channels.update(id, webhook({ name: 'night shift', secrets: {} }));
    expect(renamed).toMatchObject({
      name: 'night shift',
      secretsSet: ['url', 'signingSecret'],
      secretPlace: 'passphrase',
    });
    await channels.test(id);
    expect(receiver.received).toMatchObject([{ path: '/one' }]);
    expect(receiver.received[0]?.headers['lifeboat-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    const unsigned = await channels.update(id, webhook({ secrets: { url: `${receiver.url}/two`, signingSecret: '' } }));
    expect(unsigned.secretsSet).toEqual(['url']);
    await channels.test(id);
    expect(receiver.received[1]?.path).toBe('/two');
    expect(receiver.received[1]?.headers).not.toHaveProperty('lifeboat-signature');
    await channels.remove(id);
    expect(await kept.get(`channel:${id}`)).toBeNull();
    await expect(channels.test(id)).rejects.toMatchObject({ error: { code: 'not-found' } });
  });

  it('kept in memory have to be entered again after a restart; messages wait for them', async () => {
    const first = open({ secrets: createMemorySecretStore() });
    const { id } = await first.add(webhook({ secretPlace: 'ask' }));
    expect(await first.test(id)).toMatchObject({ answer: '200 OK', error: null });
    await close(first);
    const second = open({ secrets: createMemorySecretStore() });
    expect(await second.start()).toMatchObject([{ channel: { id }, problem: { code: 'secret-unavailable' } }]);
    await second.tell(noticeOf('fired', down));
    const entry = (await second.list()).find(({ channel }) => channel.id === id);
    expect(entry).toMatchObject({ waiting: 1, problem: { code: 'secret-unavailable' } });
    await expect(second.test(id)).rejects.toMatchObject({ error: { code: 'secret-unavailable' } });
    expect(events()).toEqual([expect.stringMatching(/^test /)]);
    await second.update(id, webhook({ secretPlace: 'ask' }));
    await receiver.until(2);
    expect(events()[1]).toBe('alert.fired down');
  });

  it('of the keychain are not opened by the command line, which leaves its messages to the window', async () => {
    const window = open({ secrets: createMemorySecretStore('keychain') });
    await window.add(webhook({ secretPlace: 'keychain' }));
    const line = open({ origin: 'cli', desktop: null });
    expect(await line.start()).toMatchObject([{ problem: { message: expect.stringContaining('keychain') as string } }]);
    await line.tell(noticeOf('fired', down));
    await close(line);
    expect(receiver.received).toEqual([]);
    await window.start();
    await receiver.until(1);
    await until(() => window.shown.length === 1, 'a notification');
  });
});

describe('a test message', () => {
  it('is marked, tells the answer and how long it took, or what is wrong and what to do', async () => {
    const channels = open();
    const { id } = await channels.add(webhook());
    receiver.next({ status: 202 });
    expect(await channels.test(id)).toMatchObject({ answer: '202 Accepted', error: null });
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({ event: 'test', test: true });
    receiver.next({ status: 404, body: 'no_team' });
    const missed = await channels.test(id);
    expect(missed).toMatchObject({ answer: '404 Not Found', error: { code: 'not-found', details: 'no_team' } });
    expect(missed.error?.hint).toBeTruthy();
    expect(missed.tookMs).toBeGreaterThanOrEqual(0);
  });

  it('of what is being edited uses what is typed and the secrets that are kept, and keeps nothing', async () => {
    const channels = open();
    const { id } = await channels.add(webhook({ secrets: { url: `${receiver.url}/kept` } }));
    await channels.testInput(webhook({ secrets: {} }), id);
    await channels.testInput(webhook({ secrets: { url: `${receiver.url}/typed` } }), id);
    await channels.testInput(webhook({ secrets: { url: `${receiver.url}/new` }, name: 'new' }), null);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/kept', '/typed', '/new']);
    await channels.test(id);
    expect(receiver.received[3]?.path).toBe('/kept');
    expect(await channels.list()).toHaveLength(2);
  });

  it('opens and resolves an incident at PagerDuty', async () => {
    const channels = open();
    const settings = { kind: 'pagerduty' as const, endpoint: `${receiver.url}/v2/enqueue`, caFile: null };
    const secrets = { routingKey: 'R0123456789ABCDEF0123456789ABCDE' };
    const { id } = await channels.add(inputOf(settings, { secrets, secretPlace: 'passphrase' }));
    receiver.always({ status: 202 });
    expect(await channels.test(id)).toMatchObject({ answer: '202 Accepted, resolved with 202 Accepted' });
    const sent = receiver.received.map(({ body }) => JSON.parse(body) as { event_action: string; dedup_key: string });
    expect(sent.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
    expect(sent[0]?.dedup_key).toBe(sent[1]?.dedup_key);
  });
});

it('acknowledges at PagerDuty what is acknowledged here, also where that was refused once', async () => {
  const channels = open();
  const settings = { kind: 'pagerduty' as const, endpoint: `${receiver.url}/v2/enqueue`, caFile: null };
  const secrets = { routingKey: 'R0123456789ABCDEF0123456789ABCDE' };
  await channels.add(inputOf(settings, { secrets, secretPlace: 'passphrase' }));
  await channels.start();
  receiver.always({ status: 202 });
  await channels.tell(noticeOf('fired', down));
  await receiver.until(1);
  receiver.next({ status: 503 });
  const acknowledged = { at: Date.now(), by: 'ada', note: 'on it' };
  await channels.tell(noticeOf('acknowledged', { ...down, acknowledged }));
  await receiver.until(3);
  await channels.tell(noticeOf('cleared', { ...down, acknowledged }));
  await receiver.until(4);
  const sent = receiver.received.map(({ body }) => JSON.parse(body) as Record<string, string>);
  expect(sent.map((event) => `${event['event_action'] ?? ''} ${event['dedup_key'] ?? ''}`)).toEqual([
    'trigger down',
    'acknowledge down',
    'acknowledge down',
    'resolve down',
  ]);
  expect(sent[1]).toEqual({ routing_key: secrets.routingKey, event_action: 'acknowledge', dedup_key: 'down' });
});

describe('channels', () => {
  it('are refused where they cannot work', async () => {
    const channels = open();
    const mail = {
      kind: 'email' as const,
      host: 'mail.example.com',
      port: 25,
      security: 'none' as const,
      username: 'lifeboat',
      from: 'a@example.com',
      to: ['b@example.com'],
      caFile: null,
    };
    const refused: [ChannelInput, RegExp][] = [
      [webhook({ secrets: {} }), /missing/],
      [webhook({ secrets: { url: 'hooks.example.com/secret' } }), /not a URL/],
      [webhook({ secrets: { url: 'ftp://hooks.example.com/secret' } }), /neither https/],
      [webhook({ name: 'desktop' }), /already a channel named/],
      [webhook({ secretPlace: 'keychain' }), /keychain cannot keep/],
      [inputOf(mail, { secrets: { password: 'x' } }), /without encryption/],
      [inputOf({ ...mail, security: 'tls' }), /password is missing/],
    ];
    for (const [input, message] of refused)
      await expect(channels.add(input)).rejects.toMatchObject({ message: expect.stringMatching(message) as string });
    const { id } = await channels.add(webhook());
    await expect(channels.update(id, inputOf({ kind: 'desktop' }))).rejects.toThrow(/keeps its kind/);
  });

  it('begin with the desktop, can all be removed, and forget what waits when switched off', async () => {
    const channels = open();
    const [first] = await channels.list();
    expect(first?.channel).toMatchObject({
      name: 'Desktop',
      leastSeverity: 'high',
      enabled: true,
    } satisfies Partial<Channel>);
    await channels.remove('Desktop');
    expect(await channels.list()).toEqual([]);
    const { id } = await channels.add(webhook());
    await channels.tell(noticeOf('fired', down));
    expect((await channels.deliveries()).waiting).toHaveLength(1);
    await channels.setEnabled(id, false);
    expect((await channels.deliveries()).waiting).toEqual([]);
    await channels.tell(noticeOf('fired', incidentOf('other')));
    expect((await channels.deliveries()).waiting).toEqual([]);
  });
});
