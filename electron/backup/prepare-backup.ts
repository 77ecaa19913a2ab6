/** What is asked of the deployment before a backup or its estimate. */
import type { MongoClient } from 'mongodb';
import type { BackupRequest, BackupScope } from '../../shared/backups';
import type { CollectionInfo, Connection, Deployment } from '../../shared/connections';
import { formatDuration } from '../../shared/format';
import { parseNamespace } from '../../shared/namespaces';
import { maskedCommands } from './mongodump-command';
import { planDump, type DumpPlan } from './plan-dump';
import { chooseMember, listSourceCollections, measureCollections, totalsOf, type SourceMember } from './source-reader';

/** The part of an open connection that a backup uses. */
export interface SourceDeployment {
  connection: Connection;
  client: MongoClient;
  describe(): Promise<Deployment>;
  /** With secrets: only for the file that mongodump reads. */
  toolUri(options?: { readPreference?: string; host?: string }): string;
}

export interface PreparedBackup {
  deployment: Deployment;
  plan: DumpPlan;
  member: SourceMember;
  /** For `--readPreference`; null where the member is already chosen. */
  readPreference: string | null;
  collections: CollectionInfo[];
  documents: number | null;
  bytes: number | null;
  commands: string[][];
  notes: string[];
}

/** Seconds behind the primary from which reading from a secondary is worth a note (the default threshold of alerts). */
const notableLag = 10;

function databasesOf(scope: BackupScope): string[] | null {
  switch (scope.kind) {
    case 'deployment':
      return null;
    case 'databases':
      return [...new Set(scope.databases)];
    case 'collections':
      return [...new Set(scope.namespaces.flatMap((namespace) => parseNamespace(namespace)?.database ?? []))];
  }
}

function lagNote(deployment: Deployment, member: SourceMember): string[] {
  const lag = deployment.members.find(({ host }) => host === member.name)?.lagSeconds ?? 0;
  if (lag <= notableLag) return [];
  return [`${member.name ?? 'The member'} was ${formatDuration(lag)} behind the primary when it was read.`];
}

/** Throws as planDump; driver errors pass through. */
export async function prepareBackup(source: SourceDeployment, request: BackupRequest): Promise<PreparedBackup> {
  const { client } = source;
  const [deployment, present] = await Promise.all([
    source.describe(),
    listSourceCollections(client, databasesOf(request.scope)),
  ]);
  const { scope, oplog, usersAndRoles, parallelCollections } = request;
  const plan = planDump({ scope, oplog, usersAndRoles, parallelCollections, deployment, collections: present });
  const member = await chooseMember(client, request.readPreference, deployment.host);
  const readPreference = member.isRouter ? request.readPreference : null;
  const collections = await measureCollections(client, plan.collections);
  const isFiltered = plan.runs.some((run) => run.query !== null);
  const totals = isFiltered ? { documents: null, bytes: null } : totalsOf(collections);
  return {
    deployment,
    plan,
    member,
    readPreference,
    collections,
    ...totals,
    commands: maskedCommands(plan, readPreference, member.name),
    notes: [...plan.notes, ...lagNote(deployment, member)],
  };
}
