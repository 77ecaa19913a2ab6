/** Carries out the steps of a plan, one at a time. */
import type { Document, MongoClient } from 'mongodb';
import type { PlanResult, PlanStep } from '../../shared/indexes';
import { AppFailure } from '../../shared/result';
import type { JobContext } from '../jobs/runner';
import { buildIndex } from './build-index';

export interface ApplyOptions {
  client: MongoClient;
  steps: readonly PlanStep[];
  majority: boolean;
  context: JobContext;
  /** Told after each step that was done. */
  onDone(step: PlanStep): Promise<void>;
}

type Outcome = PlanResult['steps'][number];

/** Whether a step changes anything. */
export function changes({ action }: PlanStep): boolean {
  return action !== 'keep' && action !== 'conflict';
}

/**
 * Stops at the first step that fails, so that nothing is dropped for an index that was not built; what was done stays and
 * is told. Never throws but for lost connections.
 */
export async function applySteps({
  client,
  steps,
  majority,
  context,
  onDone,
}: ApplyOptions): Promise<{ steps: Outcome[]; failure: AppFailure | null }> {
  const outcomes: Outcome[] = [];
  let failure: AppFailure | null = null;
  const wanted = steps.filter(changes);
  for (const [index, step] of wanted.entries()) {
    if (failure) {
      outcomes.push({ ...step, outcome: 'not-reached', ms: 0, error: null });
      continue;
    }
    const started = Date.now();
    const phase = `${verbs[step.action] ?? ''} ${step.name} on ${step.ns} (${index + 1} of ${wanted.length})`;
    context.report({ phase });
    context.log(`${phase}: ${step.shellCommand ?? ''}`);
    try {
      await applyStep(client, step, majority, context, phase);
      await onDone(step);
      outcomes.push({ ...step, outcome: 'done', ms: Date.now() - started, error: null });
    } catch (error) {
      failure = asFailure(error);
      outcomes.push({ ...step, outcome: 'failed', ms: Date.now() - started, error: failure.message });
    }
  }
  return { steps: outcomes, failure };
}

const verbs: Partial<Record<PlanStep['action'], string>> = {
  create: 'Building',
  drop: 'Dropping',
  hide: 'Hiding',
  unhide: 'Showing',
  'set-expiry': 'Changing the expiry of',
};

function asFailure(error: unknown): AppFailure {
  if (error instanceof AppFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppFailure({ code: 'server-error', message });
}

async function applyStep(
  client: MongoClient,
  step: PlanStep,
  majority: boolean,
  context: JobContext,
  phase: string,
): Promise<void> {
  const dot = step.ns.indexOf('.');
  const database = step.ns.slice(0, dot);
  const collection = step.ns.slice(dot + 1);
  const run = async (command: Document): Promise<void> => {
    if (context.signal.aborted) throw new AppFailure({ code: 'cancelled', message: 'Cancelled.' });
    await client.db(database).command(command);
  };
  switch (step.action) {
    case 'create':
      if (step.planned) {
        await buildIndex({
          client,
          database,
          collection,
          definition: step.planned,
          majority,
          signal: context.signal,
          onProgress: ({ done, total, message }) =>
            context.report({ phase: `${phase}: ${message}`, documentsDone: done, documentsTotal: total }),
        });
      }
      return;
    case 'drop':
      return run({ dropIndexes: collection, index: step.name });
    case 'hide':
    case 'unhide':
      return run({ collMod: collection, index: { name: step.name, hidden: step.action === 'hide' } });
    case 'set-expiry':
      return run({
        collMod: collection,
        index: { name: step.name, expireAfterSeconds: step.planned?.options.expireAfterSeconds ?? 0 },
      });
    default:
  }
}
