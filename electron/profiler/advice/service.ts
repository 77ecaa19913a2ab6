/** The door of advice: what index would help, what it costs, and whether it does. */
import type { Advice, ParsedAdviceRequest } from '../../../shared/advice';
import type { ParsedTryRequest, TryResult, TrySize } from '../../../shared/tries';
import type { IndexInfo } from '../../../shared/indexes';
import type { Job } from '../../../shared/jobs';
import { fail } from '../../../shared/result';
import type { Connections, OpenDeployment } from '../../connections/service';
import { readIndexFacts } from '../../indexes/read-indexes';
import type { TaskRunner } from '../../jobs/run-in-worker';
import type { JobRunner } from '../../jobs/runner';
import type { Logger } from '../../platform/logger';
import type { Sandboxes } from '../../sandbox/service';
import type { Toolchain } from '../../toolchain/service';
import type { Catalogue } from '../../catalogue/service';
import { keyTextOf } from '../../indexes/index-definition';
import { explainableCommand, splitNamespace } from '../explain/explain-command';
import { adviseCollections, type AdviseProgress } from './advise-collections';
import { KeptResults } from '../../jobs/kept-results';
import { TryStore } from './trying/try-store';
import { requireSpace, tryIndexes, tryPhases } from './trying/try-indexes';
import { trySize } from './trying/try-size';

export interface Advisor {
  /** The indexes of a collection, with uses from every member. Throws 'usage', 'not-found', and as connections do. */
  indexes(connectionId: string, ns: string): Promise<IndexInfo[]>;
  /**
   * Reads a bounded sample of each collection concerned, and judges. Writes nothing. Throws 'topology' for a member that
   * cannot be read, 'cancelled', and as connections do; what one collection refuses is a note of the advice.
   */
  advise(request: ParsedAdviceRequest, options?: { signal?: AbortSignal }): Promise<Advice>;
  /** The same as a job; its result is the advice's id. */
  adviseAll(request: ParsedAdviceRequest): Promise<Job>;
  /** Throws 'not-found'. */
  result(adviceId: string): Promise<Advice>;
  /** How large what would be copied is. Throws 'not-found', and as connections do. */
  trySize(connectionId: string, ns: string): Promise<TrySize>;
  /**
   * A job that fills a sandbox, measures, builds and measures again; its result is the try's id. The source is only read,
   * and the sandbox is gone when the job ends, however it ends. Throws 'usage' for commands that have no plan, 'disk-full'.
   */
  try(request: ParsedTryRequest): Promise<Job>;
  /** Throws 'not-found'. */
  tryResult(tryId: string): Promise<TryResult>;
  /** What came of tries of a capture's shape, the newest first; kept across restarts, until deleted or a hundred newer ones. */
  tries(captureId: string, shapeId: string): Promise<TryResult[]>;
  deleteTry(tryId: string): Promise<void>;
  /** Deletes those of a capture. */
  forgetCapture(captureId: string): Promise<void>;
}

export interface AdvisorDependencies {
  connections: Pick<Connections, 'use' | 'get'>;
  jobs: Pick<JobRunner, 'start'>;
  catalogue: Pick<Catalogue, 'manifest' | 'location' | 'history'>;
  tasks: Pick<TaskRunner, 'run'>;
  toolchain: Pick<Toolchain, 'require'>;
  sandboxes: Pick<Sandboxes, 'start' | 'stop'>;
  sandboxesFolder: string;
  temporaryFolder: string;
  triesFolder: string;
  logger: Logger;
}

export function createAdvisor(dependencies: AdvisorDependencies): Advisor {
  const { connections, jobs } = dependencies;
  const kept = new KeptResults<Advice>('advice', 20);
  const tried = new TryStore(dependencies.triesFolder, dependencies.logger.child({ part: 'tries' }));

  async function make(request: ParsedAdviceRequest, id: string, progress: AdviseProgress): Promise<Advice> {
    const { connectionId } = request;
    const signal = progress.signal ? { signal: progress.signal } : {};
    const work = (deployment: OpenDeployment): ReturnType<typeof adviseCollections> =>
      adviseCollections(deployment, request, progress);
    const advice = await connections.use(connectionId, work, signal);
    return kept.keep(id, { ...advice, id, connectionId, madeAt: new Date().toISOString() });
  }

  return {
    indexes: (connectionId, ns) =>
      connections.use(connectionId, async (deployment) => {
        const { database, collection } = splitNamespace(ns);
        const { collections } = await readIndexFacts(deployment, database, [collection]);
        return (collections[0] ?? fail('not-found', `There is no collection ${ns}.`)).indexes;
      }),
    advise: (request, { signal } = {}) =>
      make(request, kept.newId(), { report: () => undefined, ...(signal ? { signal } : {}) }),
    adviseAll: async (request) => {
      const connection = await connections.get(request.connectionId);
      const definition = {
        kind: 'advice' as const,
        title: `Advise on ${request.shapes.length === 1 ? 'a query shape' : `${request.shapes.length} query shapes`} of ${connection.name}`,
        phases: ['Sampling collections'],
        connectionId: connection.id,
      };
      return jobs.start(definition, async ({ signal, report, setResult }) => {
        const id = kept.newId();
        const onCollection = (done: number, total: number, ns: string): void =>
          report({ phase: `Sampling ${ns} (${done + 1} of ${total})` });
        await make(request, id, { report: onCollection, signal });
        setResult(id);
      });
    },
    result: (adviceId) => Promise.resolve().then(() => kept.get(adviceId)),
    trySize: (connectionId, ns) => trySize(dependencies, connectionId, ns),
    try: async (request) => {
      const connection = await connections.get(request.connectionId);
      for (const { ns, op, command } of request.shapes) explainableCommand(ns ?? request.ns, op, command);
      await requireSpace(dependencies.sandboxesFolder, await bytesToCopy(dependencies, request));
      const definition = {
        kind: 'advice' as const,
        title: `Try ${request.indexes.map(({ key }) => keyTextOf(key)).join(', ')} on a copy of ${request.ns}`,
        phases: tryPhases,
        connectionId: connection.id,
      };
      return jobs.start(definition, async (context) => {
        const id = tried.newId();
        await tried.keep(await tryIndexes(dependencies, request, id, context));
        context.setResult(id);
      });
    },
    tryResult: async (tryId) => tried.load(tryId),
    tries: async (captureId, shapeId) =>
      (await tried.list()).filter(
        (result) => result.captureId === captureId && result.shapes.some(({ id }) => id === shapeId),
      ),
    deleteTry: async (tryId) => tried.remove(tryId),
    forgetCapture: async (captureId) => {
      for (const result of await tried.list()) if (result.captureId === captureId) await tried.remove(result.id);
    },
  };
}

async function bytesToCopy(
  dependencies: AdvisorDependencies,
  { connectionId, ns, source }: ParsedTryRequest,
): Promise<number | null> {
  if (source.kind === 'backup') {
    const manifest = await dependencies.catalogue.manifest(source.backupId);
    return manifest.namespaces.find(({ database, collection }) => `${database}.${collection}` === ns)?.bytes ?? null;
  }
  const { documents, bytes } = await trySize(dependencies, connectionId, ns);
  if (bytes === null || source.sampleDocuments === null || !documents) return bytes;
  return bytes * Math.min(1, source.sampleDocuments / documents);
}
