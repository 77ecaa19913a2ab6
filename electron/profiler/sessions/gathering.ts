/** What a source gathers into: the columns of a capture, its commands, and what is to be told of it. */
import type { Operation } from '../../../shared/profiler';
import type { CommandSpool } from './command-spool';
import type { OperationColumns } from './operation-columns';

export class Gathering {
  readonly #notes = new Set<string>();
  readonly #stop = new AbortController();

  constructor(
    readonly operations: OperationColumns,
    readonly commands: CommandSpool,
    private readonly onChange: () => void,
  ) {}

  /** Aborted when the gathering is to end; what there is by then is kept. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  stop(): void {
    this.#stop.abort();
  }

  add(operations: readonly Operation[], host: string | null): void {
    for (const operation of operations) {
      const { commandText, shapeId, durationMs } = operation;
      this.operations.add(operation, host, this.commands.keep(commandText, shapeId, durationMs));
    }
    if (operations.length > 0) this.onChange();
  }

  /** A sentence for whoever looks at the capture; the same one is told once. */
  note(text: string): void {
    this.#notes.add(text);
  }

  notes(): string[] {
    const { dropped } = this.commands;
    return [
      ...this.#notes,
      ...(dropped > 0 ? [`The commands of ${dropped} operations were not kept: there were too many.`] : []),
    ];
  }

  /** Until `milliseconds` are over, or the gathering is to end. */
  async pause(milliseconds: number): Promise<void> {
    const { stopped } = this;
    if (stopped.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        stopped.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      stopped.addEventListener('abort', end);
    });
  }
}
