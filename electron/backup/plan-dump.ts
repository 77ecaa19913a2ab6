/** From what was asked for to the mongodump runs that make it: pure. */
import { EJSON } from 'bson';
import type { BackupScope } from '../../shared/backups';
import type { CollectionInfo, Deployment } from '../../shared/connections';
import { formatNamespace, parseNamespace } from '../../shared/namespaces';
import { fail } from '../../shared/result';

/** One run of mongodump: the whole deployment (`database` null), a database, or a collection. */
export interface DumpRun {
  database: string | null;
  collection: string | null;
  /** Canonical Extended JSON text for --queryFile. */
  query: string | null;
  /** Collections of `database` to leave out. */
  exclude: string[];
  usersAndRoles: boolean;
  oplog: boolean;
  parallelCollections: number;
}

/**
 * Which namespaces of the runs reach the archive. A database's own users and roles (`shop.$admin.system.users`) follow
 * their database. Plain data: it crosses into the worker.
 */
export type NamespaceFilter =
  | { kind: 'all' }
  | { kind: 'without'; namespaces: string[] }
  | { kind: 'databases'; databases: string[] }
  | { kind: 'namespaces'; namespaces: string[] };

export interface DumpPlan {
  runs: DumpRun[];
  filter: NamespaceFilter;
  oplog: boolean;
  usersAndRoles: boolean;
  /** Everything that must be in the archive, by its name to the user. */
  collections: CollectionInfo[];
  /** Why the backup is less than one might expect: shown before, kept in the manifest. */
  notes: string[];
}

export interface PlanInput {
  scope: BackupScope;
  /** null: with oplog where it can be had. */
  oplog: boolean | null;
  usersAndRoles: boolean;
  parallelCollections: number;
  deployment: Pick<Deployment, 'topology'>;
  /** What the deployment holds now, `local` left out. */
  collections: readonly CollectionInfo[];
}

/** Processes that may read side by side; each holds a connection pool and a cursor at least. */
const mostRuns = 24;
/** Up to so many collections of a database, each gets a run; more are one run that leaves the others out. */
const mostRunsPerDatabase = 4;
/** Bytes of `--excludeCollection` in one command line: well below what any operating system allows. */
const longestExclusion = 24_000;

const userCollections = ['admin.system.users', 'admin.system.roles', 'admin.system.version'];

/** Throws 'not-found' naming what does not exist, 'usage' for a query that is none, 'unsupported' for what no dump can do. */
export function planDump(input: PlanInput): DumpPlan {
  const { scope } = input;
  const oplog = decideOplog(input);
  switch (scope.kind) {
    case 'deployment':
      return planDeployment(input, oplog);
    case 'databases':
      return planDatabases(input, unique(scope.databases), oplog.notes);
    case 'collections':
      return planCollections(input, unique(scope.namespaces), scope.queries ?? {}, oplog.notes);
  }
}

function decideOplog(input: PlanInput): { oplog: boolean; notes: string[] } {
  const { topology } = input.deployment;
  const possible = topology === 'replica set' && input.scope.kind === 'deployment';
  if (input.oplog === false || (possible && input.oplog !== null))
    return { oplog: possible && input.oplog === true, notes: [] };
  if (possible) return { oplog: true, notes: [] };
  const reason =
    topology === 'replica set'
      ? 'mongodump --oplog works for a whole replica set only'
      : topology === 'standalone'
        ? 'a standalone server has no oplog'
        : 'mongodump cannot take a consistent snapshot of a sharded cluster';
  if (input.oplog === true) {
    fail('unsupported', `A backup with oplog is not possible here: ${reason}.`, 'Leave the oplog out for this scope.');
  }
  // Only a whole deployment would have had one.
  if (input.scope.kind !== 'deployment') return { oplog: false, notes: [] };
  return {
    oplog: false,
    notes: [`Without oplog, since ${reason}: each collection is as it was when it was read, not all at one moment.`],
  };
}

function run(part: Partial<DumpRun> & Pick<DumpRun, 'parallelCollections'>): DumpRun {
  return { database: null, collection: null, query: null, exclude: [], usersAndRoles: false, oplog: false, ...part };
}

function planDeployment(input: PlanInput, { oplog, notes }: { oplog: boolean; notes: string[] }): DumpPlan {
  const collections = input.collections.filter(
    ({ database, collection }) => database !== 'config' && database !== 'local' && !isSystem(collection),
  );
  if (input.deployment.topology === 'sharded') {
    notes.push(
      'A dump of a sharded cluster is consistent only while nothing is written to it and its balancer stands still.',
    );
  }
  return {
    runs: [run({ oplog, parallelCollections: input.parallelCollections })],
    filter: input.usersAndRoles ? { kind: 'all' } : { kind: 'without', namespaces: userCollections },
    oplog,
    usersAndRoles: input.usersAndRoles,
    collections,
    notes,
  };
}

function planDatabases(input: PlanInput, databases: string[], notes: string[]): DumpPlan {
  const collections = input.collections.filter(
    ({ database, collection }) => databases.includes(database) && !isSystem(collection),
  );
  for (const database of databases) {
    if (!input.collections.some((candidate) => candidate.database === database)) {
      fail('not-found', `There is no database “${database}” on this deployment.`, 'Names are case-sensitive.');
    }
  }
  if (databases.length > mostRuns) {
    const withoutUsers = input.usersAndRoles
      ? ['Users and roles are left out: they can be had for a whole deployment or for up to 24 databases.']
      : [];
    return {
      runs: [run({ parallelCollections: input.parallelCollections })],
      filter: { kind: 'databases', databases },
      oplog: false,
      usersAndRoles: false,
      collections,
      notes: [...notes, ...withoutUsers],
    };
  }
  const parallelCollections = Math.max(1, Math.floor(input.parallelCollections / databases.length));
  return {
    runs: databases.map((database) =>
      // mongodump dumps the users of `admin` with that database and refuses the option for it.
      run({ database, usersAndRoles: input.usersAndRoles && database !== 'admin', parallelCollections }),
    ),
    filter:
      databases.includes('admin') && !input.usersAndRoles
        ? { kind: 'without', namespaces: userCollections }
        : { kind: 'all' },
    oplog: false,
    usersAndRoles: input.usersAndRoles,
    collections,
    notes,
  };
}

function planCollections(
  input: PlanInput,
  namespaces: string[],
  queries: Record<string, string>,
  notes: string[],
): DumpPlan {
  for (const namespace of Object.keys(queries)) {
    if (!namespaces.includes(namespace)) {
      fail('usage', `There is a query for ${namespace}, which is not among the collections to back up.`);
    }
  }
  const wanted = namespaces.map((namespace) => findCollection(input, namespace));
  const parsed = new Map(wanted.map((info) => [info, parseQuery(info, queries[formatNamespace(info)])]));
  const runs: DumpRun[] = [];
  for (const database of unique(wanted.map((info) => info.database))) {
    const here = wanted.filter((info) => info.database === database);
    const whole = here.filter((info) => parsed.get(info) === null);
    const exclude = input.collections
      .filter((info) => info.database === database && !isSystem(info.collection) && !whole.includes(info))
      .map((info) => info.collection);
    const alone = whole.length <= mostRunsPerDatabase || Buffer.byteLength(exclude.join('')) > longestExclusion;
    if (alone) runs.push(...whole.map(({ collection }) => run({ database, collection, parallelCollections: 1 })));
    else runs.push(run({ database, exclude, parallelCollections: input.parallelCollections }));
    for (const info of here) {
      const query = parsed.get(info) ?? null;
      if (query !== null) runs.push(run({ database, collection: info.collection, query, parallelCollections: 1 }));
    }
  }
  if (runs.length > mostRuns) {
    fail(
      'unsupported',
      `These collections would take ${runs.length} runs of mongodump side by side; at most ${mostRuns} are made.`,
      'Back up whole databases, or make several backups.',
    );
  }
  return {
    runs,
    // A collection made after the plan was must not slip into a run that leaves others out.
    filter: runs.some((each) => each.collection === null) ? { kind: 'namespaces', namespaces } : { kind: 'all' },
    oplog: false,
    usersAndRoles: false,
    collections: wanted,
    notes,
  };
}

function findCollection(input: PlanInput, namespace: string): CollectionInfo {
  const parsed = parseNamespace(namespace);
  if (!parsed) fail('usage', `“${namespace}” is not a namespace.`, 'Write database.collection.');
  const found = input.collections.find(
    (info) => info.database === parsed.database && info.collection === parsed.collection,
  );
  return (
    found ?? fail('not-found', `There is no collection ${namespace} on this deployment.`, 'Names are case-sensitive.')
  );
}

function parseQuery(info: CollectionInfo, text: string | undefined): string | null {
  if (text === undefined || text.trim() === '') return null;
  const namespace = formatNamespace(info);
  if (info.type === 'view') fail('usage', `${namespace} is a view: a query cannot be applied to it.`);
  let query: unknown;
  try {
    query = EJSON.parse(text, { relaxed: false });
  } catch (error) {
    fail(
      'usage',
      `The query for ${namespace} is not Extended JSON: ${error instanceof Error ? error.message : String(error)}`,
      'For example {"createdAt": {"$gte": {"$date": "2026-01-01T00:00:00Z"}}}',
    );
  }
  if (typeof query !== 'object' || query === null || Array.isArray(query)) {
    fail('usage', `The query for ${namespace} must be a document.`, 'For example {"status": "open"}');
  }
  if (Object.keys(query).length === 0) return null;
  return EJSON.stringify(query, { relaxed: false });
}

/** Collections that mongodump leaves out or that stand for others (buckets of a time series, definitions of views). */
function isSystem(collection: string): boolean {
  return collection.startsWith('system.') && collection !== 'system.js';
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** Whether the filter lets a namespace of an archive's body or prelude through. */
export function passesFilter(filter: NamespaceFilter, database: string, collection: string): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'without':
      return !filter.namespaces.includes(`${database}.${collection}`);
    case 'databases':
      return filter.databases.includes(database);
    case 'namespaces':
      return filter.namespaces.includes(`${database}.${collection.replace(/^system\.buckets\./, '')}`);
  }
}
