/** Commands on collections as steps that go on through elections and lost answers; what the server refuses is noted. */
import type { Document, MongoClient } from 'mongodb';
import { parseNamespace } from '../../../shared/namespaces';
import { codeOf, isPassing, messageOf, pause, requireWriteConcern } from './server-errors';

export interface MetadataFailure {
  ns: string;
  message: string;
}

export interface CommandStepsOptions {
  /** Wait until a majority has each change. */
  replicated: boolean;
  /** An earlier run was cut off: what is found done was done by it. */
  resumed: boolean;
  signal: AbortSignal;
  log(line: string): void;
}

export const namespaceExists = 48;
export const namespaceNotFound = 26;

/** An election takes seconds; between attempts the driver waits for a primary, too. */
const mostAttempts = 12;

export class CommandSteps {
  readonly client: MongoClient;
  readonly options: CommandStepsOptions;
  readonly failures: MetadataFailure[] = [];

  constructor(client: MongoClient, options: CommandStepsOptions) {
    this.client = client;
    this.options = options;
  }

  /**
   * Runs one step until it is through. A refusal by the server is noted and returns false; a lost connection is thrown.
   * The codes `done` say that there is nothing to do: on a second attempt because the first one did it.
   */
  async run(
    ns: string,
    what: string,
    work: () => Promise<unknown>,
    done: readonly number[] = [],
    note = true,
  ): Promise<boolean> {
    const { signal, resumed, log } = this.options;
    for (let attempt = 0; ; attempt++) {
      try {
        await work();
        return true;
      } catch (error) {
        const code = codeOf(error);
        if (code !== null && done.includes(code)) return attempt > 0 || resumed;
        if (isPassing(error) && attempt < mostAttempts && !signal.aborted) {
          log(`${ns}: ${messageOf(error)}: trying again`);
          await pause(attempt, signal);
          continue;
        }
        if (code === null) throw error;
        if (note) this.failures.push({ ns, message: `${what}: ${messageOf(error)}` });
        return false;
      }
    }
  }

  /** A command on the collection `ns`, with the write concern that the deployment has. Throws what the server refuses. */
  async command(ns: string, make: (collection: string) => Document): Promise<void> {
    const parsed = parseNamespace(ns);
    if (!parsed) throw new RangeError(`${ns} is not a namespace.`);
    await this.#send(parsed.database, make(parsed.collection));
  }

  /** Moves a collection to a name of its database that nothing bears. Throws what the server refuses. */
  async rename(from: string, to: string): Promise<void> {
    await this.#send('admin', { renameCollection: from, to });
  }

  async #send(database: string, command: Document): Promise<void> {
    const writeConcern = this.options.replicated ? { writeConcern: { w: 'majority' } } : {};
    requireWriteConcern(await this.client.db(database).command({ ...command, ...writeConcern }));
  }
}
