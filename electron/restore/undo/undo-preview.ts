/** What undoing a restore would put back: a preview like any other, and the proof once it was applied. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BackupLocation } from '../../catalogue/backup-location';
import type { OpenDeployment } from '../../connections/service';
import { currentClusterTime, dataCollection, readLiveMetadata } from '../../diff/live-metadata';
import { diffMetadata } from '../../diff/metadata-diff';
import type { Manifest, OplogSpan } from '../../../shared/backups';
import type { NamespaceDiff, Problem } from '../../../shared/diff';
import { formatQuantity } from '../../../shared/format';
import { parseNamespace } from '../../../shared/namespaces';
import { conflictSchema, type Conflict, type PreviewRequest } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import { compare, totalsOf, type Comparison, type ComparisonContext } from '../preview/compare';
import type { RestoreDependencies } from '../dependencies';
import type { PlanNamespace, RebuildWay } from '../preview/preview-store';
import { predictProblems } from '../preview/problems';
import {
  compareUndoTaskName,
  type ComparedUndo,
  type CompareUndoInput,
  type CompareUndoNamespace,
  type CompareUndoOutput,
} from './compare-task';
import { mayBeRebuilt, rebuildProblem, rebuildWayOf, uuidProblems } from './rebuild-plan';
import { authorizationProblems } from './undo-authorizations';
import { databasesOf, pairUndo, type UndoPair, type UndoPairs } from './undo-pairs';
import { undoFilesOf, type UndoNamespace, type UndoRecord } from './undo-record';

export interface UndoScope {
  record: UndoRecord;
  /** Of the undo's own backup. */
  manifest: Manifest;
  location: BackupLocation;
  request: PreviewRequest;
}

export interface UndoComparison extends Pick<Comparison, 'result' | 'plan' | 'digest'> {
  /** Between which places of its oplog the collections that were restored whole were read; null: not known. */
  span: OplogSpan | null;
  /** Documents that someone changed since the restore: the first of them. */
  conflicts: Conflict[];
}

const conflictsName = 'conflicts.json';

/** The request of an undo's preview. */
export function undoRequest(undoId: string, connectionId: string): PreviewRequest {
  return {
    backupId: undoId,
    connectionId,
    namespaces: [],
    renames: [],
    mode: 'exact',
    readPreference: 'primary',
    member: null,
    full: false,
    details: 'where-needed',
  };
}

/** The live side of an undo, now. */
export async function readUndoPairs(
  { record, manifest }: Pick<UndoScope, 'record' | 'manifest'>,
  deployment: OpenDeployment,
): Promise<UndoPairs> {
  return pairUndo(record, manifest, await readLiveMetadata(deployment.client, databasesOf(record)));
}

/**
 * Compares the target with its state before the restore, over what the restore wrote and nothing else; the documents to
 * be put back go into `folder`. Throws 'refused' when the connection leads to another deployment.
 */
export async function compareUndo(
  dependencies: RestoreDependencies,
  scope: UndoScope,
  folder: string,
  context: ComparisonContext,
): Promise<UndoComparison> {
  const startedAt = Date.now();
  const { record, manifest, request } = scope;
  return dependencies.connections.use(
    request.connectionId,
    async (deployment) => {
      context.report({ phase: 'Reading collections and indexes' });
      await requireSameDeployment(record, deployment);
      const clusterTime = await currentClusterTime(deployment.client);
      const { pairs, strange } = await readUndoPairs(scope, deployment);
      const comparedFolder = join(folder, 'compared');
      const { places, span } = await compareWhole(dependencies, scope, pairs, comparedFolder, context);
      const namespaces = pairs.flatMap((pair, index) => namespaceOf(pair, index, comparedFolder, places));
      const { topology } = await deployment.describe();
      const files = undoFilesOf(scope.location);
      const { entriesFile, idsFile } = record;
      const input: CompareUndoInput = {
        uri: deployment.toolUri(),
        folder,
        files,
        archive: scope.location.archive,
        blockIndex: scope.location.blockIndex,
        expected: entriesFile && idsFile ? { entries: entriesFile, ids: idsFile } : null,
        namespaces,
        documents: record.namespaces.reduce((sum, { entries }) => sum + entries, 0),
      };
      const output = await dependencies.tasks.run<CompareUndoInput, CompareUndoOutput>(compareUndoTaskName, input, {
        signal: context.signal,
        report: (update) => context.report(update),
        log: (line) => context.log(line),
      });
      const counted = new Map(output.namespaces.map((compared) => [compared.index, compared]));
      const ways = pairs.map((pair, index) => rebuildWayOf(pair, counted.get(index), topology === 'sharded'));
      const diffs = pairs.map((pair, index) => diffOf(pair, counted.get(index), ways[index] ?? null));
      context.report({ phase: 'Looking for problems' });
      const rebuilt = new Set(pairs.flatMap(({ targetNs }, index) => (ways[index] ? [targetNs] : [])));
      const predicted = await predictProblems({ deployment, manifest, pairs, namespaces: diffs, rebuilt });
      const problems = [
        ...predicted,
        ...pairs.flatMap((pair, index) => {
          const way = ways[index];
          return way ? [rebuildProblem(pair, way, counted.get(index)?.conflicts ?? 0)] : [];
        }),
        ...uuidProblems(pairs),
        ...changedSince(diffs, output.conflicts),
        ...strange.map(strangeProblem),
        ...(await authorizationProblems(deployment.client, record.authorizations)),
      ];
      const plan = pairs.map((pair, index) => planOf(pair, index, ways[index] ?? null));
      await writeFile(join(folder, conflictsName), JSON.stringify(output.conflicts), { mode: 0o600 });
      return {
        plan,
        span,
        digest: scope.location.digest,
        conflicts: output.conflicts,
        result: {
          backupId: manifest.id,
          target: deployment.connection.name,
          mode: request.mode,
          clusterTime,
          elapsedMs: Date.now() - startedAt,
          totals: totalsOf(diffs),
          namespaces: diffs,
          problems,
        },
      };
    },
    { signal: context.signal },
  );
}

/** What {@link compareUndo} found changed by someone else, for whoever applies its preview. */
export async function readUndoConflicts(folder: string): Promise<Conflict[]> {
  const text = await readFile(join(folder, conflictsName), 'utf8');
  return z.array(conflictSchema).parse(JSON.parse(text));
}

async function requireSameDeployment(record: UndoRecord, deployment: OpenDeployment): Promise<void> {
  if (record.setId === null) return;
  const { setId } = await deployment.describe();
  if (setId === record.setId) return;
  fail(
    'refused',
    `${deployment.connection.name} is not the deployment that was restored (${record.target}).`,
    'Choose a connection to the deployment that the restore wrote to.',
  );
}

/** Whole collections are compared as in any preview; numbers of their folders by namespace. */
async function compareWhole(
  dependencies: RestoreDependencies,
  { manifest, location, request }: UndoScope,
  pairs: readonly UndoPair[],
  folder: string,
  context: ComparisonContext,
): Promise<{ places: ReadonlyMap<string, number>; span: OplogSpan | null }> {
  const whole = pairs.filter(({ undo }) => undo.documents === 'digest');
  if (whole.length === 0) return { places: new Map(), span: null };
  const names = new Set(whole.filter(({ backup }) => backup !== null).map(({ ns }) => ns));
  const extras = whole.filter(({ backup }) => backup === null).map(({ ns }) => ns);
  const namespaces = manifest.namespaces.filter(({ database, collection }) => names.has(`${database}.${collection}`));
  // Cluster times would let the oplog tell what changed; the restore itself dropped what they are about.
  const part: Manifest = { ...manifest, namespaces, clusterTimeStart: null };
  const scope = { manifest: part, location, request, withExtras: false, extras };
  const { plan, span } = await compare(dependencies, scope, folder, context);
  return { places: new Map(plan.map(({ ns, index }) => [ns, index])), span: span ?? null };
}

function namespaceOf(
  pair: UndoPair,
  index: number,
  comparedFolder: string,
  whole: ReadonlyMap<string, number>,
): CompareUndoNamespace[] {
  const { ns, undo, target } = pair;
  const parsed = parseNamespace(ns);
  if (!parsed || undo.type === 'view') return [];
  const collection = dataCollection(undo.type, target?.collection ?? parsed.collection);
  const rebuild = mayBeRebuilt(pair) ? (pair.backup?.documents ?? 0) : null;
  const place = { index, ns, database: parsed.database, collection, archivedAs: undo.archivedAs, rebuild };
  const comparedIndex = whole.get(ns);
  if (undo.documents !== 'digest') {
    return [{ ...place, by: { kind: 'entries', first: undo.firstEntry, count: undo.entries } }];
  }
  if (comparedIndex === undefined) fail('internal', `${ns} was left out of the comparison.`);
  return [{ ...place, by: { kind: 'digest', comparedFolder, comparedIndex, restoredAs: undo.restoredAs } }];
}

function planOf({ ns, undo, target }: UndoPair, index: number, rebuild: RebuildWay | null): PlanNamespace {
  return {
    index,
    ns,
    targetNs: ns,
    backupNamespace: undo.archivedAs,
    type: undo.type,
    target: target && {
      database: target.database,
      collection: target.collection,
      type: target.type,
      uuid: target.uuid,
    },
    rebuild,
  };
}

function diffOf(pair: UndoPair, compared: ComparedUndo | undefined, way: RebuildWay | null): NamespaceDiff {
  const diff = diffMetadata(pair, true);
  if (!compared) return diff;
  const { changed, onlyInBackup, onlyInTarget, conflicts } = compared;
  const counted = pair.target ? (pair.target.documents ?? changed + onlyInTarget + compared.same) : 0;
  const inTarget = Math.max(counted, changed + onlyInTarget);
  const same = pair.backup ? Math.max(inTarget - changed - onlyInTarget - conflicts, 0) : 0;
  const documents = { inBackup: same + changed + onlyInBackup, inTarget, same, changed, onlyInBackup, onlyInTarget };
  const differs = changed + onlyInBackup + onlyInTarget > 0;
  const keep = Math.max(inTarget - changed - onlyInTarget, 0);
  const inPlace = { insert: onlyInBackup, replace: changed, delete: onlyInTarget, keep, conflict: conflicts };
  const untouched = { insert: 0, replace: 0, delete: 0, keep: inTarget };
  const saved = pair.backup?.documents ?? 0;
  const kept = Math.min(conflicts, inTarget);
  const others = compared.othersChanged;
  const rebuilt = { insert: saved - others, replace: 0, delete: inTarget - kept, keep: kept };
  return {
    ...diff,
    documents,
    status: diff.status === 'same' && differs ? 'differs' : diff.status,
    comparedBy: 'digest',
    effect: way === null ? inPlace : { ...(way === 'refused' ? untouched : rebuilt), conflict: conflicts },
  };
}

function changedSince(diffs: readonly NamespaceDiff[], conflicts: readonly Conflict[]): Problem[] {
  return diffs
    .filter(({ effect }) => effect.conflict > 0)
    .map(({ targetNs, effect }) => {
      const listed = conflicts.filter(({ ns }) => ns === targetNs).slice(0, 100);
      return {
        code: 'changed-since-restore',
        severity: 'warning',
        ns: targetNs,
        message: `Changed by someone else since the restore, and left as it is now: ${formatQuantity(effect.conflict, 'document')} of ${targetNs}.`,
        hint: 'To put them back all the same, restore them from this backup with overwrite.',
        modes: null,
        when: null,
        objects: listed.map(({ ns, id, reason }) => ({ ns, id, name: null, detail: reason })),
        objectsTotal: effect.conflict,
      };
    });
}

function strangeProblem({ undo, reason }: { undo: UndoNamespace; reason: string }): Problem {
  return {
    code: 'changed-since-restore',
    severity: 'warning',
    ns: undo.ns,
    message: `${reason} It stays as it is.`,
    hint: undo.entries > 0 ? 'What was saved of it can be restored from this backup with overwrite.' : null,
    modes: null,
    when: null,
    objects: [],
    objectsTotal: 0,
  };
}
