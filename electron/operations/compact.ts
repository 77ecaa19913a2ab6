/** Gives space that collections do not use any more back to the disk, on one member. */
import { randomBytes } from 'node:crypto';
import type { Document, MongoClient } from 'mongodb';
import { formatBytes, formatDuration, formatQuantity } from '../../shared/format';
import { AppFailure, fail } from '../../shared/result';
import { diagnoseDriverError } from '../connections/diagnose';
import type { Need } from '../connections/privileges';
import { listAt, numberAt, textAt, valueAt } from '../health/sampler/server-values';
import {
  note,
  refused,
  warning,
  type OperationRun,
  type PlanInput,
  type PlannedOperation,
  type Remark,
} from './planned-operation';
import type { SetAccess } from './set-access';
import { ask, electableBeside, requireMember } from './set-state';
import { throwIfCancelled } from './waiting';

interface CollectionSpace {
  ns: string;
  /** Of its files, and those of its indexes; null where it is no collection or may not be asked. */
  bytes: number | null;
  reclaimable: number | null;
  problem: string | null;
}

export function splitNamespace(ns: string): { database: string; collection: string } {
  const dot = ns.indexOf('.');
  if (dot < 1 || dot === ns.length - 1)
    fail('usage', `"${ns}" names no collection.`, 'Name it as database.collection.');
  return { database: ns.slice(0, dot), collection: ns.slice(dot + 1) };
}

function reusable(statistics: unknown): number {
  return numberAt(statistics, 'block-manager', 'file bytes available for reuse') ?? 0;
}

/** What `collStats` tells of a collection's files. */
export function spaceOf(ns: string, statistics: Document): CollectionSpace {
  const indexes: unknown = statistics['indexDetails'];
  const details = typeof indexes === 'object' && indexes !== null ? Object.values(indexes) : [];
  const free = reusable(statistics['wiredTiger']) + details.reduce<number>((sum, each) => sum + reusable(each), 0);
  const bytes = (numberAt(statistics, 'storageSize') ?? 0) + (numberAt(statistics, 'totalIndexSize') ?? 0);
  return { ns, bytes, reclaimable: free, problem: null };
}

async function readSpace(access: SetAccess, host: string, ns: string): Promise<CollectionSpace> {
  const { database, collection } = splitNamespace(ns);
  const listing = await ask(access, host, { listCollections: 1, filter: { name: collection } }, database);
  const [found] = listAt(listing, 'cursor', 'firstBatch');
  const missing = { ns, bytes: null, reclaimable: null };
  if (!found) return { ...missing, problem: `There is no collection ${ns} on ${host}.` };
  const type = textAt(found, 'type');
  if (type === 'view') return { ...missing, problem: `${ns} is a view: it has no files.` };
  if (type === 'timeseries')
    return {
      ...missing,
      problem: `${ns} is a time series: its files are those of ${database}.system.buckets.${collection}.`,
    };
  return spaceOf(ns, await ask(access, host, { collStats: collection, indexDetails: true }, database));
}

function needsOf(namespaces: readonly string[]): Need[] {
  return namespaces.map((ns) => {
    const { database, collection } = splitNamespace(ns);
    return { actions: ['compact', 'collStats'], on: { db: database, collection }, words: ns };
  });
}

function whatItBlocks(version: string, host: string, isPrimary: boolean): Remark[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const modern = major > 4 || (major === 4 && minor >= 4);
  if (modern)
    return [
      note(
        `Reads and writes go on at ${host}. Until a collection is done, it cannot be dropped or renamed there and no index of it built${isPrimary ? '' : '; on a secondary that holds up replication of such changes'}.`,
      ),
    ];
  return [
    warning(
      `Servers before 4.4 block the database while they compact: ${isPrimary ? 'clients wait' : `${host} takes no reads meanwhile and falls behind`}.`,
    ),
  ];
}

/** Ends the operation that carries this comment, ours, and nobody else's; nothing when there is none. */
export async function endOperation(client: MongoClient, comment: string): Promise<void> {
  const [running] = await client
    .db('admin')
    .aggregate<Document>([{ $currentOp: {} }, { $match: { 'command.comment': comment } }, { $limit: 1 }])
    .toArray();
  const id: unknown = running?.['opid'];
  if (id !== undefined) await client.db('admin').command({ killOp: 1, op: id });
}

async function compactOne(run: OperationRun, host: string, ns: string, force: boolean): Promise<string> {
  const { database, collection } = splitNamespace(ns);
  const client = await run.access.member(host);
  const comment = `lifeboat-compact-${randomBytes(6).toString('hex')}`;
  const onAbort = (): void => void endOperation(client, comment).catch(() => undefined);
  run.signal.addEventListener('abort', onAbort, { once: true });
  const before = await readSpace(run.access, host, ns);
  const began = Date.now();
  try {
    throwIfCancelled(run.signal);
    await client.db(database).command({ compact: collection, ...(force ? { force: true } : {}), comment });
  } catch (error) {
    if (run.signal.aborted) fail('cancelled', `Compacting ${ns} was ended.`);
    throw error instanceof AppFailure ? error : new AppFailure(diagnoseDriverError(error, host));
  } finally {
    run.signal.removeEventListener('abort', onAbort);
  }
  const after = await readSpace(run.access, host, ns);
  const gained = Math.max(0, (before.bytes ?? 0) - (after.bytes ?? 0));
  return `${ns} gave back ${formatBytes(gained)} in ${formatDuration((Date.now() - began) / 1000)}`;
}

export async function planCompact({ access, state, operation }: PlanInput<'compact'>): Promise<PlannedOperation> {
  const { host, force } = operation;
  const namespaces = [...new Set(operation.namespaces)];
  const member = requireMember(state, host);
  const isPrimary = host === state.primary;
  const remarks: Remark[] = [];
  if (member.arbiterOnly) remarks.push(refused(`${host} is an arbiter: it holds no data.`));
  else if (!['PRIMARY', 'SECONDARY'].includes(member.state)) remarks.push(refused(`${host} is ${member.state}.`));
  if (isPrimary)
    remarks.push(
      (force ? warning : refused)(
        `${host} is the primary. Compact the secondaries first, then step it down and compact it as a secondary${force ? '' : '; or ask for the primary expressly'}.`,
      ),
    );
  const reachable = !remarks.some(({ kind }) => kind === 'refused');
  const spaces = reachable ? await Promise.all(namespaces.map((ns) => readSpace(access, host, ns))) : [];
  let reclaimable = 0;
  for (const { ns, bytes, reclaimable: free, problem } of spaces) {
    if (problem !== null) remarks.push(refused(problem));
    else {
      reclaimable += free ?? 0;
      remarks.push(
        note(
          `${ns}: ${formatBytes(bytes ?? 0)} on disk, of which at most about ${formatBytes(free ?? 0)} can be given back.`,
        ),
      );
    }
  }
  if (reachable) {
    const version = String(valueAt(await ask(access, host, { buildInfo: 1 }), 'version'));
    remarks.push(...whatItBlocks(version, host, isPrimary));
  }
  if (namespaces.includes('local.oplog.rs'))
    remarks.push(warning('While the oplog is compacted, the member does not replicate: its lag grows.'));
  return {
    title: `Compact ${formatQuantity(namespaces.length, 'collection')} on ${host}`,
    steps: [
      ...namespaces.map(
        (ns) => `${ns} and its indexes are compacted on ${host} alone; the other members stay as they are.`,
      ),
      `At most about ${formatBytes(reclaimable)} can be given back to the disk; what the server really frees is often less.`,
    ],
    remarks,
    changes: [],
    electable: electableBeside(state),
    commands: [
      `// on ${host}`,
      ...namespaces.map((ns) => {
        const { database, collection } = splitNamespace(ns);
        const options = `{ compact: ${JSON.stringify(collection)}${force ? ', force: true' : ''} }`;
        return `db.getSiblingDB(${JSON.stringify(database)}).runCommand(${options})`;
      }),
    ],
    needs: needsOf(namespaces),
    carryOut: namespaces.map((ns, at) => ({
      text: `Compact ${ns}`,
      work: async (run) => {
        run.report(`Compacting ${ns} (${at + 1} of ${namespaces.length})`);
        return compactOne(run, host, ns, force);
      },
    })),
    done: () => `${formatQuantity(namespaces.length, 'collection')} compacted on ${host}.`,
    ifInterrupted: `The server may go on compacting on ${host}; nothing is lost by ending it there.`,
  };
}
