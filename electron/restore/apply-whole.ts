/**
 * clone and drop: whole collections through mongorestore. When such a restore goes on after it was cut off, the
 * collections it had begun hold documents of their own by now, maybe others' too: they are not dropped again, what they
 * still lack is inserted.
 */
import { readdir, rm } from 'node:fs/promises';
import type { BackupLocation } from '../catalogue/backup-location';
import type { OpenDeployment } from '../connections/service';
import { renameNamespace, selectNamespaces } from '../diff/metadata-diff';
import { DifferingReader } from '../diff/differing-files';
import { valueToExtendedJson } from '../archive/extended-json';
import type { JobContext } from '../jobs/runner';
import type { Manifest, ManifestNamespace } from '../../shared/backups';
import { formatNamespace } from '../../shared/namespaces';
import { defaultMetadata, type PreviewRequest, type Rename } from '../../shared/restore';
import { applyByDriver } from './apply-by-driver';
import { applyByTool, type ToolTally } from './apply-by-tool';
import { compare, pairWithTarget, type ComparisonScope } from './preview/compare';
import type { RestoreDependencies } from './dependencies';
import type { ChosenNamespace } from './writing/plan-writes';
import { listed, type RestoreTally } from './writing/tally';

export interface WholeRestore {
  restoreId: string;
  mode: 'clone' | 'drop';
  manifest: Manifest;
  location: BackupLocation;
  /** Scope and renames under which it is restored. */
  request: PreviewRequest;
  chosen: readonly ChosenNamespace[];
  renames: readonly Rename[];
  deployment: OpenDeployment;
  mongorestore: string;
  replicated: boolean;
  /** It goes on with a run that was cut off; a folder for the comparison that this takes. */
  resumeFolder: string | null;
  onStarted(pid: number): Promise<void>;
}

const nothing: ToolTally = { indexesBuilt: 0, collectionsCreated: 0, collectionsDropped: 0 };

export async function applyWhole(
  dependencies: RestoreDependencies,
  restore: WholeRestore,
  tally: RestoreTally,
  context: JobContext,
): Promise<ToolTally & { optionsChanged: number }> {
  const all = selectNamespaces(restore.manifest, restore.request.namespaces);
  const begun = restore.resumeFolder === null ? [] : await begunBefore(restore, all);
  const rest = all.filter((namespace) => !begun.includes(namespace));
  const done = rest.length === 0 ? nothing : await runTool(dependencies, restore, rest, tally, context);
  const finished = begun.length === 0 ? nothing : await finishBegun(dependencies, restore, begun, tally, context);
  return {
    indexesBuilt: done.indexesBuilt + finished.indexesBuilt,
    collectionsCreated: done.collectionsCreated + finished.collectionsCreated,
    collectionsDropped: done.collectionsDropped + finished.collectionsDropped,
    optionsChanged: 0,
  };
}

async function runTool(
  dependencies: RestoreDependencies,
  { mode, chosen, renames, deployment, mongorestore, location, onStarted }: WholeRestore,
  namespaces: readonly ManifestNamespace[],
  tally: RestoreTally,
  context: JobContext,
): Promise<ToolTally> {
  return applyByTool(
    {
      mongorestore,
      temporaryFolder: dependencies.temporaryFolder,
      uri: deployment.toolUri(),
      namespaces,
      dropped: new Map(
        chosen.flatMap(({ diff, plan }) => (plan.target ? [[diff.targetNs, diff.documents.inTarget] as const] : [])),
      ),
      targetOf: (ns) => renameNamespace(ns, renames),
      onStarted,
      run: {
        archive: location.archive,
        namespaces: namespaces.map(({ database, collection, type }) => ({
          database,
          collection,
          timeseries: type === 'timeseries',
        })),
        renames,
        drop: mode === 'drop',
        parallelCollections: (await dependencies.settings.get()).parallelCollections,
      },
    },
    tally,
    context,
  );
}

/** Those that were made anew since the preview: by the run that was cut off. */
async function begunBefore(restore: WholeRestore, all: readonly ManifestNamespace[]): Promise<ManifestNamespace[]> {
  const { pairs } = await pairWithTarget(scopeOf(restore), restore.deployment);
  const now = new Map(pairs.map(({ ns, target }) => [ns, target]));
  const before = new Map(restore.chosen.map(({ diff, plan }) => [diff.ns, plan.target]));
  return all.filter((namespace) => {
    const target = now.get(formatNamespace(namespace)) ?? null;
    const was = restore.mode === 'clone' ? null : (before.get(formatNamespace(namespace)) ?? null);
    if (!target) return false;
    return was === null || (target.uuid !== null && target.uuid !== was.uuid);
  });
}

function scopeOf({ manifest, location, request }: WholeRestore): ComparisonScope {
  return { manifest, location, request, withExtras: false };
}

async function finishBegun(
  dependencies: RestoreDependencies,
  restore: WholeRestore,
  begun: readonly ManifestNamespace[],
  tally: RestoreTally,
  context: JobContext,
): Promise<ToolTally> {
  const { location, deployment, replicated, resumeFolder } = restore;
  const folder = resumeFolder ?? '';
  await rm(folder, { recursive: true, force: true });
  const request: PreviewRequest = {
    ...restore.request,
    mode: 'insert-missing',
    namespaces: begun.map(formatNamespace),
  };
  const { result, plan } = await compare(dependencies, { ...scopeOf(restore), request }, folder, context);
  const namespaces = result.namespaces.flatMap((diff, index): ChosenNamespace[] => {
    const one = plan[index];
    return one ? [{ diff, plan: one }] : [];
  });
  for (const { diff, plan: one } of namespaces) {
    // What is there as in the backup was inserted by the run before.
    tally.effect.insert += diff.documents.same;
    await noteOthers(folder, diff.targetNs, one.index, tally);
  }
  const dropped = restore.mode === 'drop' ? begun.map((namespace) => heldBefore(restore, namespace)) : [];
  for (const held of dropped) tally.effect.delete += held ?? 0;
  const metadata = await applyByDriver(
    dependencies,
    {
      restoreId: restore.restoreId,
      choice: { mode: 'insert-missing', metadata: defaultMetadata('insert-missing'), picks: new Map() },
      namespaces,
      clusterTime: result.clusterTime,
      previewFolder: folder,
      archive: location.archive,
      blockIndex: location.blockIndex,
      client: deployment.client,
      uri: deployment.toolUri(),
      replicated,
      heldBack: new Map(),
      resumed: false,
    },
    tally,
    context,
  );
  await rm(folder, { recursive: true, force: true });
  return {
    indexesBuilt: begun.reduce((sum, { indexes }) => sum + indexes.filter(({ name }) => name !== '_id_').length, 0),
    collectionsCreated: begun.length + metadata.tally.collectionsCreated,
    collectionsDropped: dropped.filter((held) => held !== null).length,
  };
}

/** Documents that the dropped collection held; null: there was none. */
function heldBefore({ chosen }: WholeRestore, namespace: ManifestNamespace): number | null {
  const found = chosen.find(({ diff }) => diff.ns === formatNamespace(namespace));
  return found?.plan.target ? found.diff.documents.inTarget : null;
}

/** mongorestore only inserts what the backup holds: everything else was written by someone else, and stays. */
async function noteOthers(folder: string, ns: string, index: number, tally: RestoreTally): Promise<void> {
  const names: string[] = await readdir(folder).catch(() => []);
  if (!names.includes(String(index))) return;
  const reader = await DifferingReader.open(folder, index).catch(() => null);
  if (!reader) return;
  try {
    for (const change of ['changed', 'onlyInTarget'] as const) {
      tally.effect.conflict += reader.counts[change];
      const room = Math.max(Math.min(reader.counts[change], listed - tally.conflicts.length), 0);
      for (const { id } of room > 0 ? await reader.read(change, 0, room) : []) {
        const reason = 'It was written by someone else after the restore was cut off.';
        tally.conflicts.push({ ns, id: id ? valueToExtendedJson(id) : 'null', reason, versions: null });
      }
    }
  } finally {
    await reader.close();
  }
}
