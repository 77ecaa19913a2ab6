/**
 * Users and roles of a backup added to a target, as mongorestore adds them: their documents go into two collections that
 * the server then merges, since no other command takes stored credentials. Users and roles that are already there stay
 * as they are, and those that this connection is signed in with are not even sent.
 */
import type { Document, MongoClient } from 'mongodb';
import { findElement, iterateDocuments, readString } from '../../archive/raw-bson';
import { OpenArchive } from '../../archive/open-archive';
import { bsonType } from '../../archive/bson-types';
import { insertRaw } from './raw-commands';
import { findBatches } from '../documents/raw-find';
import { isPassing, messageOf, pause, requireWriteConcern } from './server-errors';

export interface UsersRestore {
  client: MongoClient;
  archive: string;
  blockIndex: string;
  /** Their users and roles are restored; null: those of all databases. */
  databases: readonly string[] | null;
  /** Only these of them, by {@link authorizationKey}; absent: all. */
  only?: Readonly<Record<AuthorizationKind, ReadonlySet<string>>>;
  replicated: boolean;
  signal: AbortSignal;
  log(line: string): void;
}

export interface UsersOutcome {
  /** Of the backup, sent to the server. */
  users: number;
  roles: number;
  /** What was refused, in words. */
  failures: string[];
}

/** The names that the built-in role `restore` may write to. */
const temporary = { users: 'tempusers', roles: 'temproles' } as const;
export type AuthorizationKind = keyof typeof temporary;
/** Stored documents, credentials included: they go from an archive to a server and nowhere else. By their keys. */
export type Authorizations = Record<AuthorizationKind, Map<string, Buffer>>;
const mostAttempts = 12;
const namespaceNotFound = 26;

function textOf(document: Uint8Array, name: string): string {
  const element = findElement(document, name);
  return element?.type === bsonType.string ? readString(document, element.valueStart) : '';
}

/** The name of a stored user or role. */
export function nameOf(document: Uint8Array, kind: AuthorizationKind): string {
  return textOf(document, kind === 'users' ? 'user' : 'role');
}

/** A name and its database in one text that no other pair has. */
export function authorizationKey(name: string, database: string): string {
  return JSON.stringify([name, database]);
}

async function readKind(
  archive: OpenArchive,
  kind: AuthorizationKind,
  restore: Pick<UsersRestore, 'databases' | 'signal'>,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const own = (restore.databases ?? []).map((database) => `${database}.$admin.system.${kind}`);
  for (const namespace of [`admin.system.${kind}`, ...own]) {
    for await (const { bytes } of archive.iterateNamespace(namespace, restore.signal)) {
      for (const document of iterateDocuments(bytes)) {
        const database = textOf(document, 'db');
        if (restore.databases !== null && !restore.databases.includes(database)) continue;
        found.set(authorizationKey(nameOf(document, kind), database), Buffer.from(document));
      }
    }
  }
  return found;
}

/** What the backup holds of these databases. Throws what reading an archive throws. */
export async function archivedAuthorizations(
  restore: Pick<UsersRestore, 'archive' | 'blockIndex' | 'databases' | 'signal'>,
): Promise<Authorizations> {
  const archive = await OpenArchive.open({ archivePath: restore.archive, blocksPath: restore.blockIndex });
  try {
    return { users: await readKind(archive, 'users', restore), roles: await readKind(archive, 'roles', restore) };
  } finally {
    await archive.close();
  }
}

/** What the target holds. Throws what the server throws, such as a missing privilege. */
export async function liveAuthorizations(client: MongoClient): Promise<Authorizations> {
  const read = async (kind: AuthorizationKind): Promise<Map<string, Buffer>> => {
    const found = new Map<string, Buffer>();
    const source = { client, database: 'admin', collection: `system.${kind}`, readPreference: 'primary' as const };
    for await (const { documents } of findBatches(source, { filter: {}, batchSize: 1000 })) {
      for (const document of documents) {
        found.set(authorizationKey(nameOf(document, kind), textOf(document, 'db')), Buffer.from(document));
      }
    }
    return found;
  };
  return { users: await read('users'), roles: await read('roles') };
}

/** Users and roles, inherited ones too, that the connection is signed in with. */
export async function ownAuthorizations(client: MongoClient): Promise<Record<AuthorizationKind, Set<string>>> {
  const { authInfo } = await client.db('admin').command({ connectionStatus: 1 });
  const { authenticatedUsers = [], authenticatedUserRoles = [] } = authInfo as {
    authenticatedUsers?: { user: string; db: string }[];
    authenticatedUserRoles?: { role: string; db: string }[];
  };
  return {
    users: new Set(authenticatedUsers.map(({ user, db }) => authorizationKey(user, db))),
    roles: new Set(authenticatedUserRoles.map(({ role, db }) => authorizationKey(role, db))),
  };
}

async function dropTemporary({ client }: UsersRestore, writeConcern: Document): Promise<void> {
  for (const collection of Object.values(temporary)) {
    try {
      await client.db('admin').command({ drop: collection, ...writeConcern });
    } catch (error) {
      if ((error as { code?: unknown }).code !== namespaceNotFound) throw error;
    }
  }
}

async function mergeOnce(restore: UsersRestore, documents: Record<AuthorizationKind, Buffer[]>): Promise<string[]> {
  const { client, replicated } = restore;
  const writeConcern = replicated ? { writeConcern: { w: 'majority' } } : {};
  const failures: string[] = [];
  await dropTemporary(restore, writeConcern);
  try {
    for (const kind of ['users', 'roles'] as const) {
      if (documents[kind].length === 0) continue;
      const context = { client, database: 'admin', collection: temporary[kind], majority: replicated };
      const answer = await insertRaw({ ...context, bypassValidation: false }, documents[kind]);
      failures.push(...answer.failures.map(({ message }) => message));
    }
    const answer = await client.db('admin').command({
      _mergeAuthzCollections: 1,
      ...(documents.users.length > 0 ? { tempUsersCollection: `admin.${temporary.users}` } : {}),
      ...(documents.roles.length > 0 ? { tempRolesCollection: `admin.${temporary.roles}` } : {}),
      drop: false,
      db: '',
      ...writeConcern,
    });
    requireWriteConcern(answer);
  } finally {
    await dropTemporary(restore, writeConcern);
  }
  return failures;
}

/**
 * Adds the backup's users and roles of the databases asked for. Throws when the server cannot be reached; what it refuses
 * is in the outcome. Can be repeated.
 */
export async function restoreUsersAndRoles(restore: UsersRestore): Promise<UsersOutcome> {
  const { users, roles } = await archivedAuthorizations(restore);
  if (users.size + roles.size === 0) {
    return { users: 0, roles: 0, failures: ['The backup holds no users and roles of the restored databases.'] };
  }
  for (let attempt = 0; ; attempt++) {
    try {
      const own = await ownAuthorizations(restore.client);
      const others = (found: Map<string, Buffer>, kind: AuthorizationKind): Buffer[] =>
        [...found]
          .filter(([key]) => !own[kind].has(key) && restore.only?.[kind].has(key) !== false)
          .map(([, document]) => document);
      const documents = { users: others(users, 'users'), roles: others(roles, 'roles') };
      const sent = { users: documents.users.length, roles: documents.roles.length };
      if (sent.users + sent.roles === 0) return { ...sent, failures: [] };
      return { ...sent, failures: await mergeOnce(restore, documents) };
    } catch (error) {
      if (isPassing(error) && attempt < mostAttempts && !restore.signal.aborted) {
        restore.log(`Users and roles: ${messageOf(error)}: trying again`);
        await pause(attempt, restore.signal);
        continue;
      }
      if (typeof (error as { code?: unknown }).code !== 'number') throw error;
      return { users: 0, roles: 0, failures: [`Users and roles could not be restored: ${messageOf(error)}`] };
    }
  }
}
