/** The worker's side of run-in-worker.ts. */
import { performance } from 'node:perf_hooks';
import { parentPort, type MessagePort } from 'node:worker_threads';
import type { ProgressUpdate } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import { toAppError } from '../platform/failures';
import { listenToTools } from '../platform/live-tools';
import type { FromWorker, Task, TaskContext, TaskRegistry, TaskStart, ToWorker } from './task';

/** Milliseconds between two progress messages. */
const reportInterval = 50;

/** Waits for tasks, runs one at a time and sends home how it ended. The runner ends the thread. */
export function serveTasks(registry: TaskRegistry): void {
  if (!parentPort) throw new Error('Tasks run in worker threads only');
  const port = parentPort;
  let controller = new AbortController();
  port.on('message', (message: ToWorker) => {
    if (message.type === 'cancel') controller.abort();
    else {
      controller = new AbortController();
      serve(registry, port, message.start, controller.signal);
    }
  });
}

function heldBytes(): number {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external;
}

function serve(
  registry: TaskRegistry,
  port: MessagePort,
  { task: name, input, cancelled }: TaskStart,
  signal: AbortSignal,
): void {
  const send = (message: FromWorker): void => port.postMessage(message);
  const flag = new Int32Array(cancelled);
  listenToTools(({ pid, running }) => send({ type: 'tool', pid, running }));

  let lastReport = -Infinity;
  let lastPhase: string | null = null;
  let waiting: ProgressUpdate | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const flush = (): void => {
    if (timer) clearTimeout(timer);
    timer = undefined;
    if (!waiting) return;
    lastReport = performance.now();
    send({ type: 'report', update: waiting });
    waiting = null;
  };
  const context: TaskContext = {
    signal,
    isCancelled: () => Atomics.load(flag, 0) !== 0,
    report: (update) => {
      if (isOver) return;
      if (update.phase !== lastPhase) {
        // Whoever waits for a phase sees it, however short it is.
        flush();
        lastPhase = update.phase;
        waiting = update;
        flush();
        return;
      }
      // What a skipped report said and this one leaves out still holds within the phase.
      waiting = { ...waiting, ...update };
      const wait = lastReport + reportInterval - performance.now();
      if (wait <= 0) flush();
      else timer ??= setTimeout(flush, wait);
    },
    // What a task forgot to end must not speak for the next one.
    log: (line) => isOver || send({ type: 'log', line }),
    emit: (event) => isOver || send({ type: 'event', event }),
  };

  const run = async (): Promise<void> => {
    const task = Object.prototype.hasOwnProperty.call(registry, name) ? registry[name] : undefined;
    if (!task) fail('internal', `There is no task ${name}.`);
    const output = await (task as Task<unknown, unknown>)(input, context);
    flush();
    isOver = true;
    send({ type: 'done', output, heldBytes: heldBytes() });
  };
  void run().catch((error: unknown) => {
    flush();
    isOver = true;
    const stack = error instanceof Error && !(error instanceof AppFailure) ? (error.stack ?? null) : null;
    send({ type: 'failed', error: toAppError(error), stack });
  });
}
