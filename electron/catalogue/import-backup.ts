/** The job that makes a normal backup of a foreign dump. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Manifest } from '../../shared/backups';
import type { Job } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import type { StoreStatus } from '../../shared/settings';
import { detectFormat } from '../archive/detect-format';
import type { TaskRunner } from '../jobs/run-in-worker';
import type { JobContext, JobRunner } from '../jobs/runner';
import { audited, type AuditSink } from '../audit/audited';
import {
  createBackupFolder,
  discardBackupFolder,
  explainStoreFailure,
  publishBackupFolder,
  type BackupFolder,
} from './backup-folder';
import { newImportId } from './backup-id';
import { importPhase, importTaskName, type ImportInput, type ImportOutput } from './import-task';
import { writeManifest } from './manifest-file';
import { filesOf, holdsUsersAndRoles, manifestNamespaces } from './manifest-namespaces';
import { requireGood, verifyBackup, verifyPhases } from './verification';

export interface ImportOrder {
  path: string;
  store: StoreStatus;
  jobs: Pick<JobRunner, 'start'>;
  tasks: Pick<TaskRunner, 'run'>;
  audit: AuditSink;
  version: string;
  changed: () => void;
}

/** Folder of imports in a store; their sources have no connection. */
const importsFolder = 'imported';

/**
 * Throws 'not-found' or 'not-a-dump' before there is a job. The job fails with 'archive-truncated' or 'archive-damaged'
 * naming what is complete; then nothing is left.
 */
export async function startImport(order: ImportOrder): Promise<Job> {
  const path = resolve(order.path);
  const { format, reason } = await detectFormat(path);
  if (format === 'not-a-dump') {
    fail(
      'not-a-dump',
      `${path} is no dump. ${reason}`,
      'Choose a mongodump archive (--archive), the folder of a dump (--out), or a tar.gz of one.',
    );
  }
  const definition = {
    kind: 'import' as const,
    title: `Import ${basename(path)}`,
    phases: [importPhase, ...verifyPhases[2]],
    connectionId: null,
  };
  return order.jobs.start(definition, (context) => runImport(order, path, context));
}

async function runImport(order: ImportOrder, path: string, context: JobContext): Promise<void> {
  const { store, audit } = order;
  const id = newImportId(basename(path), new Date());
  const subject = {
    operation: 'backup.import',
    category: 'backup' as const,
    target: basename(path),
    parameters: { backupId: id, path, store: store.name },
    jobId: context.jobId,
  };
  const work = async (): Promise<Manifest> => {
    const folder = await createBackupFolder(store.path, importsFolder, id, context);
    try {
      return await importInto(order, { path, id, folder }, context);
    } catch (error) {
      await discardBackupFolder(folder.partial.folder);
      throw await explainStoreFailure(error, store.path);
    }
  };
  await audited(audit, subject, work, {
    start: true,
    hasWarnings: (manifest) => manifest.status === 'complete-with-warnings',
  });
}

async function importInto(
  order: ImportOrder,
  { path, id, folder }: { path: string; id: string; folder: BackupFolder },
  context: JobContext,
): Promise<Manifest> {
  const { signal, report } = context;
  const input: ImportInput = { path, location: folder.partial };
  const output = await order.tasks.run<ImportInput, ImportOutput>(importTaskName, input, {
    signal,
    report,
    log: (line) => context.log(line),
  });
  const manifest = await deriveManifest(order, path, id, output);
  for (const warning of output.warnings) context.warn(warning);
  await writeManifest(folder.partial, manifest);
  const verification = await verifyBackup(order.tasks, { location: folder.partial, manifest, level: 2 }, context);
  if (signal.aborted) throw new AppFailure({ code: 'cancelled', message: 'Cancelled.' });
  // Nothing was lost by refusing: what was imported is still where it came from.
  requireGood(verification, basename(path));
  await publishBackupFolder(folder, context);
  context.setResult(id);
  order.changed();
  return manifest;
}

/** When the dump was made, as well as it can be known: its oplog's last entry, else the age of the file. */
async function timeOfDump(path: string, output: ImportOutput): Promise<Date> {
  const last = output.archive.oplog?.last;
  return last ? new Date(last.seconds * 1000) : (await stat(path)).mtime;
}

async function deriveManifest(order: ImportOrder, path: string, id: string, output: ImportOutput): Promise<Manifest> {
  const { archive, warnings } = output;
  const namespaces = manifestNamespaces(archive);
  const header = archive.prelude?.header;
  return {
    formatVersion: 1,
    id,
    type: 'imported',
    parent: null,
    plan: null,
    category: 'operational',
    status: warnings.length > 0 ? 'complete-with-warnings' : 'complete',
    pinned: false,
    note: '',
    createdAt: (await timeOfDump(path, output)).toISOString(),
    completedAt: new Date().toISOString(),
    clusterTimeStart: null,
    clusterTimeEnd: archive.oplog?.last ?? null,
    source: {
      name: basename(path),
      connectionId: null,
      topology: 'unknown',
      setName: null,
      setId: null,
      hosts: [],
      serverVersion: header?.serverVersion || null,
      featureCompatibilityVersion: null,
      memberReadFrom: null,
      importedFrom: path,
    },
    tools: { lifeboat: order.version, mongodump: header?.toolVersion || null },
    command: [],
    oplog: archive.oplog,
    ...filesOf(archive),
    namespaces,
    usersAndRoles: holdsUsersAndRoles(namespaces),
    warnings,
  };
}
