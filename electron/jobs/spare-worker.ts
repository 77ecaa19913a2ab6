/** Starting a worker thread takes a fifth of a second, most of it loading code: one that waits makes the next task begin at once. */
import { Worker } from 'node:worker_threads';

/** Milliseconds a thread waits for a task before it is ended, for its memory's sake. */
const patience = 30_000;

export class SpareWorker {
  readonly #workerFile: string;
  #waiting: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(workerFile: string) {
    this.#workerFile = workerFile;
  }

  /** A thread that waits for its start message: the prepared one, or a new one. */
  take(): Worker {
    const worker = this.#waiting ?? this.#start();
    this.#forget(worker);
    worker.removeAllListeners();
    worker.ref();
    return worker;
  }

  /** Sees to it that the next {@link SpareWorker.take} need not wait. Keeps no process alive. */
  prepare(): void {
    if (this.#isClosed) return;
    if (!this.#waiting) {
      const worker = this.#start();
      this.#waiting = worker;
      // One that fails is replaced by one whose failure its task is told of.
      worker.on('error', () => this.#forget(worker));
      worker.on('exit', () => this.#forget(worker));
      worker.unref();
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#end(), patience);
    this.#timer.unref();
  }

  #start(): Worker {
    return new Worker(this.#workerFile, { stdin: false });
  }

  #forget(worker: Worker): void {
    if (this.#waiting !== worker) return;
    this.#waiting = null;
    clearTimeout(this.#timer);
  }

  async #end(): Promise<void> {
    const worker = this.#waiting;
    if (!worker) return;
    this.#forget(worker);
    await worker.terminate();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }
}
