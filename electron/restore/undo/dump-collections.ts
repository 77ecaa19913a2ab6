/** Whole collections that a restore is about to drop, saved by the same engine that makes backups. */
import type { BackupLocation } from '../../catalogue/backup-location';
import type { OpenDeployment } from '../../connections/service';
import type { JobContext } from '../../jobs/runner';
import type { BlockedArchiveResult } from '../../archive/write-blocked-archive';
import { dumpTaskName, type DumpInput, type DumpOutput } from '../../backup/dump-task';
import { compareWithReport } from '../../backup/make-manifest';
import { readStatedOptions } from '../../backup/option-order';
import { prepareBackup } from '../../backup/prepare-backup';
import { secretsOf } from '../../backup/uri-secrets';
import type { BackupRequest, ClusterTime } from '../../../shared/backups';
import { parseNamespace } from '../../../shared/namespaces';
import { fail } from '../../../shared/result';
import type { RestoreDependencies } from '../dependencies';

export interface DumpedCollections {
  archive: BlockedArchiveResult;
  /** A time that was applied when the dump began. */
  clusterTime: ClusterTime | null;
  /** Version. */
  mongodump: string;
}

/** Reads `namespaces` from the primary. Throws 'preview-stale' when one of them is gone, and as a backup does. */
export async function dumpCollections(
  dependencies: RestoreDependencies,
  deployment: OpenDeployment,
  namespaces: readonly string[],
  location: BackupLocation,
  context: JobContext,
): Promise<DumpedCollections> {
  const tool = await dependencies.toolchain.require('mongodump');
  const { compressionLevel, parallelCollections } = await dependencies.settings.get();
  const request: BackupRequest = {
    connectionId: deployment.connection.id,
    scope: { kind: 'collections', namespaces: [...namespaces] },
    storeId: null,
    oplog: false,
    readPreference: 'primary',
    compressionLevel,
    parallelCollections,
    usersAndRoles: false,
    digest: true,
    category: 'operational',
    pinned: true,
    note: '',
    plan: null,
  };
  const prepared = await prepareBackup(deployment, request);
  const { host } = prepared.member;
  const uri = deployment.toolUri(host === null ? {} : { host });
  const databases = new Set(namespaces.flatMap((ns) => parseNamespace(ns)?.database ?? []));
  const input: DumpInput = {
    tool: tool.path,
    uri,
    secrets: secretsOf(uri),
    temporaryFolder: dependencies.temporaryFolder,
    runs: prepared.plan.runs,
    filter: prepared.plan.filter,
    options: await readStatedOptions(deployment.client, [...databases]),
    readPreference: prepared.readPreference,
    location,
    level: compressionLevel,
    digest: true,
    documentsTotal: prepared.documents,
    bytesTotal: prepared.bytes,
  };
  const output = await dependencies.tasks.run<DumpInput, DumpOutput>(dumpTaskName, input, {
    signal: context.signal,
    report: (update) => context.report({ ...update, phase: `Saving what will be dropped` }),
    log: (line) => context.log(line),
  });
  const [gone] = compareWithReport(output, prepared.plan);
  if (gone) fail('preview-stale', gone, 'Compare again, look at what changed, and apply then.');
  return { archive: output.archive, clusterTime: prepared.member.appliedUpTo, mongodump: tool.version };
}
