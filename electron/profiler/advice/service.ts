/** The door of advice: what index would help, what it costs, and whether it does. */
import type { Advice, ParsedAdviceRequest, ParsedTryRequest, TryResult, TrySize } from '../../../shared/advice';
import type { IndexInfo } from '../../../shared/indexes';
import type { Job } from '../../../shared/jobs';
import { fail } from '../../../shared/result';
import type { Connections, OpenDeployment } from '../../connections/service';
import { readIndexFacts } from '../../indexes/read-indexes';
import type { JobRunner } from '../../jobs/runner';
import { splitNamespace } from '../explain/explain-command';
import { adviseCollections, type AdviseProgress } from './advise-collections';
import { KeptResults } from './kept-results';

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
  trySize(connectionId: string, ns: string): Promise<TrySize>;
  try(request: ParsedTryRequest): Promise<Job>;
  tryResult(tryId: string): Promise<TryResult>;
}

export interface AdvisorDependencies {
  connections: Pick<Connections, 'use' | 'get'>;
  jobs: Pick<JobRunner, 'start'>;
}

const notYet = (): Promise<never> =>
  Promise.resolve().then(() => fail('unsupported', 'Trying indexes is not part of this version.'));

export function createAdvisor({ connections, jobs }: AdvisorDependencies): Advisor {
  const kept = new KeptResults<Advice>('advice', 20);

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
    trySize: notYet,
    try: notYet,
    tryResult: notYet,
  };
}
