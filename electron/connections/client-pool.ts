/** MongoClients shared by the uses of one connection, closed when nobody used them for a while. */
import { MongoClient, type MongoClientOptions } from 'mongodb';

export interface PooledClient {
  client: MongoClient;
  release(): void;
}

interface Entry {
  client: MongoClient;
  connecting: Promise<MongoClient>;
  users: number;
  idle: NodeJS.Timeout | null;
}

/** Options Lifeboat sets on every client; limits that the connection string names itself are kept. */
export function clientOptions(uri: string, selectionMs: number): MongoClientOptions {
  const named = (name: string): boolean => new RegExp(`[?&]${name}=`, 'i').test(uri);
  return {
    appName: 'Lifeboat',
    // What servers say may quote a document: bytes that are no UTF-8 in it must not hide the answer.
    enableUtf8Validation: false,
    ...(named('serverSelectionTimeoutMS') ? {} : { serverSelectionTimeoutMS: selectionMs }),
    ...(named('connectTimeoutMS') ? {} : { connectTimeoutMS: selectionMs }),
  };
}

export class ClientPool {
  private readonly entries = new Map<string, Entry>();
  private readonly idleMs: number;
  private closed = false;

  /** `idleMs`: how long an unused client stays open. */
  constructor(idleMs = 60_000) {
    this.idleMs = idleMs;
  }

  /** A connected client for `uri`; driver errors pass through. Release it when done. */
  async acquire(uri: string): Promise<PooledClient> {
    if (this.closed) throw new Error('The client pool is closed');
    const entry = this.entries.get(uri) ?? this.open(uri);
    entry.users += 1;
    if (entry.idle) clearTimeout(entry.idle);
    entry.idle = null;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      entry.users -= 1;
      if (entry.users === 0) this.closeWhenIdle(uri, entry);
    };
    try {
      return { client: await entry.connecting, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Closes the clients of a connection that was changed or removed, those in use too. */
  async drop(uri: string): Promise<void> {
    const entry = this.entries.get(uri);
    if (entry) await this.end(uri, entry);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.entries].map(([uri, entry]) => this.end(uri, entry)));
  }

  private open(uri: string): Entry {
    const client = new MongoClient(uri, clientOptions(uri, 10_000));
    const entry: Entry = { client, connecting: client.connect(), users: 0, idle: null };
    this.entries.set(uri, entry);
    // The next use must try anew.
    entry.connecting.catch(() => void this.end(uri, entry));
    return entry;
  }

  private closeWhenIdle(uri: string, entry: Entry): void {
    if (this.entries.get(uri) !== entry) return;
    entry.idle = setTimeout(() => void this.end(uri, entry), this.idleMs);
    entry.idle.unref();
  }

  private async end(uri: string, entry: Entry): Promise<void> {
    if (entry.idle) clearTimeout(entry.idle);
    if (this.entries.get(uri) === entry) this.entries.delete(uri);
    await entry.client.close().catch(() => undefined);
  }
}
