/** Making backups: what one would take, and the job that makes it. */
import type { BackupEstimate, BackupRequest } from '../../shared/backups';
import { formatCommand } from '../../shared/command-text';
import type { Job } from '../../shared/jobs';
import { AppFailure } from '../../shared/result';
import { describeScope } from '../catalogue/backup-id';
import { verifyPhases } from '../catalogue/verification';
import type { BackupsDependencies } from './backups-dependencies';
import { dumpPhase } from './dump-task';
import { makeEstimate } from './estimate';
import { prepareBackup, type PreparedBackup } from './prepare-backup';
import { preparingPhase, runBackup } from './run-backup';

export interface Backups {
  /**
   * Sizes, time by past backups, free space and the exact commands, secrets masked. What stands in the way is among
   * `problems`; throws only what leaves nothing to estimate (connection or store gone, 'usage').
   */
  estimate(request: BackupRequest): Promise<BackupEstimate>;
  /**
   * Starts the job; its result is the backup's id. The job fails with 'verification-failed' when the backup was made but
   * did not pass: it is kept and shown as damaged. However else it fails or is cancelled, nothing of it is left.
   */
  run(request: BackupRequest): Promise<Job>;
}

export function createBackups(dependencies: BackupsDependencies): Backups {
  return {
    estimate: (request) => estimate(dependencies, request),
    run: (request) => run(dependencies, request),
  };
}

async function estimate(dependencies: BackupsDependencies, request: BackupRequest): Promise<BackupEstimate> {
  const { connections, settings, toolchain, catalogue } = dependencies;
  const problems: BackupEstimate['problems'] = [];
  const note = (error: unknown): void => {
    if (!(error instanceof AppFailure)) throw error;
    problems.push({ severity: 'error', message: error.error.message, hint: error.error.hint ?? null });
  };
  const connection = await connections.get(request.connectionId);
  const store = await settings.storeById(request.storeId);
  if (!store.writable) problems.push({ severity: 'error', message: store.problem ?? store.path, hint: null });
  await toolchain.require('mongodump').catch(note);
  let prepared: PreparedBackup | null = null;
  await connections
    .use(connection.id, async (source) => {
      prepared = await prepareBackup(source, request);
    })
    .catch(note);
  return makeEstimate({
    ...summarise(prepared),
    history: await catalogue.history(connection.id),
    freeBytes: store.freeBytes,
    storePath: store.path,
    problems: [...problems, ...notesOf(prepared)],
  });
}

function summarise(prepared: PreparedBackup | null) {
  if (!prepared) return { documents: null, bytes: null, commands: [], memberReadFrom: null, oplog: false };
  const { documents, bytes, member, plan } = prepared;
  return {
    documents,
    bytes,
    commands: prepared.commands.map(formatCommand),
    memberReadFrom: member.name,
    oplog: plan.oplog,
  };
}

function notesOf(prepared: PreparedBackup | null): BackupEstimate['problems'] {
  return (prepared?.notes ?? []).map((message) => ({ severity: 'warning' as const, message, hint: null }));
}

async function run(dependencies: BackupsDependencies, request: BackupRequest): Promise<Job> {
  const connection = await dependencies.connections.get(request.connectionId);
  const store = await dependencies.settings.storeById(request.storeId, { write: true });
  const tool = await dependencies.toolchain.require('mongodump');
  const definition = {
    kind: 'backup' as const,
    title: `Back up ${describeScope(request.scope)} of ${connection.name}`,
    phases: [preparingPhase, dumpPhase, ...verifyPhases[2]],
    connectionId: connection.id,
  };
  return dependencies.jobs.start(definition, (context) => {
    return runBackup(dependencies, { request, connection, store, tool }, context);
  });
}
