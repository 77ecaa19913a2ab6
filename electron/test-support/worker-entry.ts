/** Tasks of tests for run-in-worker.ts. */
import { threadId } from 'node:worker_threads';
import { serveTasks } from '../jobs/serve-tasks';
import type { Task, TaskRegistry } from '../jobs/task';
import { fail } from '../../shared/result';
import { startTool } from '../platform/spawn-tool';

const add: Task<{ a: number; b: number }, number> = async ({ a, b }, context) => {
  context.report({ phase: 'Adding', documentsDone: 1 });
  context.log(`adding ${a} and ${b}`);
  context.emit({ sum: a + b });
  return a + b;
};

const failInOrder: Task<null, never> = async () =>
  fail('archive-damaged', 'Block 7 is damaged.', 'Use another backup.');

const crash: Task<null, never> = async () => {
  throw new TypeError('no such property of mongodb://u:secret@h/');
};

const exit: Task<null, never> = async () => process.exit(3);

const uncaught: Task<null, void> = async () => {
  setTimeout(() => {
    throw new Error('thrown from nowhere');
  }, 5);
  await new Promise((resolve) => setTimeout(resolve, 10_000));
};

const reportOften: Task<{ times: number }, void> = async ({ times }, context) => {
  for (let turn = 1; turn <= times; turn++) {
    context.report(turn === 1 ? { phase: 'Reading', bytesTotal: times } : { phase: 'Reading', bytesDone: turn });
    if (turn % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
};

const waitForCancel: Task<null, void> = async (_input, { signal }) => {
  await new Promise<void>((_resolve, reject) => {
    const timer = setTimeout(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
    });
  });
};

const spinUntilCancelled: Task<null, void> = async (_input, context) => {
  context.log('spinning');
  while (!context.isCancelled()) Math.random();
  fail('cancelled', 'Cancelled.');
};

/** Ignores every cancel, holding a program of its own. */
const stubborn: Task<null, void> = async (_input, context) => {
  const tool = startTool({ path: '/bin/sleep', args: ['300'] });
  context.emit({ pid: tool.pid });
  await tool.done;
};

const forgetful: Task<null, number> = async () => startTool({ path: '/bin/sleep', args: ['300'] }).pid;

/** Answers with the number of its thread, as the next two do. */
const thread: Task<null, number> = async () => threadId;

const talksOn: Task<null, number> = async (_input, context) => {
  setInterval(() => {
    context.report({ phase: 'Ghost' });
    context.log('ghost');
    context.emit('ghost');
  }, 5);
  return threadId;
};

const lingers: Task<null, number> = async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return threadId;
};

const registry = {
  add,
  failInOrder,
  crash,
  exit,
  uncaught,
  reportOften,
  waitForCancel,
  spinUntilCancelled,
  stubborn,
  forgetful,
  thread,
  talksOn,
  lingers,
} satisfies TaskRegistry;

serveTasks(registry);
