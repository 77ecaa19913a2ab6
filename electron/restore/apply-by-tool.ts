/** The modes that restore whole collections: clone and drop, through mongorestore. */
import type { JobContext } from '../jobs/runner';
import { withoutDefaultDatabase } from '../backup/mongodump-command';
import { withToolConfig } from '../platform/secret-config-file';
import { startTool } from '../platform/spawn-tool';
import type { ManifestNamespace } from '../../shared/backups';
import { AppFailure, fail } from '../../shared/result';
import {
  emptyMongorestoreReport,
  mongorestoreArguments,
  noteMongorestoreLine,
  type MongorestoreRun,
} from './writing/mongorestore';
import type { RestoreTally } from './writing/tally';

export interface ToolRestore {
  mongorestore: string;
  temporaryFolder: string;
  uri: string;
  run: MongorestoreRun;
  /** The namespaces of the backup that are restored. */
  namespaces: readonly ManifestNamespace[];
  /** Documents that a dropped collection held, by its name in the target. */
  dropped: ReadonlyMap<string, number>;
  targetOf(ns: string): string;
  /** Told its process before it can have written: one that outlives this process must be found and ended. */
  onStarted(pid: number): Promise<void>;
}

export interface ToolTally {
  indexesBuilt: number;
  collectionsCreated: number;
  collectionsDropped: number;
}

/**
 * Runs mongorestore and counts what it says it did. Throws 'tool-failed' when it did not reach its end, after the tally
 * was filled with what is known.
 */
export async function applyByTool(restore: ToolRestore, tally: RestoreTally, context: JobContext): Promise<ToolTally> {
  const { run, namespaces } = restore;
  const withDocuments = namespaces.filter(({ type }) => type !== 'view');
  const expected = withDocuments.reduce((sum, { documents }) => sum + documents, 0);
  const report = emptyMongorestoreReport();
  let documentsDone = 0;
  const exit = await withToolConfig(
    { uri: withoutDefaultDatabase(restore.uri) },
    restore.temporaryFolder,
    async (configPath) => {
      context.report({ phase: 'Restoring', documentsDone: 0, documentsTotal: expected });
      const tool = startTool({
        path: restore.mongorestore,
        args: mongorestoreArguments(run, configPath),
        signal: context.signal,
        onStderrLine: (line) => {
          context.log(line);
          noteMongorestoreLine(report, line);
          documentsDone = [...report.namespaces.values()].reduce((sum, { documents }) => sum + documents, 0);
          context.report({ phase: 'Restoring', documentsDone, documentsTotal: expected });
        },
      });
      await restore.onStarted(tool.pid);
      return tool.done;
    },
  );

  const finished = (ns: string): boolean =>
    report.namespaces.has(ns) || report.namespaces.has(ns.replace('.', '.system.buckets.'));
  const reached = withDocuments.filter(({ database, collection }) =>
    finished(restore.targetOf(`${database}.${collection}`)),
  );
  tally.effect.insert += report.restored ?? documentsDone;
  const result: ToolTally = { indexesBuilt: 0, collectionsCreated: 0, collectionsDropped: 0 };
  for (const { database, collection, indexes } of reached) {
    const held = run.drop ? restore.dropped.get(restore.targetOf(`${database}.${collection}`)) : undefined;
    result.collectionsCreated++;
    if (held !== undefined) {
      result.collectionsDropped++;
      tally.effect.delete += held;
    }
    if (exit.code === 0) result.indexesBuilt += indexes.filter(({ name }) => name !== '_id_').length;
  }
  for (const [ns, { failures }] of report.namespaces) {
    if (failures > 0) tally.fail(ns, null, `${failures} documents were refused: ${report.errors[0] ?? 'see the log'}`);
  }
  if (context.signal.aborted) fail('cancelled', 'Cancelled.');
  if (exit.code !== 0) {
    throw new AppFailure({
      code: 'tool-failed',
      message: `mongorestore ended early${exit.code === null ? '' : ` with exit code ${exit.code}`}: ${report.errors[report.errors.length - 1] ?? 'see the details'}`,
      hint: 'What was restored is listed in the result; compare again to see what is missing.',
      ...(exit.stderrTail ? { details: exit.stderrTail } : {}),
    });
  }
  if (report.restored !== expected && report.failed === 0) {
    tally.fail('', null, `mongorestore restored ${report.restored ?? 0} of ${expected} documents.`);
  }
  return result;
}
