/** A whole comparison: metadata, documents, predicted problems. Serves the preview and the proof after applying. */
import { join } from 'node:path';
import { BlockIndex } from '../archive/block-index';
import { DigestFile } from '../archive/digest-file';
import { bucketsPrefix } from '../archive/archive-format';
import type { BackupLocation } from '../catalogue/backup-location';
import type { OpenDeployment } from '../connections/service';
import type { ArchiveToRead, DiffTaskInput, DiffTaskOutput } from '../diff/diff-task';
import { currentClusterTime, readLiveMetadata } from '../diff/live-metadata';
import { planLiveRuns } from '../diff/live-runs';
import {
  coveredDatabases,
  diffMetadata,
  pairNamespaces,
  renameNamespace,
  selectNamespaces,
  type ComparedNamespace,
} from '../diff/metadata-diff';
import type { RebuildTaskInput } from '../diff/rebuild-task';
import type { ProgressUpdate } from '../../shared/jobs';
import type { ClusterTime, Manifest } from '../../shared/backups';
import type { DiffResult, DocumentCounts, NamespaceDiff } from '../../shared/diff';
import { formatNamespace, parseNamespace } from '../../shared/namespaces';
import { effectOf, sumEffects, type PreviewRequest } from '../../shared/restore';
import { fail } from '../../shared/result';
import { compareDetails } from './compare-details';
import type { RestoreDependencies } from './dependencies';
import type { PlanNamespace } from './preview-store';
import { predictProblems } from './problems';

export interface ComparisonContext {
  signal: AbortSignal;
  report(update: ProgressUpdate): void;
  log(line: string): void;
}

export interface Comparison {
  result: DiffResult;
  plan: PlanNamespace[];
  digest: string;
  pairs: ComparedNamespace[];
}

export interface ComparisonScope {
  manifest: Manifest;
  location: BackupLocation;
  request: PreviewRequest;
  /** False: collections that only the target has are left out of the comparison. */
  withExtras: boolean;
  /** Collections of the target that belong to the comparison though the backup lacks them. */
  extras?: readonly string[];
}

export interface LivePairs {
  pairs: ComparedNamespace[];
  /** Restorable collections of the compared databases that are not part of the comparison. */
  others: Map<string, string[]>;
}

/** The metadata half: which namespaces are compared, and what lives under their names. */
export async function pairWithTarget(scope: ComparisonScope, deployment: OpenDeployment): Promise<LivePairs> {
  const { manifest, request } = scope;
  const chosen = selectNamespaces(manifest, request.namespaces);
  const covered = scope.withExtras
    ? coveredDatabases(manifest, request.namespaces, request.renames)
    : new Set<string>();
  const databases = new Set(covered);
  for (const namespace of chosen) {
    const target = renameNamespace(formatNamespace(namespace), request.renames);
    databases.add(parseNamespace(target)?.database ?? namespace.database);
  }
  const extras = new Set(scope.extras);
  for (const name of extras) databases.add(parseNamespace(name)?.database ?? name);
  const live = await readLiveMetadata(deployment.client, [...databases]);
  const pairs = pairNamespaces(chosen, live, request.renames, covered);
  const compared = new Set(pairs.map(({ targetNs }) => targetNs));
  for (const target of live) {
    const targetNs = formatNamespace(target);
    if (!extras.has(targetNs) || compared.has(targetNs)) continue;
    compared.add(targetNs);
    pairs.push({ ns: targetNs, targetNs, backup: null, target });
  }
  const others = new Map<string, string[]>();
  for (const namespace of live) {
    if (compared.has(formatNamespace(namespace))) continue;
    others.set(namespace.database, [...(others.get(namespace.database) ?? []), namespace.collection]);
  }
  return { pairs, others };
}

/** What the digest says, or will say once it is made. */
interface BackupDigest {
  path: string;
  /** The backup's own, not one made for this comparison. */
  own: boolean;
  /** Read while the live side is, to make the digest; null: it is there. */
  archive: ArchiveToRead | null;
  /** Documents of a namespace of the archive; null: the archive does not have it. */
  documentsOf(namespace: string): number | null;
}

async function openedDigest(path: string, manifest: Manifest | null): Promise<BackupDigest['documentsOf'] | null> {
  const digest = await DigestFile.open(path);
  await digest.close();
  if (manifest && digest.archive.sha256 !== manifest.file.sha256) return null;
  return (namespace) => digest.find(namespace)?.documents ?? null;
}

/** The backup's digest when it is there and belongs to the archive, else one made from the archive in `folder`. */
async function provideDigest(
  dependencies: RestoreDependencies,
  scope: ComparisonScope,
  folder: string,
  context: ComparisonContext,
): Promise<BackupDigest> {
  const { manifest, location } = scope;
  try {
    const documentsOf = await openedDigest(location.digest, manifest);
    if (documentsOf) return { path: location.digest, own: true, archive: null, documentsOf };
    context.log('The digest beside the backup belongs to another archive; the archive is read instead.');
  } catch (error) {
    context.log(`The digest cannot be used (${error instanceof Error ? error.message : String(error)}).`);
  }
  const path = join(folder, 'digest.bin');
  const { bytes, sha256, uncompressedBytes } = manifest.file;
  const index = await BlockIndex.read(location.blockIndex).catch(() => null);
  if (index?.content.archive.sha256 === sha256) {
    const documentsOf = (namespace: string): number | null =>
      index.namespaceId(namespace) === null ? null : index.documentsOf(namespace);
    return { path, own: false, archive: { path: location.archive, bytes, sha256, uncompressedBytes }, documentsOf };
  }
  // What the archive holds under which name is known after reading it only.
  context.report({ phase: 'Reading the archive' });
  const input: RebuildTaskInput = { archive: location.archive, digest: path, bytes: uncompressedBytes };
  await dependencies.tasks.run<RebuildTaskInput, null>('diff.rebuild-digest', input, context);
  return { path, own: false, archive: null, documentsOf: (await openedDigest(path, null)) ?? (() => null) };
}

function archiveNames(pair: ComparedNamespace): string[] {
  const { backup, ns } = pair;
  if (!backup || backup.type === 'view') return [];
  return backup.type === 'timeseries' ? [`${backup.database}.${bucketsPrefix}${backup.collection}`, ns] : [ns];
}

function planNamespaces(pairs: readonly ComparedNamespace[], { documentsOf }: BackupDigest): PlanNamespace[] {
  return pairs.map((pair, index) => {
    const names = archiveNames(pair);
    const found =
      names.find((name) => (documentsOf(name) ?? 0) > 0) ?? names.find((name) => documentsOf(name) !== null);
    if (!found && (pair.backup?.documents ?? 0) > 0) {
      fail(
        'manifest-mismatch',
        `The digest knows nothing of ${pair.ns}, which the manifest lists.`,
        'Verify the backup.',
      );
    }
    const { target } = pair;
    return {
      index,
      ns: pair.ns,
      targetNs: pair.targetNs,
      backupNamespace: found ?? names[0] ?? null,
      type: pair.backup?.type ?? target?.type ?? 'collection',
      target: target && {
        database: target.database,
        collection: target.collection,
        type: target.type,
        uuid: target.uuid,
      },
    };
  });
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

async function compareDocuments(
  dependencies: RestoreDependencies,
  scope: ComparisonScope,
  { pairs, others }: LivePairs,
  plan: PlanNamespace[],
  digest: BackupDigest,
  folder: string,
  uri: string,
  context: ComparisonContext,
): Promise<Map<number, DocumentCounts>> {
  const { diffMemoryBytes, parallelCollections } = await dependencies.settings.get();
  const compared = plan.filter((_, index) => {
    const pair = pairs[index];
    return pair !== undefined && isComparable(pair);
  });
  const targets = compared.flatMap(({ index }) => pairs[index]?.target ?? []);
  const wanted = compared.flatMap(({ index, target }) => {
    const pair = pairs[index];
    if (!target || !pair) return [];
    const documents = Math.max(pair.backup?.documents ?? 0, pair.target?.documents ?? 0);
    return [{ index, database: target.database, collection: target.collection, documents }];
  });
  const excluded = new Map(others);
  for (const { target } of pairs.filter((pair) => !isComparable(pair))) {
    if (target) excluded.set(target.database, [...(excluded.get(target.database) ?? []), target.collection]);
  }
  const input: DiffTaskInput = {
    uri,
    mongodump: wanted.length > 0 ? (await dependencies.toolchain.require('mongodump')).path : '',
    temporaryFolder: dependencies.temporaryFolder,
    folder,
    digest: digest.path,
    archive: digest.archive,
    readPreference: scope.request.readPreference,
    namespaces: compared.map(({ index, backupNamespace, target }) => ({
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
  const output = await dependencies.tasks.run<DiffTaskInput, DiffTaskOutput>('diff.namespaces', input, context);
  return new Map(output.documents.map(({ index, counts }) => [index, counts]));
}

function withDocuments(diff: NamespaceDiff, counts: DocumentCounts | undefined, own: boolean): NamespaceDiff {
  const documents = counts ?? diff.documents;
  const differs = documents.changed + documents.onlyInBackup + documents.onlyInTarget > 0;
  return {
    ...diff,
    documents,
    status: diff.status === 'same' && differs ? 'differs' : diff.status,
    comparedBy: counts ? (own ? 'digest' : 'archive') : 'none',
  };
}

/**
 * Compares the backup with the live target; differing documents go into `folder`. Throws what the target, the tools or
 * the backup throw; 'cancelled' when the signal fires.
 */
export async function compare(
  dependencies: RestoreDependencies,
  scope: ComparisonScope,
  folder: string,
  context: ComparisonContext,
): Promise<Comparison> {
  const startedAt = Date.now();
  const { manifest, request } = scope;
  return dependencies.connections.use(
    request.connectionId,
    async (deployment) => {
      context.report({ phase: 'Reading collections and indexes' });
      const clusterTime: ClusterTime | null = await currentClusterTime(deployment.client);
      const live = await pairWithTarget(scope, deployment);
      const digest = await provideDigest(dependencies, scope, folder, context);
      const plan = planNamespaces(live.pairs, digest);
      const uri = deployment.toolUri();
      const counts = await compareDocuments(dependencies, scope, live, plan, digest, folder, uri, context);
      const { archive, blockIndex } = scope.location;
      const toDetail = { request, plan, counts, uri, folder, archive, blockIndex };
      const details = await compareDetails(dependencies, toDetail, context);
      const namespaces = live.pairs.map((pair, index) => {
        const compared = withDocuments(diffMetadata(pair, manifest.type !== 'imported'), counts.get(index), digest.own);
        const diff = { ...compared, details: details.get(index) ?? null };
        return { ...diff, effect: effectOf(request.mode, diff) };
      });
      context.report({ phase: 'Looking for problems' });
      const problems = await predictProblems({ deployment, manifest, pairs: live.pairs, namespaces });
      return {
        plan,
        pairs: live.pairs,
        digest: digest.path,
        result: {
          backupId: manifest.id,
          target: deployment.connection.name,
          mode: request.mode,
          clusterTime,
          elapsedMs: Date.now() - startedAt,
          totals: totalsOf(namespaces),
          namespaces,
          problems,
        },
      };
    },
    { signal: context.signal },
  );
}

export function totalsOf(namespaces: readonly NamespaceDiff[]): DiffResult['totals'] {
  const documents: DocumentCounts = { inBackup: 0, inTarget: 0, same: 0, changed: 0, onlyInBackup: 0, onlyInTarget: 0 };
  for (const { documents: counts } of namespaces) {
    documents.inBackup += counts.inBackup;
    documents.inTarget += counts.inTarget;
    documents.same += counts.same;
    documents.changed += counts.changed;
    documents.onlyInBackup += counts.onlyInBackup;
    documents.onlyInTarget += counts.onlyInTarget;
  }
  return { documents, effect: sumEffects(namespaces.map(({ effect }) => effect)), namespaces: namespaces.length };
}
