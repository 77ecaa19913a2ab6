/** Carries out the steps of an operation in order, and keeps the account of them on disk after each. */
import type { Connection } from '../../shared/connections';
import type { FailoverReport, OperationKind, OperationOutcome } from '../../shared/operations';
import { AppFailure, type AppError } from '../../shared/result';
import { diagnoseDriverError, isDriverError } from '../connections/diagnose';
import type { JobContext } from '../jobs/runner';
import { toAppError } from '../platform/failures';
import { userName } from '../platform/user-name';
import type { OutcomeStore } from './outcome-store';
import type { OperationRun, PlannedOperation, PlannedStep } from './planned-operation';
import type { SetAccess } from './set-access';
import { throwIfCancelled } from './waiting';

export interface CarryOut {
  id: string;
  kind: OperationKind;
  origin: 'window' | 'cli';
  connection: Connection;
  access: SetAccess;
  planned: PlannedOperation;
  context: JobContext;
  store: OutcomeStore;
}

type StepOutcome = OperationOutcome['steps'][number];

/** What a driver throws is told as connections tell it. */
export function asFailure(error: unknown, set: string): AppFailure {
  if (error instanceof AppFailure) return error;
  return new AppFailure(isDriverError(error) ? diagnoseDriverError(error, set) : toAppError(error));
}

class Account {
  readonly steps: StepOutcome[] = [];
  failover: FailoverReport | null = null;
  private readonly startedAt = Date.now();

  constructor(private readonly work: CarryOut) {}

  /** `current`: the step that is being carried out, which may or may not have been if this is the last that is heard. */
  async saveRunning(current: PlannedStep | null, rest: readonly PlannedStep[]): Promise<void> {
    const steps: StepOutcome[] = [
      ...this.steps,
      ...(current ? [{ text: `${current.text} (was being done)`, status: 'failed' as const, tookMs: null }] : []),
      ...rest.map(({ text }) => ({ text, status: 'skipped' as const, tookMs: null })),
    ];
    const error: AppError = {
      code: 'interrupted',
      message: 'Lifeboat ended before this operation had finished.',
      hint: this.work.planned.ifInterrupted,
    };
    await this.save({ status: 'interrupted', text: this.work.planned.ifInterrupted, error, steps }, true);
  }

  async finish(error: AppError | null, cancelled: boolean): Promise<void> {
    const { planned } = this.work;
    const done = this.steps.filter(({ status }) => status === 'done').length;
    const status = error === null ? 'succeeded' : cancelled ? 'cancelled' : 'failed';
    const text =
      error === null
        ? planned.done()
        : cancelled
          ? done === 0
            ? 'Cancelled before anything was done.'
            : 'Cancelled; what was done by then is told below.'
          : error.message;
    await this.save({ status, text, error: cancelled ? null : error, steps: this.steps }, false);
  }

  private async save(
    told: Pick<OperationOutcome, 'status' | 'text' | 'error' | 'steps'>,
    running: boolean,
  ): Promise<void> {
    const { id, kind, origin, connection, access, planned, context, store } = this.work;
    await store.save(
      {
        id,
        connectionId: connection.id,
        connectionName: connection.name,
        set: access.set,
        kind,
        title: planned.title,
        startedAt: this.startedAt,
        finishedAt: Date.now(),
        user: userName(),
        origin,
        failover: this.failover,
        ...told,
      },
      { jobId: context.jobId, running },
    );
  }
}

async function carryOutStep(step: PlannedStep, run: OperationRun, account: Account): Promise<void> {
  const began = Date.now();
  run.report(step.text);
  run.log(step.text);
  try {
    const came = await step.work(run);
    account.steps.push({ text: came ?? step.text, status: 'done', tookMs: Date.now() - began });
    if (came !== undefined) run.log(came);
  } catch (error) {
    const failure = asFailure(error, run.access.set);
    account.steps.push({ text: step.text, status: 'failed', tookMs: Date.now() - began });
    run.log(`Failed: ${failure.message}`);
    throw failure;
  }
}

/** Throws what a step failed with, or 'cancelled'; the outcome is on disk either way. */
export async function carryOut(work: CarryOut): Promise<void> {
  const { planned, context, access } = work;
  const account = new Account(work);
  const run: OperationRun = {
    access,
    signal: context.signal,
    report: (phase, progress) => context.report({ phase, ...progress }),
    log: (line) => context.log(line),
    warn: (message) => context.warn(message),
    keepFailover: (report) => {
      account.failover = report;
    },
  };
  const { carryOut: steps, afterwards } = planned;
  let failure: AppFailure | null = null;
  for (const [at, step] of steps.entries()) {
    try {
      throwIfCancelled(context.signal);
      await account.saveRunning(step, [...steps.slice(at + 1), ...(afterwards ? [afterwards] : [])]);
      await carryOutStep(step, run, account);
    } catch (error) {
      failure = asFailure(error, access.set);
      const reached = account.steps.length;
      for (const { text } of steps.slice(reached)) account.steps.push({ text, status: 'skipped', tookMs: null });
      break;
    }
  }
  if (afterwards) {
    await account.saveRunning(afterwards, []);
    await carryOutStep(afterwards, run, account).catch((error: unknown) => {
      failure ??= asFailure(error, access.set);
    });
  }
  const cancelled = failure?.error.code === 'cancelled' && context.signal.aborted;
  await account.finish(failure?.error ?? null, cancelled);
  if (failure) throw failure;
}
