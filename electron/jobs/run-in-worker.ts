/** Runs heavy work in worker threads, so that windows never drop frames and a crash takes nothing else along. */
import type { MessagePort, Worker } from 'node:worker_threads';
import type { ProgressUpdate } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import { toAppError } from '../platform/failures';
import { endToolTree } from '../platform/live-tools';
import type { Logger } from '../platform/logger';
import { IdleWorkers } from './idle-workers';
import type { FromWorker, TaskStart, ToWorker } from './task';

export interface TaskRunnerOptions {
  /** The bundle of electron/worker/index.ts, unpacked (not inside an asar). */
  workerFile: string;
  /** Tasks beyond it wait for their turn. */
  maxWorkers: number;
  /** Gets the stacks of unexpected failures. */
  logger?: Logger;
  /** Milliseconds a cancelled task may take before its thread is ended; 10,000 by default. */
  graceMs?: number;
}

export interface TaskCallContext {
  signal?: AbortSignal;
  report?: (update: ProgressUpdate) => void;
  log?: (line: string) => void;
  /** What the task emits. */
  onEvent?: (event: unknown) => void;
  /** Ports in the input that move to the thread. */
  transfer?: readonly MessagePort[];
  /** Stays open and mostly waits: begins at once and keeps no other task waiting. */
  resident?: boolean;
}

export interface TaskRunner {
  /**
   * Runs a task of the registry in a thread that no other task has meanwhile. Rejects with the task's AppFailure;
   * 'cancelled' once `signal` was aborted and the task has settled or its thread was ended; 'internal' when the thread
   * crashed. No program the task started outlives it.
   */
  run<Input, Output>(taskName: string, input: Input, context?: TaskCallContext): Promise<Output>;
  /** Loads a thread, for when a task is about to come. */
  prepare(): void;
  /** Ends all threads. */
  close(): Promise<void>;
}

interface Turn {
  take(): void;
}

interface Outcome {
  output: unknown;
  /** Memory of the thread. */
  heldBytes: number;
}

/** Threads that hold more memory are ended with their task. */
const mostHeld = 256 * 1024 * 1024;

export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const workers = new Set<Worker>();
  const idle = new IdleWorkers(options.workerFile);
  const queue: Turn[] = [];
  let busy = 0;

  /** Resolves when a worker may be started; rejects when cancelled before. */
  async function turn(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) fail('cancelled', 'Cancelled.');
    if (busy < options.maxWorkers) {
      busy++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        queue.splice(queue.indexOf(entry), 1);
        reject(new AppFailure({ code: 'cancelled', message: 'Cancelled.' }));
      };
      const entry: Turn = {
        take: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      queue.push(entry);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  function release(): void {
    const next = queue.shift();
    if (next) next.take();
    else busy--;
  }

  return {
    async run<Input, Output>(taskName: string, input: Input, context: TaskCallContext = {}): Promise<Output> {
      if (!context.resident) await turn(context.signal);
      try {
        return (await runOnce(options, workers, idle, taskName, input, context)) as Output;
      } finally {
        if (!context.resident) release();
      }
    },
    prepare() {
      if (busy < options.maxWorkers) idle.prepare();
    },
    async close() {
      await Promise.all([idle.close(), ...[...workers].map((worker) => worker.terminate())]);
    },
  };
}

async function runOnce(
  options: TaskRunnerOptions,
  workers: Set<Worker>,
  idle: IdleWorkers,
  taskName: string,
  input: unknown,
  context: TaskCallContext,
): Promise<unknown> {
  const { signal } = context;
  const start: TaskStart = { task: taskName, input, cancelled: new SharedArrayBuffer(4) };
  const worker = idle.take();
  workers.add(worker);
  const tools = new Set<number>();
  let graceTimer: NodeJS.Timeout | undefined;
  let isReusable = false;
  const onAbort = (): void => {
    Atomics.store(new Int32Array(start.cancelled), 0, 1);
    const cancel: ToWorker = { type: 'cancel' };
    worker.postMessage(cancel);
    graceTimer ??= setTimeout(() => void worker.terminate(), options.graceMs ?? 10_000);
  };

  try {
    const begin: ToWorker = { type: 'start', start };
    worker.postMessage(begin, [...(context.transfer ?? [])]);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
    const { output, heldBytes } = await outcome(worker, options, taskName, context, tools);
    // A failed task may have left something behind, and so may one that a cancel reached.
    isReusable = heldBytes <= mostHeld && tools.size === 0 && graceTimer === undefined;
    return output;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    if (graceTimer) clearTimeout(graceTimer);
    await (isReusable ? idle.giveBack(worker) : worker.terminate());
    workers.delete(worker);
    for (const pid of tools) endToolTree(pid, 'SIGKILL');
  }
}

function outcome(
  worker: Worker,
  options: TaskRunnerOptions,
  taskName: string,
  context: TaskCallContext,
  tools: Set<number>,
): Promise<Outcome> {
  const logger = options.logger?.child({ task: taskName });
  let settled = false;
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      switch (message.type) {
        case 'report':
          context.report?.(message.update);
          break;
        case 'log':
          context.log?.(message.line);
          break;
        case 'event':
          context.onEvent?.(message.event);
          break;
        case 'tool':
          if (message.running) tools.add(message.pid);
          else tools.delete(message.pid);
          break;
        case 'done':
          settled = true;
          resolve(message);
          break;
        case 'failed': {
          settled = true;
          const { error, stack } = message;
          if (error.code === 'internal') logger?.error({ logReference: error.logReference, stack }, error.message);
          reject(new AppFailure(error));
          break;
        }
      }
    });
    const crashed = (error: unknown): void => {
      settled = true;
      reject(new AppFailure(toAppError(error, logger)));
    };
    worker.on('error', crashed);
    worker.on('messageerror', crashed);
    worker.on('exit', (code) => {
      if (settled) return;
      if (context.signal?.aborted) reject(new AppFailure({ code: 'cancelled', message: 'Cancelled.' }));
      else reject(new AppFailure(toAppError(new Error(`Task ${taskName} ended early (code ${code})`), logger)));
    });
  });
}
