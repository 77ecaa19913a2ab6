/** What runs in a worker thread, and the messages between it and its runner. */
import type { ProgressUpdate } from '../../shared/jobs';
import type { AppError } from '../../shared/result';

export interface TaskContext {
  signal: AbortSignal;
  /** For loops that never return to the event loop, where `signal` cannot fire: true once cancelled. */
  isCancelled(): boolean;
  /** As often as it likes: at most 20 a second leave the worker, and the last one always does. */
  report(update: ProgressUpdate): void;
  log(line: string): void;
  /** Anything that can be cloned, handed to the runner's `onEvent`. */
  emit(event: unknown): void;
}

/** Heavy work, free of UI, Electron and of the other services; input and output must be cloneable. */
export type Task<Input, Output> = (input: Input, context: TaskContext) => Promise<Output>;

/**
 * Tasks by name (`'backup.dump': dumpTask`). Inputs come from the same program's taskRunner.run(), which names the types;
 * `never` lets tasks of every input type stand in one record.
 */
export type TaskRegistry = Readonly<Record<string, Task<never, unknown>>>;

/** What a thread is told to do. */
export interface TaskStart {
  task: string;
  input: unknown;
  /** One Int32: 1 once cancelled. */
  cancelled: SharedArrayBuffer;
}

/** A start comes first, and another one only after the task before has ended well. */
export type ToWorker = { type: 'start'; start: TaskStart } | { type: 'cancel' };

export type FromWorker =
  | { type: 'report'; update: ProgressUpdate }
  | { type: 'log'; line: string }
  | { type: 'event'; event: unknown }
  /** A program the task started or that ended. */
  | { type: 'tool'; pid: number; running: boolean }
  /** `heldBytes`: memory of the thread. */
  | { type: 'done'; output: unknown; heldBytes: number }
  | { type: 'failed'; error: AppError; stack: string | null };
