/** Operations on a real set of three; the tests follow each other on the same set and leave it as they found it. */
import { MongoClient, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation, OperationPreview } from '../../shared/operations';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { endOperation } from './compact';
import { createOperationsHarness, equalPriorities, type OperationsHarness } from './test-support/operations-harness';

let server: TestMongod;
let lifeboat: OperationsHarness;
let client: MongoClient;

beforeAll(async () => {
  server = await startTestMongod({ members: 3 });
  lifeboat = await createOperationsHarness(server.uri);
  client = await server.connect();
  await equalPriorities(client);
  await client
    .db('shop')
    .collection('orders')
    .insertMany(Array.from({ length: 2000 }, (_, at) => ({ at, text: 'x'.repeat(500) })));
});

afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

async function configuration(): Promise<{ version: number; members: Document[] }> {
  const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
  return config as { version: number; members: Document[] };
}

async function primary(): Promise<string> {
  return String((await client.db('admin').command({ hello: 1 }))['me']);
}

async function aSecondary(): Promise<string> {
  const first = await primary();
  return server.members.find(({ host }) => host !== first)?.host ?? '';
}

function refusals({ remarks }: OperationPreview): string[] {
  return remarks.filter(({ kind }) => kind === 'refused').map(({ text }) => text);
}

const stepDown: Operation = { kind: 'step-down', seconds: 10, catchUpSeconds: 5, force: false };

describe('guards', () => {
  it('refuses on read-only connections, in the preview and at the start', async () => {
    const readOnly = await lifeboat.connect(server.uri, { name: 'looking', readOnly: true });
    const preview = await lifeboat.preview(stepDown, readOnly.id);
    expect(preview.refusal).toMatchObject({ code: 'refused', message: 'looking is read-only.' });
    await expect(lifeboat.start(preview)).rejects.toMatchObject({ error: { code: 'refused' } });
    const { entries } = await lifeboat.audit.list({ offset: 0, limit: 1 });
    expect(entries[0]).toMatchObject({
      operation: 'replica-set.step-down',
      category: 'replica-set',
      result: 'refused',
    });
  });

  it('wants the name typed on production', async () => {
    const production = await lifeboat.connect(server.uri, { name: 'shop-prod', environment: 'production' });
    const preview = await lifeboat.preview({ kind: 'freeze', host: await aSecondary(), seconds: 1 }, production.id);
    expect(preview).toMatchObject({ typedNameNeeded: true, refusal: null });
    await expect(lifeboat.start(preview)).rejects.toMatchObject({ error: { code: 'refused' } });
    await expect(lifeboat.start(preview, 'shop')).rejects.toMatchObject({ error: { code: 'refused' } });
    const job = await lifeboat.jobs.wait((await lifeboat.start(preview, 'shop-prod')).id);
    expect(job.status).toBe('succeeded');
  });

  it('is stale once the configuration has changed', async () => {
    const preview = await lifeboat.preview({ kind: 'freeze', host: await aSecondary(), seconds: 1 });
    const current = await configuration();
    await client.db('admin').command({ replSetReconfig: { ...current, version: current.version + 1 } });
    await expect(lifeboat.start(preview)).rejects.toMatchObject({ error: { code: 'preview-stale' } });
  });

  it('names what is no member, and what is no set', async () => {
    await expect(lifeboat.preview({ kind: 'freeze', host: 'nobody:1', seconds: 1 })).rejects.toMatchObject({
      error: { code: 'topology' },
    });
    await expect(
      lifeboat.operations.preview({ connectionId: lifeboat.connection.id, set: 'rs9', operation: stepDown }),
    ).rejects.toMatchObject({ error: { code: 'topology' } });
  });

  it('lets one at a time work on a set', async () => {
    const preview = await lifeboat.preview({ kind: 'failover-test' });
    const other = await lifeboat.preview({ kind: 'freeze', host: await aSecondary(), seconds: 0 });
    const job = await lifeboat.start(preview);
    await expect(lifeboat.start(other)).rejects.toMatchObject({ error: { code: 'busy' } });
    // Before the step-down it can still be cancelled, and leaves nothing.
    await lifeboat.jobs.cancel(job.id);
    const ended = await lifeboat.jobs.wait(job.id);
    expect(ended.status).toBe('cancelled');
    const outcome = await lifeboat.operations.outcome(ended.resultId ?? '');
    expect(outcome.status).toBe('cancelled');
    const { databases } = await client.db('admin').command({ listDatabases: 1 });
    expect((databases as { name: string }[]).map(({ name }) => name)).not.toContain('lifeboat_failover_test');
  });
});

describe('step down and freeze', () => {
  it('steps down, with the electable members named, and tells the new primary', async () => {
    const former = await primary();
    const { preview, job, outcome } = await lifeboat.run(stepDown);
    expect(preview.electable).toHaveLength(2);
    expect(preview.electable[0]).toMatchObject({ priority: 1 });
    expect(job.error).toBeNull();
    expect(outcome).toMatchObject({ status: 'succeeded', kind: 'step-down', set: 'rs0' });
    expect(outcome.text).toMatch(/is the primary of rs0\.$/);
    expect(outcome.text).not.toContain(former);
    expect(outcome.steps.map(({ status }) => status)).toEqual(['done', 'done']);
    expect((await lifeboat.operations.list())[0]?.id).toBe(outcome.id);
  });

  it('refuses to step down when nobody could take over, unless forced', async () => {
    const others = server.members.map(({ host }) => host);
    const first = await primary();
    const secondaries = others.filter((host) => host !== first);
    const { outcome } = await lifeboat.run({
      kind: 'reconfigure',
      changes: secondaries.map((host) => ({ host, priority: 0 })),
    });
    expect(outcome.status).toBe('succeeded');
    const refused = await lifeboat.preview(stepDown);
    expect(refused.refusal?.message).toContain('No other member can become primary');
    expect((await lifeboat.preview({ ...stepDown, force: true })).refusal).toBeNull();
    expect((await lifeboat.preview({ kind: 'failover-test' })).refusal).not.toBeNull();
    await lifeboat.run({ kind: 'reconfigure', changes: secondaries.map((host) => ({ host, priority: 1 })) });
  });

  it('freezes a secondary, never the primary', async () => {
    const host = await aSecondary();
    const { outcome } = await lifeboat.run({ kind: 'freeze', host, seconds: 5 });
    expect(outcome).toMatchObject({ status: 'succeeded', text: `${host} is not elected for 5.0 s.` });
    await lifeboat.run({ kind: 'freeze', host, seconds: 0 });
    const preview = await lifeboat.preview({ kind: 'freeze', host: await primary(), seconds: 5 });
    expect(preview.refusal).toMatchObject({ code: 'refused' });
  });
});

describe('reconfigure', () => {
  const reconfigure = (changes: Extract<Operation, { kind: 'reconfigure' }>['changes']): Operation => ({
    kind: 'reconfigure',
    changes,
  });

  it('shows each change by its path, and carries voting changes out one at a time', async () => {
    const [a, b] = server.members.map(({ host }) => host).filter((host) => host !== '');
    const first = await primary();
    const [one = '', two = ''] = [a, b, server.members[2]?.host].filter((host) => host !== first);
    const before = await configuration();
    const { preview, outcome } = await lifeboat.run(
      reconfigure([
        { host: one, votes: 0 },
        { host: two, tags: { dc: 'west' } },
      ]),
    );
    const at = before.members.findIndex(({ host }) => host === one);
    expect(preview.changes).toContainEqual({ path: `members[${at}].votes`, before: '1', after: '0' });
    expect(preview.changes).toContainEqual({ path: `members[${at}].priority`, before: '1', after: '0' });
    expect(preview.steps).toHaveLength(3);
    expect(preview.commands).toHaveLength(2);
    expect(outcome.status).toBe('succeeded');
    expect((await configuration()).version).toBe(before.version + 2);
    const back = await lifeboat.run(
      reconfigure([
        { host: one, votes: 1, priority: 1 },
        { host: two, tags: {} },
      ]),
    );
    expect(back.outcome.status).toBe('succeeded');
    const after = await configuration();
    expect(after.members.map(({ votes, priority, tags }) => [votes, priority, tags])).toEqual(
      before.members.map(({ votes, priority, tags }) => [votes, priority, tags]),
    );
  });

  it('refuses what is unsafe', async () => {
    const first = await primary();
    const other = await aSecondary();
    const unsafe: [Operation, RegExp][] = [
      [reconfigure([{ host: first, priority: 0 }]), /step it down first/],
      [reconfigure([{ host: other, hidden: true, priority: 1 }]), /hidden: its priority has to be 0/],
      [reconfigure([{ host: other, delaySeconds: 60, priority: 1 }]), /delayed: its priority has to be 0/],
      [reconfigure([{ host: other, votes: 0, priority: 1 }]), /does not vote/],
      [reconfigure(server.members.map(({ host }) => ({ host, priority: 0 }))), /No member could become primary/],
      [reconfigure([{ host: other, priority: 1 }]), /Nothing would change/],
      [{ kind: 'remove-member', host: first }, /step it down before/],
    ];
    for (const [operation, text] of unsafe) {
      const preview = await lifeboat.preview(operation);
      expect(refusals(preview).join('\n')).toMatch(text);
      await expect(lifeboat.start(preview)).rejects.toMatchObject({ error: { code: 'refused' } });
    }
  });
});

describe('members', () => {
  it('adds a fresh one without vote first, and removes it again', async () => {
    const fresh = await startTestMongod({ args: ['--replSet', 'rs0', '--oplogSize', '64'] });
    try {
      const settings = { arbiterOnly: false, priority: 1, votes: 1 as const, hidden: false, delaySeconds: 0, tags: {} };
      const before = await configuration();
      const { preview, outcome } = await lifeboat.run({ kind: 'add-member', host: fresh.host, ...settings });
      expect(refusals(preview)).toEqual([]);
      expect(preview.changes).toContainEqual({ path: 'members[3].host', before: null, after: `"${fresh.host}"` });
      expect(outcome.error).toBeNull();
      expect(outcome.steps).toHaveLength(3);
      expect(outcome.steps[1]?.text).toMatch(/is SECONDARY after/);
      const grown = await configuration();
      expect(grown.version).toBe(before.version + 2);
      expect(grown.members[3]).toMatchObject({ host: fresh.host, votes: 1, priority: 1 });

      const again = await lifeboat.preview({ kind: 'add-member', host: fresh.host, ...settings });
      expect(again.refusal?.message).toContain('is a member already');

      const removed = await lifeboat.run({ kind: 'remove-member', host: fresh.host });
      expect(removed.outcome).toMatchObject({ status: 'succeeded' });
      expect((await configuration()).members).toHaveLength(3);
    } finally {
      await fresh.stop();
    }
  });

  it('takes a new one out again when the waiting for it is cancelled', async () => {
    const hangs = 'failpoint.initialSyncHangBeforeCopyingDatabases={"mode":"alwaysOn"}';
    const args = ['--replSet', 'rs0', '--setParameter', 'enableTestCommands=1', '--setParameter', hangs];
    const fresh = await startTestMongod({ args });
    try {
      const preview = await lifeboat.preview({
        kind: 'replace-member',
        host: await aSecondary(),
        newHost: fresh.host,
      });
      const { id } = await lifeboat.start(preview);
      while (!(await lifeboat.jobs.get(id)).progress.phase.includes('STARTUP2'))
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await configuration()).members[3]).toMatchObject({ host: fresh.host, votes: 0, priority: 0 });
      await lifeboat.jobs.cancel(id);
      const ended = await lifeboat.jobs.wait(id);
      expect(ended.status).toBe('cancelled');
      expect((await configuration()).members).toHaveLength(3);
      const outcome = await lifeboat.operations.outcome(ended.resultId ?? '');
      expect(outcome.steps.map(({ status }) => status)).toEqual(['done', 'failed', 'skipped', 'skipped']);
    } finally {
      await fresh.stop();
    }
  });

  it('explains why a server cannot join', async () => {
    const settings = { arbiterOnly: false, priority: 1, votes: 1 as const, hidden: false, delaySeconds: 0, tags: {} };
    const alone = await startTestMongod();
    try {
      const add = (host: string) => lifeboat.preview({ kind: 'add-member', host, ...settings });
      expect((await add(alone.host)).refusal?.message).toContain('start it with --replSet rs0');
      expect((await add('127.0.0.1:1')).refusal?.message).toContain('Nothing accepts connections');
      expect((await add('db.example')).refusal?.message).toContain('no host:port');
    } finally {
      await alone.stop();
    }
  });

  it('replaces one by another, with its settings', async () => {
    const fresh = await startTestMongod({ args: ['--replSet', 'rs0', '--oplogSize', '64'] });
    try {
      const old = await aSecondary();
      const { outcome } = await lifeboat.run({ kind: 'replace-member', host: old, newHost: fresh.host });
      expect(outcome.error).toBeNull();
      const { members } = await configuration();
      expect(members.map(({ host }) => String(host))).not.toContain(old);
      expect(members.find(({ host }) => host === fresh.host)).toMatchObject({ votes: 1, priority: 1 });
      // The former one was a member of this very set: it may come back, with its data.
      const back = await lifeboat.run({ kind: 'replace-member', host: fresh.host, newHost: old });
      expect(back.outcome.error).toBeNull();
      expect(back.preview.remarks.map(({ text }) => text).join('\n')).toContain('was a member of this set before');
    } finally {
      await fresh.stop();
    }
  });
});

describe('compact and resync', () => {
  it('compacts on a secondary, and on the primary only when asked for', async () => {
    const namespaces = ['shop.orders'];
    const host = await aSecondary();
    const { preview, outcome } = await lifeboat.run({ kind: 'compact', host, namespaces, force: false });
    expect(preview.remarks.map(({ text }) => text).join('\n')).toMatch(/shop\.orders: .* on disk, of which at most/);
    expect(outcome).toMatchObject({ status: 'succeeded' });
    expect(outcome.steps[0]?.text).toMatch(/^shop\.orders gave back/);
    const onPrimary = await lifeboat.preview({ kind: 'compact', host: await primary(), namespaces, force: false });
    expect(onPrimary.refusal?.message).toContain('is the primary');
    const missing = await lifeboat.preview({ kind: 'compact', host, namespaces: ['shop.nothing'], force: false });
    expect(missing.refusal?.message).toContain('There is no collection shop.nothing');
  });

  it('ends what runs on a secondary by its comment', async () => {
    const direct = new MongoClient(`mongodb://${await aSecondary()}/?directConnection=true`);
    try {
      const comment = 'lifeboat-compact-of-a-test';
      const slow = { $where: 'sleep(50) || true' };
      const running = direct.db('shop').collection('orders').find(slow, { comment }).toArray();
      const ended = expect(running).rejects.toMatchObject({ codeName: 'Interrupted' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      await endOperation(direct, comment);
      await ended;
    } finally {
      await direct.close();
    }
  });

  it('judges whether a member can catch up', async () => {
    const host = await aSecondary();
    const guide = await lifeboat.operations.resyncGuide(lifeboat.connection.id, null, host);
    expect(guide).toMatchObject({ host, verdict: 'catches up' });
    expect(guide.why).toMatch(/the oplog of .* reaches back/);
    expect(guide.dataBytes).toBeGreaterThan(0);
  });
});

describe('failover test', () => {
  it.each([
    ['leaves the new primary', false],
    ['brings the former one back when asked to', true],
  ])('measures the outage, loses nothing, and %s', async (_, returnToFormer) => {
    const former = await primary();
    const { job, outcome } = await lifeboat.run({ kind: 'failover-test', returnToFormer });
    expect(job.error).toBeNull();
    const report = outcome.failover;
    expect(report).toMatchObject({ formerPrimary: former, writesLost: 0, passed: true, limitMs: 30_000 });
    expect(report?.newPrimary).not.toBe(former);
    expect(report?.writesAcknowledged).toBeGreaterThan(30);
    expect(report?.withRetries.writesAcknowledged).toBeGreaterThan(30);
    expect(report?.electionMs).toBeLessThan(30_000);
    expect(report?.allHealthyMs).toBeGreaterThanOrEqual(report?.electionMs ?? Infinity);
    expect(report?.withRetries.writesFailed).toBe(0);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (returnToFormer) expect(await primary()).toBe(former);
    const { databases } = await client.db('admin').command({ listDatabases: 1 });
    expect((databases as { name: string }[]).map(({ name }) => name)).not.toContain('lifeboat_failover_test');
    const { entries } = await lifeboat.audit.list({ offset: 0, limit: 2 });
    expect(entries.map(({ result }) => result)).toEqual(['succeeded', 'started']);
  });
});
