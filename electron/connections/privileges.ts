/** Whether a user's privileges suffice for what Lifeboat does. Pure: works on the answer of connectionStatus. */
import { z } from 'zod';
import type { PrivilegeCheck } from '../../shared/connections';

const privilegeSchema = z.object({
  resource: z.object({
    db: z.string().optional(),
    collection: z.string().optional(),
    cluster: z.boolean().optional(),
    anyResource: z.boolean().optional(),
  }),
  actions: z.array(z.string()),
});
export type Privilege = z.infer<typeof privilegeSchema>;

const connectionStatusSchema = z.object({
  authInfo: z.object({
    authenticatedUsers: z.array(z.object({ user: z.string(), db: z.string() })),
    authenticatedUserPrivileges: z.array(privilegeSchema).optional(),
  }),
});

export interface UserPrivileges {
  /** `user@database`; null when nobody is authenticated. */
  authenticatedAs: string | null;
  privileges: Privilege[];
}

/** Parses the answer of `{ connectionStatus: 1, showPrivileges: true }`. */
export function parseConnectionStatus(answer: unknown): UserPrivileges {
  const { authenticatedUsers, authenticatedUserPrivileges } = connectionStatusSchema.parse(answer).authInfo;
  const first = authenticatedUsers[0];
  return {
    authenticatedAs: first ? `${first.user}@${first.db}` : null,
    privileges: authenticatedUserPrivileges ?? [],
  };
}

/** `cluster`, or a namespace; an empty database means every one, an empty collection every ordinary one. */
export type Resource = 'cluster' | { db: string; collection: string };

export interface Need {
  actions: string[];
  on: Resource;
  /** As it reads after an action: "find on every database". */
  words: string;
}

interface Feature {
  feature: string;
  needs: Need[];
  /** Also worth something for single databases: what is asked of every database is then looked for in each. */
  byDatabase?: true;
}

const everywhere: Resource = { db: '', collection: '' };
const profile: Resource = { db: '', collection: 'system.profile' };
const adminCollection = (collection: string): Resource => ({ db: 'admin', collection });

const features: readonly Feature[] = [
  {
    feature: 'Back up everything',
    needs: [
      { actions: ['listDatabases'], on: 'cluster', words: 'the cluster' },
      { actions: ['find', 'listCollections', 'listIndexes'], on: everywhere, words: 'every database' },
    ],
  },
  {
    feature: 'Consistent backup with the oplog',
    needs: [{ actions: ['find'], on: { db: 'local', collection: 'oplog.rs' }, words: 'local.oplog.rs' }],
  },
  {
    feature: 'Back up users and roles',
    needs: ['system.users', 'system.roles', 'system.version'].map((collection) => ({
      actions: ['find'],
      on: adminCollection(collection),
      words: `admin.${collection}`,
    })),
  },
  {
    feature: 'Restore beside the original, insert what is missing',
    needs: [
      {
        actions: ['insert', 'createCollection', 'createIndex'],
        on: everywhere,
        words: 'every database',
      },
    ],
  },
  {
    feature: 'Restore exactly, replacing and deleting',
    needs: [
      {
        actions: [
          'find',
          'insert',
          'update',
          'remove',
          'createCollection',
          'dropCollection',
          'createIndex',
          'dropIndex',
          'collMod',
          'bypassDocumentValidation',
        ],
        on: everywhere,
        words: 'every database',
      },
    ],
  },
  {
    feature: 'Restore users and roles',
    needs: [
      {
        actions: ['createUser', 'dropUser', 'createRole', 'dropRole', 'grantRole', 'revokeRole'],
        on: everywhere,
        words: 'every database',
      },
    ],
  },
  {
    feature: 'Replica-set health',
    needs: [{ actions: ['replSetGetStatus', 'replSetGetConfig', 'serverStatus'], on: 'cluster', words: 'the cluster' }],
  },
  {
    feature: 'Read what profilers recorded',
    needs: [{ actions: ['find', 'collStats'], on: profile, words: 'system.profile of every database' }],
    byDatabase: true,
  },
  {
    feature: 'Set profilers for a time',
    needs: [{ actions: ['enableProfiler'], on: everywhere, words: 'every database' }],
    byDatabase: true,
  },
  {
    feature: 'Resize system.profile',
    needs: [
      { actions: ['enableProfiler'], on: everywhere, words: 'every database' },
      { actions: ['createCollection', 'dropCollection'], on: profile, words: 'system.profile of every database' },
    ],
    byDatabase: true,
  },
  {
    feature: "Slow operations from the server's log",
    needs: [{ actions: ['getLog'], on: 'cluster', words: 'the cluster' }],
  },
  {
    feature: 'Live operations of all users',
    needs: [{ actions: ['inprog'], on: 'cluster', words: 'the cluster' }],
  },
  {
    feature: 'End operations of others',
    needs: [{ actions: ['inprog', 'killop'], on: 'cluster', words: 'the cluster' }],
  },
  {
    feature: 'Explain plans, advise on indexes',
    needs: [{ actions: ['find', 'listIndexes', 'collStats'], on: everywhere, words: 'every database' }],
    byDatabase: true,
  },
  {
    feature: "What the planner's cache keeps",
    needs: [{ actions: ['planCacheRead'], on: everywhere, words: 'every database' }],
    byDatabase: true,
  },
  {
    feature: 'Review indexes',
    needs: [
      {
        actions: ['find', 'listCollections', 'listIndexes', 'collStats', 'indexStats'],
        on: everywhere,
        words: 'every database',
      },
      { actions: ['serverStatus'], on: 'cluster', words: 'the cluster' },
    ],
    byDatabase: true,
  },
  {
    feature: 'Build, hide, drop and validate indexes',
    needs: [{ actions: ['createIndex', 'dropIndex', 'collMod', 'validate'], on: everywhere, words: 'every database' }],
    byDatabase: true,
  },
];

/** MongoDB's rule: an empty database or collection stands for any; system collections, `local` and `config` excepted. */
function covers(granted: Privilege['resource'], wanted: Resource): boolean {
  if (granted.anyResource === true) return true;
  if (wanted === 'cluster') return granted.cluster === true;
  if (granted.cluster === true || granted.db === undefined || granted.collection === undefined) return false;
  if (granted.db !== '' && granted.db !== wanted.db) return false;
  if (granted.db === '' && granted.collection === '' && ['local', 'config'].includes(wanted.db)) return false;
  if (granted.collection === wanted.collection) return true;
  return granted.collection === '' && !wanted.collection.startsWith('system.');
}

function isGranted(privileges: readonly Privilege[], action: string, on: Resource): boolean {
  return privileges.some(({ resource, actions }) => actions.includes(action) && covers(resource, on));
}

/** As "find on every database" each. */
export function missingOf(privileges: readonly Privilege[], needs: readonly Need[]): string[] {
  return needs.flatMap(({ actions, on, words }) =>
    actions.filter((action) => !isGranted(privileges, action, on)).map((action) => `${action} on ${words}`),
  );
}

/** Databases for which all of it is granted, when not every one; those of the server's own business aside. */
function databasesFor(privileges: readonly Privilege[], needs: readonly Need[]): string[] {
  const names = new Set(privileges.map(({ resource }) => resource.db ?? '').filter((name) => name !== ''));
  return [...names].filter((db) => {
    const inIt = needs.map((need) =>
      need.on !== 'cluster' && need.on.db === '' ? { ...need, on: { ...need.on, db } } : need,
    );
    return db !== 'local' && db !== 'config' && missingOf(privileges, inIt).length === 0;
  });
}

const readOne: readonly Need[] = [
  { actions: ['find', 'listCollections', 'listIndexes'], on: everywhere, words: 'a database' },
];

/** One check per feature; with `accessControl` off on the server, everything is granted. */
export function checkPrivileges(privileges: readonly Privilege[], accessControl: boolean): PrivilegeCheck[] {
  const checks = features.flatMap(({ feature, needs, byDatabase }): PrivilegeCheck[] => {
    const missing = accessControl ? missingOf(privileges, needs) : [];
    const databases = byDatabase && missing.length > 0 ? databasesFor(privileges, needs) : [];
    return [
      { feature, granted: missing.length === 0, missing },
      ...(databases.length > 0
        ? [{ feature: `${feature}: ${databases.join(', ')} alone`, granted: true, missing: [] }]
        : []),
    ];
  });
  if (!accessControl || checks[0]?.granted) return checks;
  const readable = databasesFor(privileges, readOne);
  const single: PrivilegeCheck = {
    feature: readable.length > 0 ? `Back up ${readable.join(', ')}` : 'Back up a database',
    granted: readable.length > 0,
    missing: readable.length > 0 ? [] : ['find, listCollections and listIndexes on a database'],
  };
  return [...checks.slice(0, 1), single, ...checks.slice(1)];
}
