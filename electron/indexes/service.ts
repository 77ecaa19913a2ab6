/** The door of indexes: reviewed, planned, changed one at a time. */
import type { Document } from 'mongodb';
import type {
  ApplyPlanRequest,
  IndexChange,
  IndexInfo,
  IndexReview,
  PlanPreview,
  PlanRequest,
  PlanResult,
  ValidateCollection,
} from '../../shared/indexes';
import type { Job } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import { audited, type AuditSink } from '../audit/audited';
import { lockKeyOf } from '../connections/lock-key';
import type { Connections, OpenDeployment } from '../connections/service';
import { KeptResults } from '../jobs/kept-results';
import type { JobContext, JobRunner } from '../jobs/runner';
import { requireAllowed } from './require-allowed';
import { applySteps, changes } from './apply-plan';
import { buildIndex } from './build-index';
import { expiryFields } from './expiry-fields';
import { createCommand, isClustered } from './index-definition';
import { fingerprintOf, parsePlan, planOf, planSteps } from './plan';
import { readIndexFacts, type CollectionFacts } from './read-indexes';
import { review } from './review';
import { shardKeys } from './shard-keys';
import { optionsText } from './shell-options';
import { storedCollection } from './stored-collection';
import { WatchStore } from './watch-store';

export interface Indexes {
  /** Reads definitions, sizes, uses of every member and a few documents. Throws as connections do. */
  review(connectionId: string, database: string, options?: { signal?: AbortSignal }): Promise<IndexReview>;
  /** A plan file that says what exists. */
  exportPlan(connectionId: string, database: string): Promise<string>;
  /** What a plan would do. Throws 'usage' for a text that is no plan. */
  previewPlan(request: PlanRequest): Promise<PlanPreview>;
  /**
   * A job that carries out the steps one at a time and stops at the first that fails; its result is the id of a
   * {@link PlanResult}. Throws 'refused' (guards, conflicts), 'preview-stale', 'busy'.
   */
  applyPlan(request: ApplyPlanRequest): Promise<Job>;
  /** Throws 'not-found'. */
  planResult(id: string): Promise<PlanResult>;
  /** The planner overlooks it from now on, and it is watched. Throws 'refused', 'not-found', 'unsupported'. */
  hide(change: IndexChange): Promise<void>;
  unhide(change: IndexChange): Promise<void>;
  /** Throws 'refused' also for one that was not hidden and watched, unless `unwatched`. */
  drop(change: IndexChange & { unwatched: boolean }): Promise<IndexInfo>;
  /** A job that drops and builds an index; in between it is missing. */
  rebuild(change: IndexChange): Promise<Job>;
  /** A job that has the server check a collection and its indexes; fails with 'verification-failed'. */
  validate(request: ValidateCollection): Promise<Job>;
  close(): void;
}

export interface IndexesDependencies {
  connections: Pick<Connections, 'use' | 'get'>;
  jobs: Pick<JobRunner, 'start'>;
  audit: AuditSink;
  watchFile: string;
}

const everyWriteWaits = 'building or dropping an index is felt by everybody who uses it';

export function createIndexes({ connections, jobs, audit, watchFile }: IndexesDependencies): Indexes {
  const watch = new WatchStore(watchFile);
  const results = new KeptResults<PlanResult>('plan', 50);

  async function previewOn(deployment: OpenDeployment, text: string): Promise<PlanPreview> {
    const plan = parsePlan(text);
    const names = plan.collections.map(({ collection }) => collection);
    const { collections } = await readIndexFacts(deployment, plan.database, names);
    const steps = planSteps(plan, collections);
    const { id, environment } = deployment.connection;
    return {
      connectionId: id,
      database: plan.database,
      fingerprint: fingerprintOf(steps),
      steps,
      typedNameNeeded: environment === 'production' && steps.some(changes),
    };
  }

  async function findIndex(
    deployment: OpenDeployment,
    { ns, name }: Pick<IndexChange, 'ns' | 'name'>,
  ): Promise<{ facts: CollectionFacts; index: IndexInfo }> {
    const { database, collection } = split(ns);
    const { collections } = await readIndexFacts(deployment, database, [collection]);
    const facts = collections[0] ?? fail('not-found', `There is no collection ${ns}.`);
    const index = facts.indexes.find((each) => each.name === name);
    if (!index)
      fail('not-found', `${ns} has no index ${name}.`, `It has ${facts.indexes.map((each) => each.name).join(', ')}.`);
    if (name === '_id_') fail('refused', 'The index on _id always stays.');
    if (isClustered(index))
      fail('refused', `The documents of ${ns} are stored in the order of ${name}: it always stays as it is.`);
    return { facts, index };
  }

  /** A change of one index, at once. */
  async function change<T>(
    operation: string,
    request: IndexChange,
    work: (
      deployment: OpenDeployment,
      found: { facts: CollectionFacts; index: IndexInfo; target: string },
    ) => Promise<T>,
  ): Promise<T> {
    const connection = await connections.get(request.connectionId);
    const parameters: Record<string, unknown> = { ns: request.ns, index: request.name };
    const subject = { operation, target: connection.name, category: 'index' as const, parameters, jobId: null };
    return audited(audit, subject, async () => {
      requireAllowed(connection, request.typedName, 'queries may become slow without the index');
      return connections.use(
        connection.id,
        async (deployment) => {
          const target = lockKeyOf(await deployment.describe());
          const found = await findIndex(deployment, request);
          // So that what was dropped can be built again.
          Object.assign(parameters, { key: found.index.keyText, options: found.index.options });
          return work(deployment, { ...found, target });
        },
        { write: true },
      );
    });
  }

  async function setHidden(deployment: OpenDeployment, { ns, name }: IndexChange, hidden: boolean): Promise<void> {
    const { database, collection } = split(ns);
    await deployment.client.db(database).command({ collMod: collection, index: { name, hidden } });
  }

  /** A job that writes to the deployment: guarded, locked, audited. */
  async function startJob(
    request: { connectionId: string; typedName: string | null },
    describe: { operation: string; title: string; phases: string[]; parameters: Record<string, unknown> },
    work: (deployment: OpenDeployment, context: JobContext, target: string) => Promise<void>,
  ): Promise<Job> {
    const connection = await connections.get(request.connectionId);
    const { operation, parameters } = describe;
    const subject = { operation, target: connection.name, category: 'index' as const, parameters, jobId: null };
    try {
      requireAllowed(connection, request.typedName, everyWriteWaits);
      const deployment = await connections.use(connection.id, (open) => open.describe(), { write: true });
      const lock = lockKeyOf(deployment);
      const definition = {
        kind: 'index' as const,
        title: `${describe.title} on ${connection.name}`,
        phases: describe.phases,
        connectionId: connection.id,
        lock,
      };
      return await jobs.start(definition, (context) =>
        audited(
          audit,
          { ...subject, jobId: context.jobId },
          () =>
            connections.use(connection.id, (open) => work(open, context, lock), {
              write: true,
              signal: context.signal,
            }),
          { start: true },
        ),
      );
    } catch (error) {
      const code = error instanceof AppFailure ? error.error.code : null;
      if (code === 'refused' || code === 'busy')
        await audited(audit, subject, () => Promise.reject(error as AppFailure));
      throw error;
    }
  }

  return {
    review: (connectionId, database, options = {}) =>
      connections.use(
        connectionId,
        async (deployment) => {
          const { collections, members } = await readIndexFacts(deployment, database, null, options.signal);
          const described = await deployment.describe();
          const expiry = new Map<string, readonly string[]>();
          for (const { ns, collection, type } of collections) {
            if (type === 'collection') expiry.set(ns, await expiryFields(deployment.client, database, collection));
          }
          const watched = await watch.watched(lockKeyOf(described), collections);
          const keys =
            described.topology === 'sharded'
              ? await shardKeys(deployment.client, database)
              : new Map<string, readonly string[]>();
          const judged = review({ collections, members, shardKeys: keys, expiry, watched, now: Date.now() });
          return { connectionId, database, at: new Date().toISOString(), ...judged };
        },
        options,
      ),
    exportPlan: (connectionId, database) =>
      connections.use(connectionId, async (deployment) => {
        const { collections } = await readIndexFacts(deployment, database, null);
        return planOf(database, collections);
      }),
    previewPlan: ({ connectionId, plan }) => connections.use(connectionId, (deployment) => previewOn(deployment, plan)),
    applyPlan: async (request) => {
      const preview = await connections.use(request.connectionId, (deployment) => previewOn(deployment, request.plan));
      if (preview.fingerprint !== request.fingerprint)
        fail(
          'preview-stale',
          'The indexes are others than when the plan was previewed.',
          'Preview it again, and apply then.',
        );
      const conflict = preview.steps.find(({ action }) => action === 'conflict');
      if (conflict)
        fail(
          'refused',
          `${conflict.name}: ${conflict.note ?? 'in conflict with what exists'}`,
          'Change the plan, and preview it again.',
        );
      const wanted = preview.steps.filter(changes);
      if (wanted.length === 0) fail('usage', 'The plan changes nothing: everything is as it says.');
      const parameters = {
        database: preview.database,
        steps: wanted.map(({ action, ns, name, keyText, planned, existing }) => ({
          action,
          ns,
          name,
          key: keyText,
          options: (planned ?? existing)?.options ?? {},
        })),
      };
      const title = `Apply ${wanted.length === 1 ? 'a change' : `${wanted.length} changes`} of indexes of ${preview.database}`;
      return startJob(
        request,
        { operation: 'index.apply', title, phases: ['Applying'], parameters },
        async (deployment, context, target) => {
          const { topology } = await deployment.describe();
          const id = results.newId();
          const applied = await applySteps({
            client: deployment.client,
            steps: preview.steps,
            majority: topology === 'replica set',
            context,
            onDone: (step) => noteWatched(deployment, watch, target, step.action, step.ns, step.name),
          });
          results.keep(id, { id, steps: applied.steps });
          context.setResult(id);
          if (applied.failure) throw applied.failure;
        },
      );
    },
    planResult: (id) => Promise.resolve().then(() => results.get(id)),
    hide: (request) =>
      change('index.hide', request, async (deployment, { facts, target }) => {
        await setHidden(deployment, request, true);
        await watch.hidden(target, request.ns, request.name, facts);
      }),
    unhide: (request) =>
      change('index.unhide', request, async (deployment, { target }) => {
        await setHidden(deployment, request, false);
        await watch.forget(target, request.ns, request.name);
      }),
    drop: (request) =>
      change('index.drop', request, async (deployment, { facts, index, target }) => {
        const watched = (await watch.watched(target, [facts])).get(`${request.ns} ${request.name}`);
        if (!request.unwatched && !watched?.readyToDrop) {
          const state = watched
            ? `is hidden only since ${watched.hiddenAt.slice(0, 10)}`
            : 'was not hidden and watched before';
          fail(
            'refused',
            `${request.name} ${state}.`,
            'Hide it, watch for a week, then drop it; or say that it is to go unwatched.',
          );
        }
        const { database, collection } = split(request.ns);
        await deployment.client.db(database).command({ dropIndexes: collection, index: request.name });
        await watch.forget(target, request.ns, request.name);
        return index;
      }),
    rebuild: async (request) => {
      const { index } = await connections.use(request.connectionId, (deployment) => findIndex(deployment, request));
      const { database, collection } = split(request.ns);
      const parameters = { ns: request.ns, index: request.name, key: index.keyText, options: index.options };
      const describe = {
        operation: 'index.rebuild',
        title: `Rebuild ${request.name} of ${request.ns}`,
        phases: ['Dropping', 'Building'],
        parameters,
      };
      return startJob(request, describe, async ({ client, describe: describeDeployment }, context) => {
        if (context.signal.aborted) fail('cancelled', 'Cancelled.');
        context.log(`The index was ${JSON.stringify({ name: index.name, key: index.keyText, ...index.options })}`);
        const majority = (await describeDeployment()).topology === 'replica set';
        await client.db(database).command({ dropIndexes: collection, index: request.name });
        // From here on it is missing: cancelling must not leave it so.
        const signal = new AbortController().signal;
        const built = buildIndex({
          client,
          database,
          collection,
          definition: index,
          majority,
          signal,
          onProgress: ({ done, total, message }) =>
            context.report({ phase: message, documentsDone: done, documentsTotal: total }),
        });
        await built.catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          const command = createCommand(request.ns, index, optionsText(index));
          fail(
            'server-error',
            `${request.name} was dropped and is missing now: ${reason}`,
            'Mend what keeps it from being built, and build it again.',
            command,
          );
        });
        if (context.signal.aborted) context.warn('It was being rebuilt already, so it was finished.');
      });
    },
    validate: async (request) => {
      const { database, collection } = split(request.ns);
      const stored = await connections.use(request.connectionId, ({ client }) =>
        storedCollection(client, database, collection),
      );
      const describe = {
        operation: 'index.validate',
        title: `Validate ${request.ns}`,
        phases: ['Validating'],
        parameters: { ns: request.ns },
      };
      return startJob(request, describe, async ({ client }, context) => {
        context.report({ phase: `Validating ${request.ns}` });
        const answer = await client.db(database).command({ validate: stored });
        noteValidation(answer, request.ns, context);
      });
    },
    close: () => watch.close(),
  };
}

function split(ns: string): { database: string; collection: string } {
  const dot = ns.indexOf('.');
  if (dot < 1 || dot === ns.length - 1)
    fail('usage', `"${ns}" names no collection.`, 'Name it as database.collection.');
  return { database: ns.slice(0, dot), collection: ns.slice(dot + 1) };
}

async function noteWatched(
  deployment: OpenDeployment,
  watch: WatchStore,
  target: string,
  action: string,
  ns: string,
  name: string,
): Promise<void> {
  if (action === 'hide') {
    const { database, collection } = split(ns);
    const { collections } = await readIndexFacts(deployment, database, [collection]);
    await watch.hidden(target, ns, name, collections[0] ?? null);
  } else if (action === 'drop' || action === 'unhide') await watch.forget(target, ns, name);
}

/** Throws 'verification-failed' with what the server found. */
function noteValidation(answer: Document, ns: string, context: JobContext): void {
  const texts = (name: string): string[] =>
    Array.isArray(answer[name]) ? (answer[name] as unknown[]).map(String) : [];
  context.log(JSON.stringify(answer, null, 1).slice(0, 100_000));
  for (const warning of texts('warnings')) context.warn(warning);
  if (answer['valid'] === false) {
    fail(
      'verification-failed',
      `${ns} is damaged: ${texts('errors')[0] ?? 'see the log of the job'}.`,
      'Rebuild the index that is named, or restore the collection from a backup.',
      texts('errors').join('\n'),
    );
  }
}
