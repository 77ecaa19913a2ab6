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
}

const everywhere: Resource = { db: '', collection: '' };
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
    feature: 'Profiler',
    needs: [
      { actions: ['enableProfiler'], on: everywhere, words: 'every database' },
      { actions: ['find'], on: { db: '', collection: 'system.profile' }, words: 'system.profile of every database' },
    ],
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

/** Databases the user may read as a whole, when not every one; those of the server's own business aside. */
function readableDatabases(privileges: readonly Privilege[]): string[] {
  const names = new Set(privileges.map(({ resource }) => resource.db ?? '').filter((name) => name !== ''));
  return [...names].filter(
    (db) =>
      db !== 'local' &&
      db !== 'config' &&
      ['find', 'listCollections', 'listIndexes'].every((action) =>
        isGranted(privileges, action, { db, collection: '' }),
      ),
  );
}

/** One check per feature; with `accessControl` off on the server, everything is granted. */
export function checkPrivileges(privileges: readonly Privilege[], accessControl: boolean): PrivilegeCheck[] {
  const checks = features.map(({ feature, needs }) => {
    const missing = accessControl ? missingOf(privileges, needs) : [];
    return { feature, granted: missing.length === 0, missing };
  });
  if (!accessControl || checks[0]?.granted) return checks;
  const readable = readableDatabases(privileges);
  const single: PrivilegeCheck = {
    feature: readable.length > 0 ? `Back up ${readable.join(', ')}` : 'Back up a database',
    granted: readable.length > 0,
    missing: readable.length > 0 ? [] : ['find, listCollections and listIndexes on a database'],
  };
  return [...checks.slice(0, 1), single, ...checks.slice(1)];
}
