import type { MongoClient } from 'mongodb';
import type { ProgressUpdate } from '../../shared/jobs';

export interface SeedContext {
  mongodPath: string;
  mongodVersion: string;
  /** For servers to work in; removed afterwards. */
  workFolder: string;
  signal: AbortSignal | undefined;
  report(update: ProgressUpdate): void;
}

/** Where the data of a new sandbox comes from. */
export interface SandboxSeed {
  /** Puts the files of a standalone server that was shut down in order into `dataFolder`, which is empty. */
  fill(dataFolder: string, context: SeedContext): Promise<void>;
  /** Adds what must be fresh, once the set takes writes. */
  finish(client: MongoClient, context: Pick<SeedContext, 'signal' | 'report'>): Promise<void>;
}
