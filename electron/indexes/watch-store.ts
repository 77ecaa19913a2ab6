/** Which indexes were hidden here, and how the collection was read then: kept until they are dropped or shown again. */
import { z } from 'zod';
import type { WatchedIndex } from '../../shared/indexes';
import { JsonStore } from '../platform/json-file';
import type { CollectionFacts } from './read-indexes';

const entrySchema = z.object({
  /** Equal for all connections that lead to the same deployment. */
  target: z.string(),
  ns: z.string(),
  name: z.string(),
  hiddenAt: z.string(),
  watchDays: z.number(),
  /** Counters of the collection's reads when it was hidden. */
  reads: z.number().nullable(),
  readMicroseconds: z.number().nullable(),
});
type Entry = z.infer<typeof entrySchema>;

const fileSchema = z.object({ formatVersion: z.literal(1), watched: z.array(entrySchema) });

/** Days an index should be watched while it is hidden. */
export const watchDays = 7;
const dayMs = 86_400_000;
/** Slower than that, and something may miss it. */
const slower = 1.5;

export class WatchStore {
  private readonly store: JsonStore<z.infer<typeof fileSchema>>;

  constructor(path: string) {
    this.store = new JsonStore({
      path,
      schema: fileSchema,
      absent: () => ({ formatVersion: 1 as const, watched: [] }),
    });
  }

  async hidden(target: string, ns: string, name: string, facts: CollectionFacts | null): Promise<void> {
    const entry: Entry = {
      target,
      ns,
      name,
      hiddenAt: new Date().toISOString(),
      watchDays,
      reads: facts?.operations?.reads ?? null,
      readMicroseconds: facts?.operations?.readMicroseconds ?? null,
    };
    await this.change(target, ns, name, entry);
  }

  async forget(target: string, ns: string, name: string): Promise<void> {
    await this.change(target, ns, name, null);
  }

  /** By `ns name`. */
  async watched(
    target: string,
    collections: readonly CollectionFacts[],
    now = Date.now(),
  ): Promise<Map<string, WatchedIndex>> {
    const { watched } = await this.store.read();
    const found = new Map<string, WatchedIndex>();
    for (const entry of watched) {
      if (entry.target !== target) continue;
      const facts = collections.find(({ ns }) => ns === entry.ns);
      if (facts) found.set(`${entry.ns} ${entry.name}`, judge(entry, facts, now));
    }
    return found;
  }

  close(): void {
    this.store.close();
  }

  private async change(target: string, ns: string, name: string, entry: Entry | null): Promise<void> {
    await this.store.update((file) => {
      const others = file.watched.filter((each) => each.target !== target || each.ns !== ns || each.name !== name);
      return { ...file, watched: entry ? [...others, entry] : others };
    });
  }
}

function judge(entry: Entry, { operations }: CollectionFacts, now: number): WatchedIndex {
  const before = mean(entry.readMicroseconds, entry.reads);
  // A server that started anew counts from nothing.
  const goesOn = operations !== null && entry.reads !== null && operations.reads >= entry.reads;
  const since = goesOn
    ? mean(operations.readMicroseconds - (entry.readMicroseconds ?? 0), operations.reads - (entry.reads ?? 0))
    : mean(operations?.readMicroseconds ?? null, operations?.reads ?? null);
  const long = now - Date.parse(entry.hiddenAt) >= entry.watchDays * dayMs;
  return {
    hiddenAt: entry.hiddenAt,
    watchDays: entry.watchDays,
    readMsBefore: before,
    readMsSince: since,
    readyToDrop: long && !(before !== null && since !== null && since > before * slower),
  };
}

function mean(microseconds: number | null, count: number | null): number | null {
  return microseconds === null || !count ? null : microseconds / count / 1000;
}
