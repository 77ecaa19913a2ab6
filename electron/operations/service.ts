/** The door of operations on replica sets: previewed, guarded, carried out as jobs, with outcomes that stay. */
import type { z } from 'zod';
import type { Connection } from '../../shared/connections';
import type { Job } from '../../shared/jobs';
import { isFinished } from '../../shared/jobs';
import type {
  Operation,
  OperationOutcome,
  OperationPreview,
  OperationRequest,
  ResyncGuide,
  startOperationSchema,
} from '../../shared/operations';
import { AppFailure } from '../../shared/result';
import type { JobContext, JobRunner } from '../jobs/runner';
import type { Logger } from '../platform/logger';
import { userName } from '../platform/user-name';
import { planAddMember } from './add-member';
import { asFailure, carryOut } from './carry-out';
import { planCompact } from './compact';
import { planFailoverTest } from './failover/failover-test';
import { planFreeze } from './freeze';
import {
  audited,
  auditRefusal,
  isNameNeeded,
  missingPrivileges,
  readOnlyRefusal,
  refusalOf,
  requireTypedName,
  type AuditSubject,
  type OperationAudit,
} from './guards';
import { OutcomeStore } from './outcome-store';
import { warning, type PlannedOperation, type Remark } from './planned-operation';
import { planReconfigure } from './reconfigure';
import { planRemoveMember } from './remove-member';
import { planReplaceMember } from './replace-member';
import { makeResyncGuide } from './resync-guide';
import { openSet, type OperationConnections, type SetAccess } from './set-access';
import { pinOf, readSetState, requireUnchanged, type SetState } from './set-state';
import { planStepDown } from './step-down';

export type StartOperation = z.output<typeof startOperationSchema>;

export interface Operations {
  /**
   * Looks and changes nothing. What keeps it from being started is the preview's `refusal`; throws as connections do,
   * 'topology' for what is no set, no member, or has no primary.
   */
  preview(request: OperationRequest): Promise<OperationPreview>;
  /**
   * A job whose result is the id of an {@link OperationOutcome}, also when it fails. Throws 'refused' (guards, unsafe changes),
   * 'not-authorized', 'preview-stale', 'busy'; the job fails with them when the set changes in the last moment.
   */
  start(request: StartOperation): Promise<Job>;
  /** Throws 'not-found', also while it is running. */
  outcome(id: string): Promise<OperationOutcome>;
  /** Newest first, of all connections; those still running are not among them. */
  list(): Promise<OperationOutcome[]>;
  /** Changes nothing. Throws 'topology' for what is no member. */
  resyncGuide(connectionId: string, set: string | null, host: string): Promise<ResyncGuide>;
  /** For the start of a process: what a killed one left becomes 'interrupted', in the audit too. */
  recover(): Promise<void>;
}

export interface OperationsDependencies {
  connections: OperationConnections;
  jobs: Pick<JobRunner, 'start' | 'list'>;
  audit: OperationAudit;
  logger: Logger;
  origin: 'window' | 'cli';
  folder: string;
}

interface Looked {
  setId: string | null;
  planned: PlannedOperation;
  preview: OperationPreview;
}

interface Starting {
  id: string;
  request: StartOperation;
  connection: Connection;
  set: string;
  title: string;
}

async function plan(access: SetAccess, state: SetState, operation: Operation): Promise<PlannedOperation> {
  switch (operation.kind) {
    case 'step-down':
      return planStepDown({ access, state, operation });
    case 'freeze':
      return planFreeze({ access, state, operation });
    case 'failover-test':
      return planFailoverTest({ access, state, operation });
    case 'reconfigure':
      return planReconfigure({ access, state, operation });
    case 'add-member':
      return planAddMember({ access, state, operation });
    case 'remove-member':
      return planRemoveMember({ access, state, operation });
    case 'replace-member':
      return planReplaceMember({ access, state, operation });
    case 'compact':
      return planCompact({ access, state, operation });
  }
}

export function createOperations({
  connections,
  jobs,
  audit,
  logger,
  origin,
  folder,
}: OperationsDependencies): Operations {
  const store = new OutcomeStore(folder, logger.child({ part: 'operations' }));

  async function withSet<T>(
    connectionId: string,
    set: string | null,
    work: (access: SetAccess) => Promise<T>,
  ): Promise<T> {
    const access = await openSet(connections, connectionId, set);
    try {
      return await work(access);
    } finally {
      await access.close();
    }
  }

  /** Work on the same deployment that an operation might disturb. `except`: the job that asks. */
  async function otherWork(connectionId: string, except: string | null): Promise<Remark[]> {
    const running = (await jobs.list()).filter(
      (job) => !isFinished(job.status) && job.connectionId === connectionId && job.id !== except,
    );
    const disturbed = running.filter(({ kind }) => kind !== 'demo' && kind !== 'sandbox');
    return disturbed.map(({ title }) => warning(`Running at this moment: ${title}.`));
  }

  async function look(access: SetAccess, request: OperationRequest, jobId: string | null): Promise<Looked> {
    const state = await readSetState(access, { lag: true });
    const planned = await plan(access, state, request.operation);
    const missing = await missingPrivileges(access, state.toldBy, planned.needs);
    const { title, steps, changes, electable, commands } = planned;
    const remarks = [...planned.remarks, ...(await otherWork(access.connection.id, jobId))];
    const order = { refused: 0, warning: 1, note: 2 };
    const preview: OperationPreview = {
      request,
      title,
      steps,
      remarks: remarks.sort((a, b) => order[a.kind] - order[b.kind]),
      changes,
      electable,
      pin: pinOf(state),
      typedNameNeeded: isNameNeeded(access.connection),
      refusal: refusalOf(access.connection, remarks, missing),
      commands,
    };
    return { setId: state.setId, planned, preview };
  }

  /** An outcome of what ended before its first step, so that the job's result leads somewhere. */
  async function keepFailedStart({ id, connection, request, set, title }: Starting, jobId: string, error: unknown) {
    const failure = asFailure(error, connection.name).error;
    const now = Date.now();
    const outcome: OperationOutcome = {
      id,
      connectionId: connection.id,
      connectionName: connection.name,
      set,
      kind: request.operation.kind,
      title,
      startedAt: now,
      finishedAt: now,
      user: userName(),
      origin,
      status: failure.code === 'cancelled' ? 'cancelled' : 'failed',
      text: `Nothing was done: ${failure.message}`,
      steps: [],
      error: failure,
      failover: null,
    };
    await store.save(outcome, { jobId, running: false });
  }

  async function run(starting: Starting, subject: AuditSubject, context: JobContext): Promise<void> {
    const { id, request, connection } = starting;
    const { kind } = request.operation;
    context.setResult(id);
    await audited(audit, subject, context.jobId, async () => {
      let begun = false;
      try {
        await withSet(request.connectionId, request.set, async (access) => {
          context.report({ phase: 'Looking at the set' });
          // Once more, now that nobody else may begin anything: it may have changed since it was asked for.
          const { planned } = await lookAgain(access, request, context.jobId);
          begun = true;
          await carryOut({ id, kind, origin, connection, access, planned, context, store });
        });
      } catch (error) {
        if (!begun) await keepFailedStart(starting, context.jobId, error);
        throw error;
      }
    });
  }

  /** Throws 'preview-stale' for what has changed since the preview, and what else is in the way. */
  async function lookAgain(access: SetAccess, request: StartOperation, jobId: string | null): Promise<Looked> {
    // First, for what the preview spoke of may be gone altogether.
    requireUnchanged(request.pin, pinOf(await readSetState(access)), access.set);
    const looked = await look(access, request, jobId);
    requireUnchanged(request.pin, looked.preview.pin, access.set);
    if (looked.preview.refusal) throw new AppFailure(looked.preview.refusal);
    return looked;
  }

  function subjectOf(connection: Connection, { operation, set }: OperationRequest): AuditSubject {
    const { kind, ...parameters } = operation;
    return { operation: `replica-set.${kind}`, connection, parameters: { ...parameters, set } };
  }

  return {
    preview: (request) =>
      withSet(request.connectionId, request.set, async (access) => (await look(access, request, null)).preview),
    start: async (request) => {
      const connection = await connections.get(request.connectionId);
      const subject = subjectOf(connection, request);
      try {
        const readOnly = readOnlyRefusal(connection);
        if (readOnly) throw new AppFailure(readOnly);
        requireTypedName(connection, request.typedName);
        const { planned, lock, set } = await withSet(connection.id, request.set, async (access) => {
          const looked = await lookAgain(access, request, null);
          return { planned: looked.planned, lock: await access.lockKey(looked.setId), set: access.set };
        });
        subject.parameters['set'] = set;
        const all = [...planned.carryOut, ...(planned.afterwards ? [planned.afterwards] : [])];
        const definition = {
          kind: 'operation' as const,
          title: `${planned.title} (${connection.name})`,
          phases: all.map(({ text }) => text),
          connectionId: connection.id,
          lock,
        };
        const starting = { id: store.newId(), request, connection, set, title: planned.title };
        return await jobs.start(definition, (context) => run(starting, subject, context));
      } catch (error) {
        await auditRefusal(audit, subject, error);
        throw error;
      }
    },
    outcome: (id) => store.get(id),
    list: () => store.list(),
    resyncGuide: (connectionId, set, host) => withSet(connectionId, set, (access) => makeResyncGuide(access, host)),
    recover: async () => {
      for (const { outcome, jobId } of await store.recover()) {
        await audit.record({
          operation: `replica-set.${outcome.kind}`,
          target: outcome.connectionName,
          category: 'replica-set',
          parameters: { set: outcome.set, outcome: outcome.id },
          result: 'interrupted',
          error: outcome.text,
          jobId,
        });
      }
    },
  };
}
