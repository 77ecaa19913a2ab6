/** A whole comparison: metadata, documents, predicted problems. Serves the preview and the proof after applying. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlockIndex } from '../../archive/block-index';
import { DigestFile } from '../../archive/digest-file';
import { bucketsPrefix } from '../../archive/archive-format';
import type { BackupLocation } from '../../catalogue/backup-location';
import type { OpenDeployment } from '../../connections/service';
import { currentClusterTime, readLiveMetadata } from '../../diff/live-metadata';
import {
  coveredDatabases,
  diffMetadata,
  pairNamespaces,
  renameNamespace,
  selectNamespaces,
  type ComparedNamespace,
} from '../../diff/metadata-diff';
import type { RebuildTaskInput } from '../../diff/rebuild-task';
import type { ProgressUpdate } from '../../../shared/jobs';
import type { ClusterTime, Manifest, OplogSpan } from '../../../shared/backups';
import type { DiffResult, DocumentCounts, NamespaceDiff } from '../../../shared/diff';
import { formatNamespace, parseNamespace } from '../../../shared/namespaces';
import { effectOf, sumEffects, type PreviewRequest } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import { chooseMember, lagProblem } from './chosen-member';
import { compareDetails } from './compare-details';
import { beginReading, compareDocuments, withDocuments, type BackupDigest } from './compare-documents';
import type { RestoreDependencies } from '../dependencies';
import type { EarlierComparison } from './oplog-way';
import type { PlanNamespace } from './preview-store';
import type { DocumentsToForesee } from '../foresight/foresee';
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
  /** Between which places of its oplog the target was read; null where that is not certain. */
  span?: OplogSpan | null;
}

export interface ComparisonScope {
  manifest: Manifest;
  location: BackupLocation;
  request: PreviewRequest;
  /** False: collections that only the target has are left out of the comparison. */
  withExtras: boolean;
  /** False: the documents are not looked at for problems, as in a proof, after which nothing is written. */
  foresee?: boolean;
  /** Collections of the target that belong to the comparison though the backup lacks them. */
  extras?: readonly string[];
  /** A comparison of the same backup with the same target: only what was touched since is compared again. */
  earlier?: EarlierComparison | null;
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

async function openedDigest(path: string, manifest: Manifest | null): Promise<BackupDigest['documentsOf'] | null> {
  const digest = await DigestFile.open(path);
  await digest.close();
  if (manifest && digest.archive.sha256 !== manifest.file.sha256) return null;
  return (namespace) => digest.find(namespace)?.documents ?? null;
}

/** A copy of the digest that an earlier comparison made; null where it made none. */
async function keptDigest({ earlier, manifest }: ComparisonScope, path: string): Promise<BackupDigest | null> {
  if (!earlier) return null;
  const documentsOf = await openedDigest(earlier.stored.digest, manifest).catch(() => null);
  if (!documentsOf) return null;
  await copyFile(earlier.stored.digest, path);
  return { path, own: false, archive: null, documentsOf };
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
  const kept = await keptDigest(scope, path);
  if (kept) return kept;
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
      rebuild: null,
    };
  });
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
      const member = request.member === null ? null : await chooseMember(deployment, request.member);
      const clusterTime: ClusterTime | null = member?.appliedUpTo ?? (await currentClusterTime(deployment.client));
      const readUri = deployment.toolUri(member ? { host: member.host } : {});
      const begun = await beginReading(deployment);
      const live = await pairWithTarget(scope, deployment);
      const digest = await provideDigest(dependencies, scope, folder, context);
      const plan = planNamespaces(live.pairs, digest);
      const input = { scope, live, plan, digest, folder, deployment };
      const { compared, span } = await compareDocuments(dependencies, input, begun, context);
      const counts = new Map([...compared].map(([index, one]) => [index, one.counts]));
      const { archive, blockIndex } = scope.location;
      const toDetail = { request, plan, counts, uri: readUri, folder, archive, blockIndex };
      const details = await compareDetails(dependencies, toDetail, context);
      const namespaces = live.pairs.map((pair, index) => {
        const metadata = diffMetadata(pair, manifest.type !== 'imported');
        const diff = { ...withDocuments(metadata, compared.get(index)), details: details.get(index) ?? null };
        return { ...diff, effect: effectOf(request.mode, diff) };
      });
      context.report({ phase: 'Looking for problems' });
      const { tasks } = dependencies;
      const { readPreference } = request;
      const toForesee: DocumentsToForesee = {
        tasks,
        plan,
        folder,
        location: scope.location,
        uri: readUri,
        readPreference,
        applying: null,
        signal: context.signal,
        report: (update) => context.report(update),
        log: (line) => context.log(line),
      };
      const problems = await predictProblems({
        deployment,
        manifest,
        pairs: live.pairs,
        namespaces,
        ...(scope.foresee === false ? {} : { documents: toForesee }),
      });
      return {
        plan,
        pairs: live.pairs,
        digest: digest.path,
        span,
        result: {
          backupId: manifest.id,
          target: deployment.connection.name,
          mode: request.mode,
          clusterTime,
          elapsedMs: Date.now() - startedAt,
          totals: totalsOf(namespaces),
          namespaces,
          problems: [...problems, ...lagProblem(member)],
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
