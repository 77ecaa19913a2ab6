/** Which runs of mongodump read the live side: pure. */
import type { DumpRun } from '../backup/plan-dump';
import { joinBytes } from './hash-join';

export interface RunNamespace {
  /** Number of the namespace within the comparison. */
  index: number;
  database: string;
  /** As the user knows it: mongodump finds a time series' buckets by itself. */
  collection: string;
  /** The larger of both sides' documents. */
  documents: number;
}

export interface LiveRun {
  run: DumpRun;
  namespaces: RunNamespace[];
}

/** Up to so many small collections of a database, each gets a process; more share one that leaves the others out. */
const mostAlone = 3;
/** Documents from which a collection is read by a process of its own. */
const largeCollection = 200_000;
const longestExclusion = 24_000;

function oneRun(part: Partial<DumpRun>): DumpRun {
  return {
    database: null,
    collection: null,
    query: null,
    exclude: [],
    usersAndRoles: false,
    oplog: false,
    parallelCollections: 1,
    ...part,
  };
}

/** Collections that a run reads at the same time at most; more would wait for the one thread that looks at them. */
const mostTogether = 4;

/**
 * Large collections alone, the largest first, so that the longest read begins at once; small ones of a database together,
 * in between, so that they do not wait for all large ones. `others`: collections of each database that are not compared.
 * `budget`: bytes of memory a run's joins may take. `slots`: collections read at the same time by all runs.
 */
export function planLiveRuns(
  namespaces: readonly RunNamespace[],
  others: ReadonlyMap<string, readonly string[]>,
  budget: number,
  slots: number,
): LiveRun[] {
  const alone: LiveRun[] = [];
  const together: LiveRun[] = [];
  const databases = new Map<string, RunNamespace[]>();
  const parallelCollections = Math.min(mostTogether, Math.max(1, slots >> 1));
  const single = (namespace: RunNamespace): LiveRun => ({
    run: oneRun({ database: namespace.database, collection: namespace.collection }),
    namespaces: [namespace],
  });
  for (const namespace of namespaces) {
    if (namespace.documents >= largeCollection) alone.push(single(namespace));
    else databases.set(namespace.database, [...(databases.get(namespace.database) ?? []), namespace]);
  }
  for (const [database, small] of databases) {
    const exclude = [
      ...(others.get(database) ?? []),
      ...alone.filter(({ run }) => run.database === database).map(({ run }) => run.collection ?? ''),
    ];
    const bytes = small.reduce((sum, { documents }) => sum + joinBytes(documents), 0);
    const tooMany = Buffer.byteLength(exclude.join('')) > longestExclusion;
    if (small.length <= mostAlone || tooMany || bytes > budget) together.push(...small.map(single));
    else together.push({ run: oneRun({ database, exclude, parallelCollections }), namespaces: small });
  }
  alone.sort((a, b) => (b.namespaces[0]?.documents ?? 0) - (a.namespaces[0]?.documents ?? 0));
  const runs: LiveRun[] = [];
  for (let at = 0; at < Math.max(alone.length, together.length); at++) {
    runs.push(...alone.slice(at, at + 1), ...together.slice(at, at + 1));
  }
  return runs;
}
