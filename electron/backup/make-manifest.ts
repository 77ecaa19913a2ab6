/** The manifest of a finished dump, and the comparison of what was asked, claimed and written: pure. */
import type { BackupRequest, ClusterTime, Manifest, OplogSpan } from '../../shared/backups';
import type { Connection } from '../../shared/connections';
import { formatCount, formatQuantity } from '../../shared/format';
import { formatNamespace, parseNamespace } from '../../shared/namespaces';
import { fail } from '../../shared/result';
import { typeOfScope } from '../catalogue/backup-id';
import { filesOf, holdsUsersAndRoles, manifestNamespaces } from '../catalogue/manifest-namespaces';
import type { DumpOutput } from './dump-task';
import { commandForManifest } from './mongodump-command';
import { passesFilter, type DumpPlan } from './plan-dump';
import type { PreparedBackup } from './prepare-backup';

/**
 * Holds what mongodump says it dumped against what is in the archive. Throws 'archive-damaged' when documents are
 * missing: exit code 0 proves nothing. Returns warnings: what was asked for and disappeared meanwhile.
 */
export function compareWithReport(output: DumpOutput, plan: DumpPlan): string[] {
  const { archive, reported } = output;
  const written = new Map(archive.namespaces.map((each) => [each.namespace, each]));
  for (const [namespace, documents] of reported) {
    const parsed = parseNamespace(namespace);
    if (parsed && !passesFilter(plan.filter, parsed.database, parsed.collection)) continue;
    const arrived = written.get(namespace)?.documents ?? 0;
    if (arrived !== documents) {
      fail(
        'archive-damaged',
        `mongodump says it dumped ${formatQuantity(documents, 'document')} of ${namespace}; ${formatCount(arrived)} arrived.`,
        'Nothing of this attempt was kept: back up again.',
      );
    }
  }
  if (output.oplogEntries !== null && (archive.oplog?.entries ?? 0) !== output.oplogEntries) {
    fail(
      'archive-damaged',
      `mongodump says it dumped ${formatQuantity(output.oplogEntries, 'oplog entry', 'oplog entries')}; ${formatCount(archive.oplog?.entries ?? 0)} arrived.`,
      'Nothing of this attempt was kept: back up again.',
    );
  }
  const announced = new Set((archive.prelude?.collections ?? []).map(formatNamespace));
  const gone = plan.collections
    .map(formatNamespace)
    .filter((namespace) => !announced.has(namespace))
    .map((namespace) => `${namespace} disappeared before it could be read: it is not in this backup.`);
  return gone;
}

export interface ManifestInput {
  id: string;
  request: BackupRequest;
  connection: Pick<Connection, 'id' | 'name'>;
  prepared: PreparedBackup;
  output: DumpOutput;
  createdAt: Date;
  completedAt: Date;
  clusterTimeEnd: ClusterTime | null;
  oplogSpan: OplogSpan | null;
  versions: { lifeboat: string; mongodump: string };
  /** Beside those of mongodump. */
  warnings: string[];
}

export function makeManifest(input: ManifestInput): Manifest {
  const { request, prepared, output, connection } = input;
  const { deployment, member } = prepared;
  const { archive } = output;
  const warnings = [...input.warnings, ...output.warnings];
  const namespaces = manifestNamespaces(archive);
  const hosts = deployment.members.map(({ host }) => host);
  return {
    formatVersion: 1,
    id: input.id,
    type: typeOfScope(request.scope),
    parent: null,
    plan: request.plan,
    category: request.category,
    status: warnings.length > 0 ? 'complete-with-warnings' : 'complete',
    pinned: request.pinned,
    note: request.note,
    createdAt: input.createdAt.toISOString(),
    completedAt: input.completedAt.toISOString(),
    clusterTimeStart: member.appliedUpTo,
    clusterTimeEnd: input.clusterTimeEnd,
    oplogSpan: input.oplogSpan,
    source: {
      name: connection.name,
      connectionId: connection.id,
      topology: deployment.topology,
      setName: deployment.setName,
      setId: deployment.setId,
      hosts: hosts.length > 0 ? hosts : [deployment.host],
      serverVersion: deployment.serverVersion,
      featureCompatibilityVersion: deployment.featureCompatibilityVersion,
      memberReadFrom: member.name,
      importedFrom: null,
    },
    tools: input.versions,
    command: commandForManifest(prepared.commands),
    oplog: archive.oplog,
    ...filesOf(archive),
    namespaces,
    usersAndRoles: holdsUsersAndRoles(namespaces),
    // Notes say why the backup is as it is; they do not make it less than was asked for.
    warnings: [...warnings, ...prepared.notes],
  };
}
