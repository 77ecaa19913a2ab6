/** The work of a backup job: prepare, dump, describe, verify, and only then show it. */
import type { BackupRequest, ClusterTime, Manifest, OplogSpan } from '../../shared/backups';
import type { Connection } from '../../shared/connections';
import { AppFailure } from '../../shared/result';
import type { StoreStatus } from '../../shared/settings';
import { audited } from '../audit/audited';
import {
  createBackupFolder,
  discardBackupFolder,
  explainStoreFailure,
  publishBackupFolder,
  type BackupFolder,
} from '../catalogue/backup-folder';
import { describeScope, newBackupId } from '../catalogue/backup-id';
import { writeManifest } from '../catalogue/manifest-file';
import { requireGood, verifyBackup } from '../catalogue/verification';
import type { JobContext } from '../jobs/runner';
import { readPositionAgain, spanBetween } from '../connections/oplog-position';
import type { BackupsDependencies } from './backups-dependencies';
import { dumpTaskName, type DumpInput, type DumpOutput } from './dump-task';
import { compareWithReport, makeManifest } from './make-manifest';
import { readStatedOptions } from './option-order';
import { prepareBackup, type PreparedBackup } from './prepare-backup';
import { readClusterTime } from './source-reader';
import { secretsOf } from './uri-secrets';

export const preparingPhase = 'Preparing';

export interface BackupOrder {
  request: BackupRequest;
  connection: Connection;
  store: StoreStatus;
  tool: { path: string; version: string };
}

export async function runBackup(
  dependencies: BackupsDependencies,
  order: BackupOrder,
  context: JobContext,
): Promise<void> {
  const { request, connection, store } = order;
  const createdAt = new Date();
  const id = newBackupId(request.scope, createdAt);
  const subject = {
    operation: 'backup.run',
    category: 'backup' as const,
    target: connection.name,
    parameters: { backupId: id, scope: describeScope(request.scope), store: store.name, category: request.category },
    jobId: context.jobId,
  };
  const made = async (): Promise<Manifest> => {
    const folder = await createBackupFolder(store.path, connection.name, id, context);
    try {
      return await makeBackup(dependencies, order, { id, createdAt, folder }, context);
    } catch (error) {
      await discardBackupFolder(folder.partial.folder);
      throw await explainStoreFailure(error, store.path);
    }
  };
  await audited(dependencies.audit, subject, made, {
    start: true,
    hasWarnings: (manifest) => manifest.status === 'complete-with-warnings',
  });
}

interface Undertaking {
  id: string;
  createdAt: Date;
  folder: BackupFolder;
}

async function makeBackup(
  dependencies: BackupsDependencies,
  order: BackupOrder,
  { id, createdAt, folder }: Undertaking,
  context: JobContext,
): Promise<Manifest> {
  const { request, connection, tool } = order;
  const { prepared, output, clusterTimeEnd, oplogSpan } = await dump(dependencies, order, folder, context);
  const warnings = compareWithReport(output, prepared.plan);
  const manifest = makeManifest({
    id,
    request,
    connection,
    prepared,
    output,
    createdAt,
    completedAt: new Date(),
    clusterTimeEnd,
    oplogSpan,
    versions: { lifeboat: dependencies.version, mongodump: tool.version },
    warnings,
  });
  for (const warning of [...warnings, ...output.warnings]) context.warn(warning);
  await writeManifest(folder.partial, manifest);
  const verification = await verifyBackup(
    dependencies.tasks,
    { location: folder.partial, manifest, level: 2 },
    context,
  );
  if (context.signal.aborted) throw new AppFailure({ code: 'cancelled', message: 'Cancelled.' });
  await publishBackupFolder(folder, context);
  context.setResult(id);
  await warnOfLaterBackup(dependencies, manifest, context);
  dependencies.catalogue.changed();
  requireGood(verification, id);
  return manifest;
}

/** After a clock that went backwards an older backup would pass for the latest one. */
async function warnOfLaterBackup(
  { catalogue }: BackupsDependencies,
  { id, createdAt, source }: Manifest,
  context: JobContext,
): Promise<void> {
  const [latest] = source.connectionId === null ? [] : await catalogue.history(source.connectionId).catch(() => []);
  if (!latest || latest.id === id || Date.parse(latest.createdAt) <= Date.parse(createdAt)) return;
  context.warn(
    `${latest.id} says it was made at ${latest.createdAt}, which is yet to come: “latest” means that one until then. ` +
      'Check the clock of this computer.',
  );
}

function databasesToRead({ collections }: PreparedBackup): string[] {
  return [...new Set(collections.map(({ database }) => database))];
}

interface Dumped {
  prepared: PreparedBackup;
  output: DumpOutput;
  clusterTimeEnd: ClusterTime | null;
  oplogSpan: OplogSpan | null;
}

/** Null also for a backup of queries: what they left out is no change since. */
async function readSpan(
  source: Parameters<typeof prepareBackup>[0],
  { plan, member }: PreparedBackup,
  { readPreference }: BackupRequest,
): Promise<OplogSpan | null> {
  if (plan.runs.some(({ query }) => query !== null)) return null;
  const after = await readPositionAgain(source.client, readPreference, member.position);
  return spanBetween(member.start, member.position, after);
}

async function dump(
  dependencies: BackupsDependencies,
  order: BackupOrder,
  folder: BackupFolder,
  context: JobContext,
): Promise<Dumped> {
  const { request, connection, tool } = order;
  const { signal, report } = context;
  report({ phase: preparingPhase });
  const work = async (source: Parameters<typeof prepareBackup>[0]): Promise<Dumped> => {
    const prepared = await prepareBackup(source, request);
    for (const note of prepared.notes) context.log(note);
    for (const command of prepared.commands) context.log(command.join(' '));
    if (prepared.member.name !== null) context.log(`Reading from ${prepared.member.name}`);
    const { host } = prepared.member;
    const uri = source.toolUri(host === null ? {} : { host });
    const input: DumpInput = {
      tool: tool.path,
      uri,
      secrets: secretsOf(uri),
      temporaryFolder: dependencies.temporaryFolder,
      runs: prepared.plan.runs,
      filter: prepared.plan.filter,
      options: await readStatedOptions(source.client, databasesToRead(prepared)),
      readPreference: prepared.readPreference,
      location: folder.partial,
      level: request.compressionLevel,
      digest: request.digest,
      documentsTotal: prepared.documents,
      bytesTotal: prepared.bytes,
    };
    const output = await dependencies.tasks.run<DumpInput, DumpOutput>(dumpTaskName, input, {
      signal,
      report,
      log: (line) => context.log(line),
    });
    const clusterTimeEnd = await readClusterTime(source.client).catch(() => {
      context.warn('The cluster time at the end of the dump could not be read.');
      return null;
    });
    const oplogSpan = await readSpan(source, prepared, request).catch(() => null);
    return { prepared, output, clusterTimeEnd, oplogSpan };
  };
  return dependencies.connections.use(connection.id, work, { signal });
}
