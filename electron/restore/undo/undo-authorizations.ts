/**
 * Users and roles in the undo of a restore: those that it added go, those that it took away come back, as they were
 * stored. Whoever was changed since, is in use by this connection or was given to others stays, and that is told.
 */
import { createHash } from 'node:crypto';
import type { MongoClient } from 'mongodb';
import { deserialize } from 'bson';
import type { JobContext } from '../../jobs/runner';
import { toAppError } from '../../platform/failures';
import type { Problem, ProblemObject } from '../../../shared/diff';
import { formatQuantity } from '../../../shared/format';
import { codeOf, messageOf, requireWriteConcern } from '../writing/server-errors';
import type { RestoreTally } from '../writing/tally';
import {
  archivedAuthorizations,
  authorizationKey,
  liveAuthorizations,
  ownAuthorizations,
  restoreUsersAndRoles,
  type AuthorizationKind,
  type Authorizations,
} from '../writing/users-and-roles';
import type { UndoAuthorization, UndoAuthorizations } from './undo-record';

const kinds: readonly AuthorizationKind[] = ['users', 'roles'];
const userNotFound = 11;
const roleNotFound = 31;

function sha256(document: Uint8Array): string {
  return createHash('sha256').update(document).digest('hex');
}

function keyOf({ name, database }: UndoAuthorization): string {
  return authorizationKey(name, database);
}

function wordOf({ kind, name }: UndoAuthorization): string {
  return `${kind === 'users' ? 'user' : 'role'} ${name}`;
}

function fromKey(kind: AuthorizationKind, key: string, document: Uint8Array): UndoAuthorization {
  const [name = '', database = ''] = JSON.parse(key) as string[];
  return { kind, name, database, sha256: sha256(document) };
}

/** What a restore is about to add: all that the target has not. Throws what reading either side throws. */
export async function authorizationsToAdd(
  client: MongoClient,
  backup: Parameters<typeof archivedAuthorizations>[0],
): Promise<UndoAuthorizations> {
  const [archived, live] = [await archivedAuthorizations(backup), await liveAuthorizations(client)];
  const own = await ownAuthorizations(client);
  const added = kinds.flatMap((kind) =>
    [...archived[kind]]
      .filter(([key]) => !live[kind].has(key) && !own[kind].has(key))
      .map(([key, document]) => fromKey(kind, key, document)),
  );
  return { added, removed: [] };
}

/** What an undo does with users and roles. */
interface AuthorizationPlan {
  take: UndoAuthorization[];
  /** Gone since; they come out of the archive. */
  give: UndoAuthorization[];
  stay: { one: UndoAuthorization; reason: string }[];
  live: Authorizations;
}

/** Keys of the roles that a stored user or role was given. */
function grantedTo(document: Uint8Array): string[] {
  const { roles } = deserialize(document) as { roles?: { role?: unknown; db?: unknown }[] };
  return (roles ?? []).map(({ role, db }) => authorizationKey(String(role), String(db)));
}

async function planOf(client: MongoClient, record: UndoAuthorizations): Promise<AuthorizationPlan> {
  const [live, own] = [await liveAuthorizations(client), await ownAuthorizations(client)];
  const plan: AuthorizationPlan = { take: [], give: [], stay: [], live };
  const added = new Set(record.added.map((one) => `${one.kind} ${keyOf(one)}`));
  const held = new Set<string>();
  for (const kind of kinds) {
    for (const [key, document] of live[kind]) {
      if (!added.has(`${kind} ${key}`)) for (const role of grantedTo(document)) held.add(role);
    }
  }
  for (const one of record.added) {
    const now = live[one.kind].get(keyOf(one));
    if (!now) continue;
    if (own[one.kind].has(keyOf(one))) plan.stay.push({ one, reason: 'in use by this connection: it stays' });
    else if (sha256(now) !== one.sha256) plan.stay.push({ one, reason: 'changed since the restore: it stays' });
    else if (one.kind === 'roles' && held.has(keyOf(one))) {
      plan.stay.push({ one, reason: 'given to others since the restore: it stays' });
    } else plan.take.push(one);
  }
  for (const one of record.removed) {
    const now = live[one.kind].get(keyOf(one));
    if (!now) plan.give.push(one);
    else if (sha256(now) !== one.sha256) plan.stay.push({ one, reason: 'made anew since the restore: it stays' });
  }
  return plan;
}

function countOf(ones: readonly UndoAuthorization[]): string {
  return kinds
    .map((kind) => [kind, ones.filter((one) => one.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => formatQuantity(count, kind === 'users' ? 'user' : 'role'))
    .join(' and ');
}

function objectOf(one: UndoAuthorization, detail: string): ProblemObject {
  return { ns: one.database, id: null, name: wordOf(one), detail };
}

function problemOf(
  severity: Problem['severity'],
  message: string,
  hint: string | null,
  objects: ProblemObject[],
): Problem {
  const objectsTotal = objects.length;
  return {
    code: 'users-and-roles',
    severity,
    ns: null,
    message,
    hint,
    modes: null,
    when: null,
    objects: objects.slice(0, 100),
    objectsTotal,
  };
}

/** What the preview of an undo tells. */
export async function authorizationProblems(
  client: MongoClient,
  record: UndoAuthorizations | null,
): Promise<Problem[]> {
  if (!record || record.added.length + record.removed.length === 0) return [];
  let plan: AuthorizationPlan;
  try {
    plan = await planOf(client, record);
  } catch (error) {
    const message = `Users and roles stay as they are: they could not be read (${toAppError(error).message}).`;
    return [problemOf('warning', message, 'The roles backup and restore suffice, or root.', [])];
  }
  const { take, give, stay } = plan;
  const problems: Problem[] = [];
  if (take.length > 0) {
    const objects = take.map((one) => objectOf(one, 'is taken away'));
    problems.push(problemOf('info', `${countOf(take)} that the restore added are taken away again.`, null, objects));
  }
  if (give.length > 0) {
    const objects = give.map((one) => objectOf(one, 'comes back'));
    problems.push(problemOf('info', `${countOf(give)} come back as they were, with their passwords.`, null, objects));
  }
  if (stay.length > 0) {
    const objects = stay.map(({ one, reason }) => objectOf(one, reason));
    const message = `${countOf(stay.map(({ one }) => one))} of the restore stay as they are now.`;
    problems.push(problemOf('warning', message, null, objects));
  }
  return problems;
}

/** What an undo is about to do with users and roles, for its own undo, and the stored documents of those it takes away. */
export async function authorizationsOfUndo(
  client: MongoClient,
  record: UndoAuthorizations,
): Promise<{ authorizations: UndoAuthorizations; documents: Record<AuthorizationKind, Buffer[]> }> {
  const { take, give, live } = await planOf(client, record);
  const documents: Record<AuthorizationKind, Buffer[]> = { users: [], roles: [] };
  for (const one of take) {
    const document = live[one.kind].get(keyOf(one));
    if (document) documents[one.kind].push(document);
  }
  return { authorizations: { added: give, removed: take }, documents };
}

export interface AuthorizationUndo {
  client: MongoClient;
  record: UndoAuthorizations;
  /** Of the undo. */
  archive: string;
  blockIndex: string;
  replicated: boolean;
}

/** Users go before the roles they have. What stays or is refused is told in `tally`. Can be repeated. */
export async function undoAuthorizations(
  { client, record, archive, blockIndex, replicated }: AuthorizationUndo,
  tally: RestoreTally,
  context: JobContext,
): Promise<void> {
  let plan: AuthorizationPlan;
  try {
    plan = await planOf(client, record);
  } catch (error) {
    tally.fail('', null, `Users and roles stay as they are: they could not be read (${messageOf(error)}).`);
    return;
  }
  const { take, give, stay } = plan;
  for (const { one, reason } of stay) tally.fail('', null, `The ${wordOf(one)} of ${one.database} was ${reason}.`);
  const writeConcern = replicated ? { writeConcern: { w: 'majority' } } : {};
  for (const kind of kinds) {
    for (const one of take.filter((taken) => taken.kind === kind)) {
      try {
        const command = kind === 'users' ? { dropUser: one.name } : { dropRole: one.name };
        requireWriteConcern(await client.db(one.database).command({ ...command, ...writeConcern }));
      } catch (error) {
        if ([userNotFound, roleNotFound].includes(codeOf(error) ?? 0)) continue;
        tally.fail('', null, `The ${wordOf(one)} of ${one.database} could not be taken away: ${messageOf(error)}`);
      }
    }
  }
  if (give.length > 0) {
    const only = { users: new Set<string>(), roles: new Set<string>() };
    for (const one of give) only[one.kind].add(keyOf(one));
    const { signal } = context;
    const log = (line: string): void => context.log(line);
    const backup = { archive, blockIndex, databases: null, only, replicated, signal, log };
    const { failures } = await restoreUsersAndRoles({ client, ...backup });
    for (const message of failures) tally.fail('', null, message);
  }
  context.log(`${countOf(take) || 'Nobody'} taken away again, ${countOf(give) || 'nobody'} given back.`);
}
