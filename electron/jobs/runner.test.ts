import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../shared/jobs';
import { fail } from '../../shared/result';
import { createSilentLogger } from '../platform/logger';
import { startChild } from '../test-support/child-process';
import { temporaryFolder } from '../test-support/temporary-folder';
import { JobRunner, type JobContext, type JobDefinition } from './runner';

const definition: JobDefinition = { kind: 'backup', title: 'Backup of shop', phases: ['Dumping'], connectionId: 'c1' };

interface Place {
  root: string;
  jobsFolder: string;
  locksFolder: string;
  newRunner(): JobRunner;
}

function newPlace(): Place {
  const root = temporaryFolder();
  const [jobsFolder, locksFolder] = [join(root, 'jobs'), join(root, 'locks')];
  mkdirSync(jobsFolder);
  mkdirSync(locksFolder);
  const newRunner = (): JobRunner =>
    new JobRunner({ jobsFolder, locksFolder, origin: 'window', logger: createSilentLogger() });
  return { root, jobsFolder, locksFolder, newRunner };
}

const untilAborted = ({ signal }: JobContext): Promise<never> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });

describe('a job', () => {
  it('runs, reports, logs, makes something and is on record', async () => {
    const { newRunner, jobsFolder } = newPlace();
    const runner = newRunner();
    const seen: Job[] = [];
    const logged: string[] = [];
    runner.onChange((job) => seen.push(job));
    runner.onLog((_id, lines) => logged.push(...lines));
    const started = await runner.start(definition, async (context) => {
      context.report({ phase: 'Dumping', bytesDone: 1, bytesTotal: 2 });
      context.log('reading mongodb://u:secret@h/\u001b[31m');
      context.setResult('b1');
      context.report({ phase: 'Dumping', bytesDone: 2 });
    });
    expect(started).toMatchObject({ status: 'running', kind: 'backup', connectionId: 'c1', processId: process.pid });
    const job = await runner.wait(started.id);
    expect(job).toMatchObject({
      status: 'succeeded',
      resultId: 'b1',
      error: null,
      progress: { bytesDone: 2, bytesTotal: 2 },
    });
    expect(seen[0]?.status).toBe('running');
    expect(seen[seen.length - 1]).toEqual(job);
    expect(logged.join()).toMatch(/Z reading mongodb:\/\/u:\*\*\*@h\/$/);
    expect(await runner.readLog(job.id)).toBe(`${logged.join('\n')}\n`);
    expect(await newRunner().get(job.id)).toEqual(job);
    expect(readdirSync(jobsFolder).sort()).toEqual([`${job.id}.json`, `${job.id}.log`]);
  });

  it('has an id that sorts by time', async () => {
    const runner = newPlace().newRunner();
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { id } = await runner.start(definition, async () => undefined);
      ids.push(id);
      await runner.wait(id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect([...ids].sort()).toEqual(ids);
    expect((await runner.list()).map(({ id }) => id)).toEqual([...ids].reverse());
  });

  it('that warns succeeds with warnings; one that fails says why and removes what it owned', async () => {
    const { newRunner, root } = newPlace();
    const runner = newRunner();
    const warned = await runner.start(definition, async (context) => context.warn('3 documents were skipped'));
    expect(await runner.wait(warned.id)).toMatchObject({
      status: 'succeeded-with-warnings',
      warnings: ['3 documents were skipped'],
    });
    const folder = join(root, 'partial');
    const failed = await runner.start(definition, async (context) => {
      await context.own(folder);
      mkdirSync(join(folder, 'deep'), { recursive: true });
      fail('tool-failed', 'mongodump ended with exit code 1.', 'Look.', 'line one\nline two');
    });
    expect(await runner.wait(failed.id)).toMatchObject({
      status: 'failed',
      error: { code: 'tool-failed', hint: 'Look.' },
    });
    expect(existsSync(folder)).toBe(false);
    expect(await runner.readLog(failed.id)).toContain('line two');
    const broken = await runner.start(definition, () => Promise.reject(new TypeError('odd')));
    expect(await runner.wait(broken.id)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  });

  it('keeps what it owned when it succeeds, and what it disowned when it fails', async () => {
    const { newRunner, root, jobsFolder } = newPlace();
    const runner = newRunner();
    const kept = join(root, 'kept');
    const good = await runner.start(definition, async (context) => {
      await context.own(kept);
      expect(JSON.parse(readFileSync(join(jobsFolder, `${context.jobId}.json`), 'utf8'))).toMatchObject({
        owned: [kept],
      });
      writeFileSync(kept, '');
    });
    await runner.wait(good.id);
    const bad = await runner.start(definition, async (context) => {
      await context.own(kept);
      await context.disown(kept);
      fail('internal', 'no');
    });
    await runner.wait(bad.id);
    expect(existsSync(kept)).toBe(true);
  });

  it('may not own what holds the data folder, a root or a relative path', async () => {
    const { newRunner, root } = newPlace();
    const runner = newRunner();
    for (const path of ['/', 'relative', root, join(root, '..'), `${root}/`]) {
      const job = await runner.start(definition, (context) => context.own(path));
      expect(await runner.wait(job.id)).toMatchObject({ status: 'failed' });
    }
    expect(existsSync(root)).toBe(true);
  });

  it('reports at most ten times a second and never loses the last', async () => {
    const runner = newPlace().newRunner();
    const seen: number[] = [];
    runner.onChange(({ progress }) => seen.push(progress.bytesDone));
    const job = await runner.start(definition, async (context) => {
      for (let done = 1; done <= 20_000; done++) {
        context.report({ phase: 'Dumping', bytesDone: done });
        if (done % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect(seen[seen.length - 1]).toBe(20_000);
    });
    const started = Date.now();
    expect((await runner.wait(job.id)).error).toBeNull();
    expect(seen.length).toBeLessThanOrEqual((Date.now() - started) / 100 + 4);
  });
});

describe('cancelling', () => {
  it('becomes "cancelled" only after the work has settled', async () => {
    const { newRunner, root } = newPlace();
    const runner = newRunner();
    const folder = join(root, 'partial');
    const statuses: string[] = [];
    runner.onChange(({ status }) => statuses.push(status));
    let settled = false;
    const job = await runner.start(definition, async (context) => {
      await context.own(folder);
      mkdirSync(folder);
      try {
        await untilAborted(context);
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 150));
        settled = true;
      }
    });
    await runner.cancel(job.id);
    expect((await runner.get(job.id)).status).toBe('cancelling');
    expect(await runner.wait(job.id)).toMatchObject({ status: 'cancelled', error: null });
    expect(settled).toBe(true);
    expect(existsSync(folder)).toBe(false);
    expect([...new Set(statuses)]).toEqual(['running', 'cancelling', 'cancelled']);
    await runner.cancel(job.id);
    expect((await runner.get(job.id)).status).toBe('cancelled');
  });

  it('does not hide another failure, nor a success that came first', async () => {
    const runner = newPlace().newRunner();
    const fails = await runner.start(definition, (context) =>
      untilAborted(context).catch(() => fail('store-unavailable', 'The disk is gone.')),
    );
    await runner.cancel(fails.id);
    expect(await runner.wait(fails.id)).toMatchObject({ status: 'failed', error: { code: 'store-unavailable' } });
    const finishes = await runner.start(definition, (context) => untilAborted(context).catch(() => undefined));
    await runner.cancel(finishes.id);
    expect(await runner.wait(finishes.id)).toMatchObject({ status: 'succeeded' });
  });

  it('happens to all jobs when the runner closes, which starts no more', async () => {
    const runner = newPlace().newRunner();
    const jobs = await Promise.all([1, 2].map(() => runner.start(definition, untilAborted)));
    await runner.close();
    for (const { id } of jobs) expect((await runner.get(id)).status).toBe('cancelled');
    await expect(runner.start(definition, async () => undefined)).rejects.toMatchObject({
      error: { code: 'cancelled' },
    });
  });
});

describe('one writer per target', () => {
  it('refuses the second job naming the first, in one process', async () => {
    const { newRunner, jobsFolder } = newPlace();
    const runner = newRunner();
    const first = await runner.start({ ...definition, lock: 'set:1' }, untilAborted);
    const second = runner.start({ ...definition, lock: 'set:1' }, async () => undefined);
    await expect(second).rejects.toMatchObject({
      error: { code: 'busy', message: expect.stringContaining('"Backup of shop"') as string },
    });
    expect(readdirSync(jobsFolder).filter((name) => name.endsWith('.json'))).toHaveLength(1);
    const other = await runner.start({ ...definition, lock: 'set:2' }, async () => undefined);
    expect((await runner.wait(other.id)).status).toBe('succeeded');
    await runner.cancel(first.id);
    await runner.wait(first.id);
    const third = await runner.start({ ...definition, lock: 'set:1' }, async () => undefined);
    expect((await runner.wait(third.id)).status).toBe('succeeded');
  });
});

describe('jobs of another process', () => {
  it('are listed, told of, waited for and cancelled from here, and hold their target', async () => {
    const { newRunner, root, jobsFolder, locksFolder } = newPlace();
    const runner = newRunner();
    const told: Job[] = [];
    runner.onChange((job) => told.push(job));
    const owned = join(root, 'partial');
    const child = await startChild('run-job', jobsFolder, locksFolder, owned);
    const id = (await child.line('running ')).slice('running '.length);
    expect(await runner.list()).toMatchObject([{ id, status: 'running', origin: 'cli', processId: child.pid }]);
    await expect.poll(() => told.map((job) => job.id)).toContain(id);
    expect(await runner.readLog(id)).toContain('dumping shop');
    await expect(runner.start({ ...definition, lock: 'target' }, async () => undefined)).rejects.toMatchObject({
      error: { code: 'busy', message: expect.stringContaining(String(child.pid)) as string },
    });
    expect(await runner.recover()).toEqual([]);
    await runner.cancel(id);
    expect(await runner.wait(id)).toMatchObject({ status: 'cancelled' });
    await child.line('ended cancelled');
    expect(existsSync(owned)).toBe(false);
    await expect.poll(() => told[told.length - 1]?.status).toBe('cancelled');
    await runner.close();
    expect(readdirSync(jobsFolder).filter((name) => name.endsWith('.cancel'))).toEqual([]);
  });

  it('that were killed become interrupted, what they left is removed, and their target is free', async () => {
    const { newRunner, root, jobsFolder, locksFolder } = newPlace();
    const owned = join(root, 'partial');
    const child = await startChild('run-job', jobsFolder, locksFolder, owned);
    const id = (await child.line('running ')).slice('running '.length);
    await child.kill();
    expect(existsSync(join(owned, 'archive.gz'))).toBe(true);
    const [one, two] = [newRunner(), newRunner()];
    const recovered = (await Promise.all([one.recover(), two.recover()])).flat();
    expect(recovered).toMatchObject([{ id, status: 'interrupted', error: { code: 'interrupted' } }]);
    expect(existsSync(owned)).toBe(false);
    expect(await one.get(id)).toMatchObject({ status: 'interrupted' });
    const next = await one.start({ ...definition, lock: 'target' }, async () => undefined);
    expect((await one.wait(next.id)).status).toBe('succeeded');
    expect(await one.recover()).toEqual([]);
  });

  it('that is killed while it is waited for ends as interrupted', async () => {
    const { newRunner, root, jobsFolder, locksFolder } = newPlace();
    const runner = newRunner();
    const child = await startChild('run-job', jobsFolder, locksFolder, join(root, 'partial'));
    const id = (await child.line('running ')).slice('running '.length);
    const waiting = runner.wait(id);
    await child.kill();
    expect(await waiting).toMatchObject({ status: 'interrupted' });
  });
});

describe('the history', () => {
  it('forgets finished jobs and keeps running ones', async () => {
    const { newRunner, jobsFolder } = newPlace();
    const runner = newRunner();
    const done = await runner.start(definition, async (context) => context.log('x'));
    await runner.wait(done.id);
    const running = await runner.start(definition, untilAborted);
    await runner.clearFinished();
    expect((await runner.list()).map(({ id }) => id)).toEqual([running.id]);
    await expect(runner.get(done.id)).rejects.toMatchObject({ error: { code: 'not-found' } });
    await runner.close();
    expect(readdirSync(jobsFolder).some((name) => name.startsWith(done.id))).toBe(false);
  });

  it('survives a damaged record and refuses ids that are none', async () => {
    const { newRunner, jobsFolder } = newPlace();
    const runner = newRunner();
    writeFileSync(join(jobsFolder, '20260101T000000000Z-backup-aaaaaa.json'), '{');
    const job = await runner.start(definition, async () => undefined);
    await runner.wait(job.id);
    expect((await runner.list()).map(({ id }) => id)).toEqual([job.id]);
    await expect(runner.get('../../etc/passwd')).rejects.toMatchObject({ error: { code: 'not-found' } });
    await expect(runner.cancel('20260101T000000000Z-backup-bbbbbb')).rejects.toMatchObject({
      error: { code: 'not-found' },
    });
  });
});
