/** A client that writes and reads all the time, as an application does, and notes what comes of it. */
import { MongoError, MongoServerError, type Collection } from 'mongodb';
import { pause } from '../waiting';

export interface ProbeDocument {
  _id: string;
  at: Date;
}

export interface LoopTally {
  acknowledged: readonly string[];
  writesFailed: number;
  reads: number;
  readsFailed: number;
  /** Longest time between two answers since {@link ClientLoop.mark}; until now where none came any more. */
  writeGap: Gap;
  readGap: Gap;
  /** Longest time that one write or read took since then. */
  longestWriteMs: number;
  longestReadMs: number;
  errors: { name: string; count: number }[];
  /** By the clock of `performance.now()`, after the mark. */
  firstWriteFailureAt: number | null;
  firstReadFailureAt: number | null;
  firstWriteError: string | null;
  firstReadError: string | null;
}

export interface Gap {
  /** By the clock of `performance.now()`; null while there was none. */
  from: number | null;
  ms: number;
  /** No answer has ended it. */
  open: boolean;
}

/** One kind of question, asked again and again. */
class Asking {
  answers = 0;
  failures = 0;
  longestGap: Gap = { from: null, ms: 0, open: false };
  longestMs = 0;
  firstFailureAt: number | null = null;
  firstError: string | null = null;
  /** When the question was put that was answered last. */
  lastAnsweredFrom = 0;
  private lastAnswerAt: number | null = null;
  private marked = false;

  constructor(private readonly errors: Map<string, number>) {}

  mark(): void {
    this.marked = true;
  }

  answered(began: number, ended: number): void {
    this.answers += 1;
    if (this.marked) {
      this.longestMs = Math.max(this.longestMs, ended - began);
      this.longestGap = { ...this.gap(ended), open: false };
    }
    this.lastAnswerAt = ended;
    this.lastAnsweredFrom = began;
  }

  failed(began: number, ended: number, error: unknown): void {
    this.failures += 1;
    const name = nameOf(error);
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1);
    if (!this.marked) return;
    this.longestMs = Math.max(this.longestMs, ended - began);
    this.firstFailureAt ??= ended;
    this.firstError ??= name;
  }

  /** The longest so far, that since the last answer included, in case none comes any more. */
  gap(now: number): Gap {
    const open = this.marked && this.lastAnswerAt !== null ? now - this.lastAnswerAt : 0;
    return open > this.longestGap.ms ? { from: this.lastAnswerAt, ms: open, open: true } : this.longestGap;
  }
}

/** The server's name of its code where there is one, else the driver's. */
export function nameOf(error: unknown): string {
  if (error instanceof MongoServerError && error.codeName !== undefined && error.codeName !== '') return error.codeName;
  if (error instanceof MongoError) return error.name;
  return error instanceof Error ? error.name : 'Error';
}

export interface ClientLoopOptions {
  collection: Collection<ProbeDocument>;
  /** Begins the `_id`s of its documents. */
  tag: string;
  everyMs: number;
}

export class ClientLoop {
  private readonly acknowledged: string[] = [];
  private readonly errors = new Map<string, number>();
  private readonly writes = new Asking(this.errors);
  private readonly reads = new Asking(this.errors);
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: ClientLoopOptions) {}

  start(): void {
    this.running = Promise.all([this.write(), this.read()]);
  }

  /** From now on gaps and durations count: the moment of the step-down. */
  mark(): void {
    this.writes.mark();
    this.reads.mark();
  }

  /** Resolves when the last question is answered. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Whether a write and a read were answered that began after that moment. */
  isServedSince(moment: number): boolean {
    return this.writes.lastAnsweredFrom >= moment && this.reads.lastAnsweredFrom >= moment;
  }

  tally(): LoopTally {
    const now = performance.now();
    return {
      acknowledged: this.acknowledged,
      writesFailed: this.writes.failures,
      reads: this.reads.answers,
      readsFailed: this.reads.failures,
      writeGap: this.writes.gap(now),
      readGap: this.reads.gap(now),
      longestWriteMs: this.writes.longestMs,
      longestReadMs: this.reads.longestMs,
      errors: [...this.errors].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count),
      firstWriteFailureAt: this.writes.firstFailureAt,
      firstReadFailureAt: this.reads.firstFailureAt,
      firstWriteError: this.writes.firstError,
      firstReadError: this.reads.firstError,
    };
  }

  private async write(): Promise<void> {
    const { collection, tag } = this.options;
    for (let number = 0; !this.stopped; number++) {
      const _id = `${tag}-${number}`;
      await this.ask(this.writes, async () => {
        await collection.insertOne({ _id, at: new Date() });
        this.acknowledged.push(_id);
      });
    }
  }

  private async read(): Promise<void> {
    while (!this.stopped) await this.ask(this.reads, () => this.options.collection.findOne({}));
  }

  private async ask(asking: Asking, question: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    try {
      await question();
      asking.answered(began, performance.now());
    } catch (error) {
      asking.failed(began, performance.now(), error);
    }
    await pause(Math.max(1, this.options.everyMs - (performance.now() - began)));
  }
}
