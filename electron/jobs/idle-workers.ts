/**
 * Worker threads between tasks. Starting one takes a fifth of a second, most of it loading code, and its code runs slowly
 * until it has run often: a restore of some thousand documents spent most of its processor time on that. So a thread that
 * ended its task well takes the next one.
 */
import { Worker } from 'node:worker_threads';

/** Milliseconds a thread waits for a task before it is ended, for its memory's sake. */
const patience = 30_000;
const mostIdle = 2;

/** Ours only: Node hears by some of its own whether anybody listens. */
function removeListeners(worker: Worker): void {
  for (const event of ['message', 'messageerror', 'error', 'exit']) worker.removeAllListeners(event);
}

interface Idle {
  worker: Worker;
  timer: NodeJS.Timeout;
}

export class IdleWorkers {
  readonly #workerFile: string;
  /** The one that waits longest first. */
  readonly #idle: Idle[] = [];
  #isClosed = false;

  constructor(workerFile: string) {
    this.#workerFile = workerFile;
  }

  /** A thread that waits for a start message: one that has worked before, or a new one. */
  take(): Worker {
    const idle = this.#idle.pop();
    if (!idle) return this.#start();
    clearTimeout(idle.timer);
    removeListeners(idle.worker);
    idle.worker.ref();
    return idle.worker;
  }

  /** Takes back a thread whose task ended well and left nothing behind. Keeps no process alive. */
  async giveBack(worker: Worker): Promise<void> {
    removeListeners(worker);
    if (this.#isClosed || this.#idle.length >= mostIdle) {
      await worker.terminate();
      return;
    }
    worker.unref();
    const timer = setTimeout(() => void this.#end(worker), patience);
    timer.unref();
    // One that fails is replaced by one whose failure its task is told of.
    worker.on('error', () => this.#forget(worker));
    worker.on('exit', () => this.#forget(worker));
    this.#idle.push({ worker, timer });
  }

  /** Sees to it that the next {@link IdleWorkers.take} need not wait for a thread to load. */
  prepare(): void {
    if (!this.#isClosed && this.#idle.length === 0) void this.giveBack(this.#start());
  }

  #start(): Worker {
    return new Worker(this.#workerFile, { stdin: false });
  }

  #forget(worker: Worker): void {
    const at = this.#idle.findIndex((idle) => idle.worker === worker);
    if (at < 0) return;
    clearTimeout(this.#idle[at]?.timer);
    this.#idle.splice(at, 1);
  }

  async #end(worker: Worker): Promise<void> {
    this.#forget(worker);
    await worker.terminate();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#idle.map(({ worker }) => worker).map((worker) => this.#end(worker)));
  }
}
