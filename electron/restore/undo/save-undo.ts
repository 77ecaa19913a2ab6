/** Saves what a restore is about to overwrite or delete, as a backup of its own, durable before anything is written. */
import { constants } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import type { BackupLocation } from '../../catalogue/backup-location';
import {
  createBackupFolder,
  discardBackupFolder,
  explainStoreFailure,
  publishBackupFolder,
} from '../../catalogue/backup-folder';
import { newUndoId } from '../../catalogue/backup-id';
import { writeManifest } from '../../catalogue/manifest-file';
import { filesOf, holdsUsersAndRoles, manifestNamespaces } from '../../catalogue/manifest-namespaces';
import { requireGood, verifyBackup } from '../../catalogue/verification';
import type { OpenDeployment } from '../../connections/service';
import type { LiveNamespace } from '../../diff/metadata-diff';
import type { WrittenFile } from '../../archive/hashing-file';
import type { BlockedArchiveResult } from '../../archive/write-blocked-archive';
import type { JobContext } from '../../jobs/runner';
import { freeBytes } from '../../settings/disk-space';
import type { ClusterTime, Manifest } from '../../../shared/backups';
import type { Deployment } from '../../../shared/connections';
import type { RestoreMode } from '../../../shared/diff';
import { formatBytes } from '../../../shared/format';
import { formatNamespace } from '../../../shared/namespaces';
import { undoDays } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import type { RestoreDependencies } from '../dependencies';
import type { AuthorizationKind } from '../writing/users-and-roles';
import type { WriteTaskNamespace } from '../writing/write-task';
import { dumpCollections } from './dump-collections';
import { saveUndoTaskName, saveUndoPhase, type SaveUndoInput, type SaveUndoOutput } from './save-task';
import type { authorizationsOfUndo } from './undo-authorizations';
import { preludeOf } from './undo-metadata';
import type { TouchedNamespace } from './undo-plan';
import { undoFilesOf, writeUndoRecord, type UndoRecord } from './undo-record';

export interface UndoOrder {
  restoreId: string;
  mode: RestoreMode;
  /** The backup that is restored. */
  backupId: string;
  archive: string;
  blockIndex: string;
  /** Its digest, as the preview used it. */
  digest: string;
  previewFolder: string;
  touched: readonly TouchedNamespace[];
  /** What lives under the touched names now. */
  live: readonly LiveNamespace[];
  /** Documents to be written one by one; empty for clone and drop. */
  writes: readonly (WriteTaskNamespace & { documents: number })[];
  /** Users and roles that will come and go, with the stored documents of those that go; null: they stay as they are. */
  authorizations: Awaited<ReturnType<typeof authorizationsOfUndo>> | null;
  deployment: OpenDeployment;
}

export interface SavedUndo {
  undoId: string;
  until: string;
  heldBack: Map<number, string[]>;
  /** Of the saved collections, for whole ones: nothing in them is older. */
  clusterTime: ClusterTime | null;
}

interface Filled {
  archive: BlockedArchiveResult;
  files: { entries: WrittenFile; ids: WrittenFile } | null;
  record: UndoRecord['namespaces'];
  heldBack: Map<number, string[]>;
  clusterTime: ClusterTime | null;
  mongodump: string | null;
}

/**
 * Null when nothing would be written. Throws 'disk-full' with both sizes, 'preview-stale', and what reading the target
 * throws: then nothing was written anywhere.
 */
export async function saveUndo(
  dependencies: RestoreDependencies,
  order: UndoOrder,
  context: JobContext,
): Promise<SavedUndo | null> {
  const { touched, deployment } = order;
  const { added = [], removed = [] } = order.authorizations?.authorizations ?? {};
  if (touched.length + added.length + removed.length === 0) return null;
  context.report({ phase: saveUndoPhase });
  const store = await dependencies.settings.storeById(null, { write: true });
  await requireSpace(order, store.path);
  const createdAt = new Date();
  const [first] = touched;
  const many = touched.length === 0 ? 'users-and-roles' : `${touched.length}-collections`;
  const scope = touched.length === 1 && first ? first.undo.ns : many;
  const undoId = newUndoId(scope, createdAt);
  const folder = await createBackupFolder(store.path, deployment.connection.name, undoId, context);
  try {
    const described = await deployment.describe();
    const filled = order.touched.some(({ undo }) => undo.dropped && undo.documents === 'digest')
      ? await dumpWhole(dependencies, order, folder.partial, context)
      : await saveDocuments(dependencies, order, described, folder.partial, context);
    if (filled.record.some(({ restoredAs }) => restoredAs !== null)) {
      await copyDurably(order.digest, undoFilesOf(folder.partial).restored);
    }
    const completedAt = new Date();
    const until = new Date(completedAt.getTime() + undoDays * 24 * 60 * 60 * 1000).toISOString();
    await writeUndoRecord(folder.partial, {
      formatVersion: 1,
      restoreId: order.restoreId,
      backupId: order.backupId,
      mode: order.mode,
      connectionId: deployment.connection.id,
      target: deployment.connection.name,
      setId: described.setId,
      createdAt: createdAt.toISOString(),
      until,
      entriesFile: filled.files?.entries ?? null,
      idsFile: filled.files?.ids ?? null,
      namespaces: filled.record,
      authorizations: order.authorizations?.authorizations ?? null,
    });
    const manifest = manifestOf(dependencies.version, order, described, filled, { undoId, createdAt, completedAt });
    await writeManifest(folder.partial, manifest);
    const verification = await verifyBackup(
      dependencies.tasks,
      { location: folder.partial, manifest, level: 1 },
      context,
    );
    requireGood(verification, undoId);
    if (context.signal.aborted) fail('cancelled', 'Cancelled.');
    await publishBackupFolder(folder, context);
    dependencies.catalogue.changed();
    return { undoId, until, heldBack: filled.heldBack, clusterTime: filled.clusterTime };
  } catch (error) {
    await discardBackupFolder(folder.partial.folder);
    throw await explainStoreFailure(error, store.path);
  }
}

/** Live bytes of what will be overwritten or deleted, from each collection's average; null where nobody can tell. */
function estimateBytes({ touched, live, writes }: UndoOrder): number {
  const byName = new Map(live.map((namespace) => [formatNamespace(namespace), namespace]));
  return touched.reduce((sum, { index, undo }) => {
    const { bytes, documents } = byName.get(undo.ns) ?? { bytes: null, documents: null };
    if (!bytes || !documents || !undo.existed) return sum;
    if (undo.documents === 'digest') return sum + bytes;
    const write = writes.find((candidate) => candidate.index === index);
    const saved = write && write.changes.some((change) => change !== 'onlyInBackup') ? write.documents : 0;
    return sum + (bytes / documents) * Math.min(saved, documents);
  }, 0);
}

async function requireSpace(order: UndoOrder, storePath: string): Promise<void> {
  const needed = estimateBytes(order);
  const free = await freeBytes(storePath);
  if (free === null || free > needed) return;
  fail(
    'disk-full',
    `To be undone, this restore needs up to ${formatBytes(needed)} in ${storePath}, where ${formatBytes(free)} are free.`,
    'Nothing was written. Free space, choose another default store, or restore without undo.',
  );
}

async function saveDocuments(
  dependencies: RestoreDependencies,
  order: UndoOrder,
  described: Deployment,
  location: BackupLocation,
  context: JobContext,
): Promise<Filled> {
  const { touched, live, writes } = order;
  const existing = new Set(touched.filter(({ undo }) => undo.existed).map(({ undo }) => undo.ns));
  const byEntry = new Set(touched.filter(({ undo }) => undo.documents === 'entries').map(({ index }) => index));
  const namespaces = writes.filter(({ index }) => byEntry.has(index));
  const authorizations = order.authorizations?.documents ?? { users: [], roles: [] };
  const input: SaveUndoInput = {
    uri: order.deployment.toolUri(),
    previewFolder: order.previewFolder,
    archive: order.archive,
    blockIndex: order.blockIndex,
    namespaces,
    prelude: preludeOf(
      [
        ...live.filter((namespace) => existing.has(formatNamespace(namespace))),
        ...kindsIn(authorizations).map(authorizationNamespace),
      ],
      described.serverVersion,
    ),
    authorizations,
    location,
    level: (await dependencies.settings.get()).compressionLevel,
    documents: namespaces.reduce((sum, { documents }) => sum + documents, 0),
  };
  const output = await dependencies.tasks.run<SaveUndoInput, SaveUndoOutput>(saveUndoTaskName, input, {
    signal: context.signal,
    report: (update) => context.report(update),
    log: (line) => context.log(line),
  });
  const saved = new Map(output.namespaces.map((namespace) => [namespace.index, namespace]));
  return {
    archive: output.archive,
    files: { entries: output.entries, ids: output.ids },
    record: touched.map(({ index, undo }) => {
      const { firstEntry = 0, entries = 0 } = saved.get(index) ?? {};
      return { ...undo, firstEntry, entries };
    }),
    heldBack: new Map(output.namespaces.map(({ index, heldBack }) => [index, heldBack])),
    clusterTime: null,
    mongodump: null,
  };
}

async function dumpWhole(
  dependencies: RestoreDependencies,
  order: UndoOrder,
  location: BackupLocation,
  context: JobContext,
): Promise<Filled> {
  const existing = order.touched.filter(({ undo }) => undo.existed).map(({ undo }) => undo.ns);
  const dumped = await dumpCollections(dependencies, order.deployment, existing, location, context);
  const written = new Set(
    dumped.archive.namespaces.filter(({ documents }) => documents > 0).map((each) => each.namespace),
  );
  return {
    ...dumped,
    files: null,
    heldBack: new Map(),
    // Servers put the documents of a time series under one name or the other.
    record: order.touched.map(({ undo }) => {
      return undo.archivedAs !== null && written.has(undo.ns) ? { ...undo, archivedAs: undo.ns } : undo;
    }),
  };
}

function kindsIn(documents: Record<AuthorizationKind, Uint8Array[]>): AuthorizationKind[] {
  return (['users', 'roles'] as const).filter((kind) => documents[kind].length > 0);
}

/** The collection in which servers store them, as a backup lists it. */
function authorizationNamespace(kind: AuthorizationKind): LiveNamespace {
  const [options, indexes] = [{}, []];
  const place = { database: 'admin', collection: `system.${kind}`, type: 'collection' as const };
  return { ...place, options, indexes, uuid: null, documents: null, bytes: null };
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function manifestOf(
  version: string,
  order: UndoOrder,
  deployment: Deployment,
  { archive, clusterTime, mongodump }: Filled,
  { undoId, createdAt, completedAt }: { undoId: string; createdAt: Date; completedAt: Date },
): Manifest {
  const { connection } = order.deployment;
  const hosts = deployment.members.map(({ host }) => host);
  const namespaces = manifestNamespaces(archive);
  return {
    formatVersion: 1,
    id: undoId,
    type: 'undo',
    parent: null,
    plan: null,
    category: 'operational',
    status: 'complete',
    pinned: true,
    note: `Undoes ${order.restoreId}`,
    createdAt: createdAt.toISOString(),
    completedAt: completedAt.toISOString(),
    clusterTimeStart: clusterTime,
    clusterTimeEnd: null,
    source: {
      name: connection.name,
      connectionId: connection.id,
      topology: deployment.topology,
      setName: deployment.setName,
      setId: deployment.setId,
      hosts: hosts.length > 0 ? hosts : [deployment.host],
      serverVersion: deployment.serverVersion,
      featureCompatibilityVersion: deployment.featureCompatibilityVersion,
      memberReadFrom: null,
      importedFrom: null,
    },
    tools: { lifeboat: version, mongodump },
    command: [],
    oplog: null,
    ...filesOf(archive),
    namespaces,
    usersAndRoles: holdsUsersAndRoles(namespaces),
    warnings: [],
  };
}
