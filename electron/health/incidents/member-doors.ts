/** Members to be asked while a page is put together: a client each, opened with the first question, closed with the page. */
import { MongoClient } from 'mongodb';
import type { MemberAddresses } from '../../connections/member-addresses';
import { withinLimit } from '../sampler/member-reader';

export class MemberDoors {
  readonly #addresses: () => Promise<MemberAddresses>;
  readonly #limitMs: number;
  readonly #clients = new Map<string, Promise<MongoClient>>();
  #known: Promise<MemberAddresses> | null = null;

  constructor(addresses: () => Promise<MemberAddresses>, limitMs: number) {
    this.#addresses = addresses;
    this.#limitMs = limitMs;
  }

  /** Rejects within the limit when the member does not answer. */
  async ask<T>(host: string, question: (client: MongoClient) => Promise<T>): Promise<T> {
    const answer = this.#client(host).then(question);
    return withinLimit(answer, this.#limitMs, host);
  }

  command(host: string, command: Record<string, unknown>, database = 'admin'): Promise<unknown> {
    return this.ask(host, (client) => client.db(database).command(command));
  }

  /** Also of clients that are still being opened; waits for nobody. */
  close(): void {
    for (const opening of this.#clients.values())
      opening.then(
        (client) => void client.close(true).catch(() => undefined),
        () => undefined,
      );
  }

  #client(host: string): Promise<MongoClient> {
    const known = this.#clients.get(host);
    if (known) return known;
    this.#known ??= this.#addresses();
    const opening = this.#known.then(async ({ uriOf, direct, seeds }) => {
      // Of a connection to one member alone the address as the user wrote it: its own name may not be known here.
      const uri = uriOf(direct ? (seeds[0] ?? host) : host);
      const client = new MongoClient(uri, {
        appName: 'Lifeboat health',
        serverSelectionTimeoutMS: this.#limitMs,
        connectTimeoutMS: this.#limitMs,
        maxPoolSize: 3,
        serverMonitoringMode: 'poll',
        retryReads: false,
      });
      try {
        return await client.connect();
      } catch (error) {
        await client.close(true).catch(() => undefined);
        throw error;
      }
    });
    opening.catch(() => undefined);
    this.#clients.set(host, opening);
    return opening;
  }
}
