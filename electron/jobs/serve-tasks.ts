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

/** Waits for tasks, runs one at a time and sends home how it ended. */
export function serveTasks(registry: TaskRegistry): void {
  if (!parentPort) throw new Error('Tasks run in worker threads only');
  const port = parentPort;
  const wait = (): void => {
    port.once('message', (message: ToWorker) => {
      if (message.type === 'start') serve(registry, port, message.start, wait);
      // A cancel that came too late.
      else wait();
    });
  };
  wait();
}

function heldBytes(): number {
  const { heapTotal, external } = process.memoryUsage();
  return heapTotal + external;
}

function serve(
  registry: TaskRegistry,
  port: MessagePort,
  { task: name, input, cancelled }: TaskStart,
  onDone: () => void,
): void {
  const send = (message: FromWorker): void => port.postMessage(message);
  const controller = new AbortController();
  const flag = new Int32Array(cancelled);
  listenToTools(({ pid, running }) => send({ type: 'tool', pid, running }));
  const onMessage = (message: ToWorker): void => {
    if (message.type === 'cancel') controller.abort();
  };
  port.on('message', onMessage);

  let lastReport = -Infinity;
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
    signal: controller.signal,
    isCancelled: () => Atomics.load(flag, 0) !== 0,
    report: (update) => {
      if (isOver) return;
      // What a skipped report said and this one leaves out still holds within the phase.
      waiting = waiting && waiting.phase === update.phase ? { ...waiting, ...update } : update;
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
    port.off('message', onMessage);
    onDone();
    send({ type: 'done', output, heldBytes: heldBytes() });
  };
  void run()
    .catch((error: unknown) => {
      flush();
      isOver = true;
      const stack = error instanceof Error && !(error instanceof AppFailure) ? (error.stack ?? null) : null;
      send({ type: 'failed', error: toAppError(error), stack });
    })
    // Without the listener nothing keeps the thread alive but what the task itself forgot.
    .finally(() => port.off('message', onMessage));
}
