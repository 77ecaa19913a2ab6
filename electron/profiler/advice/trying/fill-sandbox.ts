/** Puts collections into a sandbox: out of a backup, or from where they live, with the indexes they have. */
import type { Document, MongoClient } from 'mongodb';
import type { ParsedTryRequest } from '../../../../shared/tries';
import { fail } from '../../../../shared/result';
import { formatCount, formatQuantity } from '../../../../shared/format';
import type { Catalogue } from '../../../catalogue/service';
import { chooseMember } from '../../../restore/preview/chosen-member';
import {
  emptyMongorestoreReport,
  mongorestoreArguments,
  noteMongorestoreLine,
} from '../../../restore/writing/mongorestore';
import type { Connections, OpenDeployment } from '../../../connections/service';
import type { TaskRunner } from '../../../jobs/run-in-worker';
import type { JobContext } from '../../../jobs/runner';
import { withToolConfig } from '../../../platform/secret-config-file';
import { startTool } from '../../../platform/spawn-tool';
import type { Toolchain } from '../../../toolchain/service';
import { splitNamespace } from '../../explain/explain-command';
import type { CopyInput, CopyOutput } from './copy-task';

export interface FillDependencies {
  connections: Pick<Connections, 'use'>;
  catalogue: Pick<Catalogue, 'manifest' | 'location'>;
  tasks: Pick<TaskRunner, 'run'>;
  toolchain: Pick<Toolchain, 'require'>;
  temporaryFolder: string;
}

export interface SandboxTarget {
  uri: string;
  client: MongoClient;
}

export interface Filled {
  /** For people. */
  source: string;
  documents: number;
  bytes: number;
  /** Documents of the whole collection where a sample was taken. */
  sampledOf: number | null;
  notes: string[];
}

/** Joined collections are taken whole up to this many documents. */
const mostJoined = 200_000;
const readLimitMs = 3_600_000;

/**
 * The collection tried comes first in `namespaces`. Throws 'not-found' when it does not exist, 'tool-failed', 'cancelled';
 * driver errors pass through.
 */
export async function fillSandbox(
  dependencies: FillDependencies,
  request: ParsedTryRequest,
  namespaces: readonly string[],
  target: SandboxTarget,
  context: JobContext,
): Promise<Filled> {
  return request.source.kind === 'backup'
    ? fromBackup(dependencies, request.source.backupId, namespaces, target, context)
    : fromLive(dependencies, request, namespaces, target, context);
}

async function fromBackup(
  { catalogue, toolchain, temporaryFolder }: FillDependencies,
  backupId: string,
  namespaces: readonly string[],
  { uri, client }: SandboxTarget,
  context: JobContext,
): Promise<Filled> {
  const manifest = await catalogue.manifest(backupId);
  const { archive } = await catalogue.location(manifest.id);
  const [ns = ''] = namespaces;
  const held = manifest.namespaces.filter(
    ({ database, collection, type }) => type === 'collection' && namespaces.includes(`${database}.${collection}`),
  );
  const own = held.find(({ database, collection }) => `${database}.${collection}` === ns);
  if (!own)
    fail(
      'not-found',
      `The backup ${manifest.id} does not hold ${ns}.`,
      'Choose another backup, or take a sample from live.',
    );
  const { path } = await toolchain.require('mongorestore');
  const report = emptyMongorestoreReport();
  const run = {
    archive,
    namespaces: held.map(({ database, collection }) => ({ database, collection, timeseries: false })),
    renames: [],
    drop: false,
    parallelCollections: 2,
  };
  const exit = await withToolConfig({ uri }, temporaryFolder, (configPath) => {
    context.report({ phase: `Restoring ${ns}`, documentsDone: 0, documentsTotal: own.documents });
    return startTool({
      path,
      args: mongorestoreArguments(run, configPath),
      signal: context.signal,
      onStderrLine: (line) => {
        context.log(line);
        noteMongorestoreLine(report, line);
      },
    }).done;
  });
  if (context.signal.aborted) fail('cancelled', 'Cancelled.');
  if (exit.code !== 0) {
    const last = report.errors[report.errors.length - 1];
    fail('tool-failed', `mongorestore ended early: ${last ?? 'see the details'}`, undefined, exit.stderrTail);
  }
  const { database, collection } = splitNamespace(ns);
  const documents = await client.db(database).collection(collection).countDocuments();
  return {
    source: `backup ${manifest.id}`,
    documents,
    bytes: own.bytes,
    sampledOf: null,
    notes:
      documents === own.documents
        ? []
        : [`${formatCount(documents)} of ${formatCount(own.documents)} documents were restored.`],
  };
}

async function fromLive(
  { connections, tasks }: FillDependencies,
  { connectionId, source }: ParsedTryRequest,
  namespaces: readonly string[],
  target: SandboxTarget,
  context: JobContext,
): Promise<Filled> {
  if (source.kind !== 'live') throw new Error('Not a live source');
  const { signal } = context;
  return connections.use(
    connectionId,
    async (deployment) => {
      const host = await hostOf(deployment, source.readFrom);
      const notes: string[] = [];
      let filled: Filled | null = null;
      for (const [index, ns] of namespaces.entries()) {
        const { database, collection } = splitNamespace(ns);
        const from = deployment.client.db(database).collection(collection);
        const [info] = await deployment.client.db(database).listCollections({ name: collection }).toArray();
        if (!info || info.type !== 'collection') {
          if (index === 0) fail('not-found', `There is no collection ${ns}.`, 'Views and time series cannot be tried.');
          continue;
        }
        const total = await from.estimatedDocumentCount();
        const most = index === 0 ? source.sampleDocuments : mostJoined;
        const sample = most !== null && most < total ? most : null;
        await prepareCollection(target.client, database, collection, info as Document);
        const input: CopyInput = {
          sourceUri: deployment.toolUri(host === null ? { readPreference: 'secondaryPreferred' } : { host }),
          targetUri: target.uri,
          database,
          collection,
          sample,
          documentsTotal: sample ?? total,
          maxTimeMs: readLimitMs,
        };
        const copied = await tasks.run<CopyInput, CopyOutput>('advice.copy', input, { signal, report: context.report });
        await buildIndexes(
          target.client,
          database,
          collection,
          (await from.listIndexes({ bsonRegExp: true }).toArray()) as Document[],
          notes,
        );
        if (index === 0) {
          const share =
            sample === null
              ? 'the whole collection'
              : `${formatCount(copied.documents)} of ${formatQuantity(total, 'document')}`;
          filled = {
            source: `${share} of ${deployment.connection.name}`,
            ...copied,
            sampledOf: sample === null ? null : total,
            notes,
          };
        } else if (sample !== null)
          notes.push(
            `Of ${ns}, which is joined, ${formatCount(sample)} of ${formatCount(total)} documents were taken.`,
          );
      }
      return filled ?? fail('not-found', `There is no collection ${namespaces[0] ?? ''}.`);
    },
    { signal },
  );
}

async function hostOf(deployment: OpenDeployment, readFrom: { kind: string; host?: string }): Promise<string | null> {
  return readFrom.kind === 'member' && readFrom.host !== undefined
    ? (await chooseMember(deployment, readFrom.host)).host
    : null;
}

/** With its collation, which decides what its indexes are; validators and caps are left away. */
async function prepareCollection(
  client: MongoClient,
  database: string,
  collection: string,
  info: Document,
): Promise<void> {
  const options = (info['options'] ?? {}) as Document;
  const collation: unknown = options['collation'];
  await client.db(database).command({ create: collection, ...(collation === undefined ? {} : { collation }) });
}

/** As they are, but that nothing expires in a sandbox. */
async function buildIndexes(
  client: MongoClient,
  database: string,
  collection: string,
  specifications: readonly Document[],
  notes: string[],
): Promise<void> {
  for (const specification of specifications) {
    if (specification['name'] === '_id_') continue;
    const { ns: _ns, v: _version, background: _background, expireAfterSeconds: _expire, ...kept } = specification;
    try {
      await client.db(database).command({ createIndexes: collection, indexes: [kept] });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      notes.push(`The index ${String(specification['name'])} could not be built in the sandbox: ${reason}`);
    }
  }
}
