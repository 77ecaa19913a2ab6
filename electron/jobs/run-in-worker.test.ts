import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identifyProcess } from '../platform/process-identity';
import { bundleWorker } from '../test-support/bundle-worker';
import { temporaryFolder } from '../test-support/temporary-folder';
import { createTaskRunner, type TaskRunner } from './run-in-worker';

let workerFile: string;
let tasks: TaskRunner;

beforeAll(async () => {
  const here = dirname(fileURLToPath(import.meta.url));
  workerFile = await bundleWorker(join(here, '../test-support/worker-entry.ts'), temporaryFolder());
  tasks = createTaskRunner({ workerFile, maxWorkers: 2, graceMs: 400 });
});
afterAll(() => tasks.close());

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as { error: unknown }).error,
  );

describe('a task', () => {
  it('answers, reports, logs and emits', async () => {
    const heard: unknown[] = [];
    const sum = await tasks.run<{ a: number; b: number }, number>(
      'add',
      { a: 2, b: 3 },
      {
        report: (update) => heard.push(update),
        log: (line) => heard.push(line),
        onEvent: (event) => heard.push(event),
      },
    );
    expect(sum).toBe(5);
    expect(heard).toEqual([{ phase: 'Adding', documentsDone: 1 }, 'adding 2 and 3', { sum: 5 }]);
  });

  it('fails with what it said', async () => {
    expect(await codeOf(tasks.run('failInOrder', null))).toEqual({
      code: 'archive-damaged',
      message: 'Block 7 is damaged.',
      hint: 'Use another backup.',
    });
  });

  it('that crashes is an internal failure without secrets, and takes nothing along', async () => {
    for (const name of ['crash', 'exit', 'uncaught', 'no-such-task', 'toString']) {
      const error = await codeOf(tasks.run(name, null));
      expect(error).toMatchObject({ code: 'internal' });
      expect(JSON.stringify(error)).not.toContain('secret');
    }
    expect(await tasks.run('add', { a: 1, b: 1 })).toBe(2);
  });

  it('reports often without flooding, and the last report arrives with all that held before', async () => {
    const updates: unknown[] = [];
    await tasks.run('reportOften', { times: 50_000 }, { report: (update) => updates.push(update) });
    expect(updates.length).toBeLessThan(60);
    expect(updates[updates.length - 1]).toMatchObject({ phase: 'Reading', bytesDone: 50_000 });
    expect(updates[0]).toMatchObject({ bytesTotal: 50_000 });
  });

  it('waits for its turn when all workers are taken', async () => {
    const controllers = [new AbortController(), new AbortController(), new AbortController()];
    const waiting = controllers.map(({ signal }) => codeOf(tasks.run('waitForCancel', null, { signal })));
    const added = tasks.run('add', { a: 4, b: 4 });
    controllers[2]?.abort();
    expect(await waiting[2]).toMatchObject({ code: 'cancelled' });
    controllers[0]?.abort();
    expect(await added).toBe(8);
    controllers[1]?.abort();
    await Promise.all(waiting);
  });
});

describe('a cancelled task', () => {
  it('stops by its signal', async () => {
    const controller = new AbortController();
    const running = codeOf(tasks.run('waitForCancel', null, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 100);
    expect(await running).toMatchObject({ code: 'cancelled' });
  });

  it('stops in a loop that never returns to the event loop', async () => {
    const controller = new AbortController();
    const log = (): void => controller.abort();
    expect(await codeOf(tasks.run('spinUntilCancelled', null, { signal: controller.signal, log }))).toMatchObject({
      code: 'cancelled',
    });
  });

  it('that does not stop is ended after the grace, with the programs it started', async () => {
    const controller = new AbortController();
    let pid = 0;
    const onEvent = (event: unknown): void => {
      pid = (event as { pid: number }).pid;
      controller.abort();
    };
    const started = Date.now();
    expect(await codeOf(tasks.run('stubborn', null, { signal: controller.signal, onEvent }))).toMatchObject({
      code: 'cancelled',
    });
    expect(Date.now() - started).toBeLessThan(3000);
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => identifyProcess(pid)).toBeNull();
  });

  it('never starts when it was cancelled before', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await codeOf(tasks.run('add', { a: 1, b: 1 }, { signal: controller.signal }))).toMatchObject({
      code: 'cancelled',
    });
  });
});

it('no program a task forgot outlives it', async () => {
  const pid = await tasks.run<null, number>('forgetful', null);
  await expect.poll(() => identifyProcess(pid)).toBeNull();
});

describe('a thread', () => {
  it('takes the next task after one that ended well', async () => {
    const own = createTaskRunner({ workerFile, maxWorkers: 2 });
    try {
      const first = await own.run<null, number>('thread', null);
      expect(await own.run<null, number>('thread', null)).toBe(first);
    } finally {
      await own.close();
    }
  });

  it('is not used again after a failure, a cancel, or a program left behind', async () => {
    const own = createTaskRunner({ workerFile, maxWorkers: 1, graceMs: 400 });
    const seen = new Set<number>();
    try {
      for (const name of ['failInOrder', 'crash', 'forgetful', 'exit']) {
        seen.add(await own.run<null, number>('thread', null));
        await codeOf(own.run(name, null));
      }
      const controller = new AbortController();
      seen.add(await own.run<null, number>('thread', null));
      await codeOf(own.run('spinUntilCancelled', null, { signal: controller.signal, log: () => controller.abort() }));
      seen.add(await own.run<null, number>('thread', null));
      expect(seen.size).toBe(6);
    } finally {
      await own.close();
    }
  });

  it('says nothing in the name of a task that has ended', async () => {
    const own = createTaskRunner({ workerFile, maxWorkers: 1 });
    const heard: unknown[] = [];
    const listeners = {
      report: (update: unknown) => heard.push(update),
      log: (line: string) => heard.push(line),
      onEvent: (event: unknown) => heard.push(event),
    };
    try {
      const first = await own.run<null, number>('talksOn', null);
      expect(await own.run<null, number>('lingers', null, listeners)).toBe(first);
      expect(heard).toEqual([]);
    } finally {
      await own.close();
    }
  });
});
