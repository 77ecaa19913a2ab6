/** The documents' half of a comparison: by the oplog where that can be followed, else by reading everything. */
import { isDriverError } from '../../connections/diagnose';
import { readPosition, spanBetween, startOf, type OplogPosition } from '../../connections/oplog-position';
import type { OpenDeployment } from '../../connections/service';
import type { ArchiveToRead, DiffTaskInput, DiffTaskOutput } from '../../diff/diff-task';
import { planLiveRuns } from '../../diff/live-runs';
import type { ComparedNamespace } from '../../diff/metadata-diff';
import type { OplogDiffTaskInput, OplogDiffTaskOutput } from '../../diff/oplog/oplog-diff-task';
import type { Manifest, OpTime, OplogSpan } from '../../../shared/backups';
import type { DocumentCounts, NamespaceDiff } from '../../../shared/diff';
import type { ProgressUpdate } from '../../../shared/jobs';
import type { PreviewRequest } from '../../../shared/restore';
import type { RestoreDependencies } from '../dependencies';
import { chooseOplogWay, type EarlierComparison } from './oplog-way';
import type { PlanNamespace } from './preview-store';
import { VerifiedDigests } from './verified-digests';

/** What the digest says, or will say once it is made. */
export interface BackupDigest {
  path: string;
  /** The backup's own, not one made for this comparison. */
  own: boolean;
  /** Read while the live side is, to make the digest; null: it is there. */
  archive: ArchiveToRead | null;
  /** Documents of a namespace of the archive; null: the archive does not have it. */
  documentsOf(namespace: string): number | null;
}

export interface DocumentsInput {
  scope: { manifest: Manifest; request: PreviewRequest; earlier?: EarlierComparison | null };
  live: { pairs: readonly ComparedNamespace[]; others: ReadonlyMap<string, string[]> };
  plan: readonly PlanNamespace[];
  digest: BackupDigest;
  folder: string;
  deployment: OpenDeployment;
}

interface DocumentsContext {
  signal: AbortSignal;
  report(update: ProgressUpdate): void;
  log(line: string): void;
}

export interface ComparedDocuments {
  counts: DocumentCounts;
  by: 'digest' | 'archive' | 'oplog';
  /** Why not by the oplog. */
  reason: string | null;
}

const verifiedDigests = new VerifiedDigests();

/** Where the target stands before it is read; null where it does not tell. */
export interface ReadingBegun {
  start: OpTime | null;
  position: OplogPosition | null;
}

function isUnanswered(error: unknown): null {
  if (isDriverError(error)) return null;
  throw error;
}

export async function beginReading({ client }: OpenDeployment): Promise<ReadingBegun> {
  // Without a primary a secondary answers at once; it is of use only where it is the one that is read.
  const answer = await readPosition(client, 'primaryPreferred').catch(isUnanswered);
  const position = answer?.isSecondary && client.options.directConnection !== true ? null : answer;
  return { position, start: position && (await startOf(client, position).catch(isUnanswered)) };
}

/** Null where the primary changed meanwhile, or where it was not the primary that was read. */
async function endReading(
  { scope, deployment }: DocumentsInput,
  { start, position }: ReadingBegun,
  compared: ReadonlyMap<number, ComparedDocuments>,
): Promise<OplogSpan | null> {
  if (!position) return null;
  const isPrimary = scope.request.readPreference === 'primary' && scope.request.member === null;
  if (!isPrimary && [...compared.values()].some(({ by }) => by !== 'oplog')) return null;
  return spanBetween(start, position, await readPosition(deployment.client).catch(isUnanswered));
}

/** A pair whose documents can be held against each other. */
function isComparable({ backup, target }: ComparedNamespace): boolean {
  if (backup?.type === 'view' || target?.type === 'view') return false;
  return !backup || !target || backup.type === target.type;
}

function sum(values: (number | null | undefined)[]): number | null {
  let total = 0;
  for (const value of values) {
    if (value == null) return null;
    total += value;
  }
  return total;
}

interface PlannedPair {
  plan: PlanNamespace;
  pair: ComparedNamespace;
}

async function compareInFull(
  dependencies: RestoreDependencies,
  { scope, live, digest, folder, deployment }: DocumentsInput,
  chosen: readonly PlannedPair[],
  context: DocumentsContext,
): Promise<DiffTaskOutput['documents']> {
  if (chosen.length === 0) return [];
  const { member } = scope.request;
  const { diffMemoryBytes, parallelCollections } = await dependencies.settings.get();
  const targets = chosen.flatMap(({ pair }) => pair.target ?? []);
  const wanted = chosen.flatMap(({ plan: { index, target }, pair }) => {
    if (!target) return [];
    const documents = Math.max(pair.backup?.documents ?? 0, pair.target?.documents ?? 0);
    return [{ index, database: target.database, collection: target.collection, documents }];
  });
  const excluded = new Map(live.others);
  const read = new Set(chosen.map(({ pair }) => pair));
  for (const pair of live.pairs) {
    const { target } = pair;
    if (!target || read.has(pair)) continue;
    excluded.set(target.database, [...(excluded.get(target.database) ?? []), target.collection]);
  }
  const input: DiffTaskInput = {
    uri: deployment.toolUri(member === null ? {} : { host: member }),
    mongodump: wanted.length > 0 ? (await dependencies.toolchain.require('mongodump')).path : '',
    temporaryFolder: dependencies.temporaryFolder,
    folder,
    digest: digest.path,
    archive: digest.archive,
    readPreference: member === null ? scope.request.readPreference : 'secondaryPreferred',
    namespaces: chosen.map(({ plan: { index, backupNamespace, target } }) => ({
      index,
      backupNamespace,
      backupDocuments: backupNamespace === null ? 0 : digest.documentsOf(backupNamespace),
      target,
    })),
    runs: planLiveRuns(wanted, excluded, diffMemoryBytes / 2, parallelCollections),
    parallelRuns: parallelCollections,
    memoryBytes: diffMemoryBytes,
    liveBytes: sum(targets.map(({ bytes }) => bytes)),
    liveDocuments: sum(targets.map(({ documents }) => documents)),
  };
  return (await dependencies.tasks.run<DiffTaskInput, DiffTaskOutput>('diff.namespaces', input, context)).documents;
}

/** By the namespaces' index; those that cannot be compared at all (views, another type) are not among them. */
export async function compareDocuments(
  dependencies: RestoreDependencies,
  input: DocumentsInput,
  begun: ReadingBegun,
  context: DocumentsContext,
): Promise<{ compared: Map<number, ComparedDocuments>; span: OplogSpan | null }> {
  const { scope, live, plan, digest, folder, deployment } = input;
  const chosen = plan.flatMap((one): PlannedPair[] => {
    const pair = live.pairs[one.index];
    return pair && isComparable(pair) ? [{ plan: one, pair }] : [];
  });
  const way = await chooseOplogWay({
    manifest: scope.manifest,
    full: scope.request.full,
    isPlaced: begun.position !== null,
    hasDigest: digest.archive === null,
    earlier: scope.earlier ?? null,
    client: deployment.client,
    compared: chosen,
  });
  const compared = new Map<number, ComparedDocuments>();
  if (way.span) {
    const { span, namespaces } = way;
    const pairs = chosen.filter(({ plan: { index } }) => namespaces.some((one) => one.index === index));
    const liveBytes = sum(pairs.map(({ pair }) => pair.target?.bytes));
    const task: OplogDiffTaskInput = {
      uri: deployment.toolUri(),
      folder,
      digest: digest.path,
      verified: await verifiedDigests.of(digest.path),
      span,
      namespaces,
      liveBytes,
    };
    const output = await dependencies.tasks.run<OplogDiffTaskInput, OplogDiffTaskOutput>(
      'diff.by-oplog',
      task,
      context,
    );
    for (const { index, counts } of output.documents) compared.set(index, { counts, by: 'oplog', reason: null });
    await verifiedDigests.add(digest.path, output.verified);
    for (const { index, reason } of output.left) way.reasons.set(index, reason);
    if (compared.size > 0) context.log(`Compared by the oplog, which names ${output.touched} documents.`);
  }
  const left = chosen.filter(({ plan: { index } }) => !compared.has(index));
  for (const { plan: one } of left) {
    const reason = way.reasons.get(one.index);
    if (reason !== undefined) context.log(`${one.targetNs} is compared in full: ${reason}.`);
  }
  for (const { index, counts } of await compareInFull(dependencies, input, left, context)) {
    compared.set(index, { counts, by: digest.own ? 'digest' : 'archive', reason: way.reasons.get(index) ?? null });
  }
  return { compared, span: await endReading(input, begun, compared) };
}

/** The diff of a pair, completed with its documents; undefined where they were not compared. */
export function withDocuments(diff: NamespaceDiff, compared: ComparedDocuments | undefined): NamespaceDiff {
  const documents = compared?.counts ?? diff.documents;
  const differs = documents.changed + documents.onlyInBackup + documents.onlyInTarget > 0;
  return {
    ...diff,
    documents,
    status: diff.status === 'same' && differs ? 'differs' : diff.status,
    comparedBy: compared?.by ?? 'none',
    comparedReason: compared?.reason ?? null,
  };
}
