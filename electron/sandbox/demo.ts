/** The demo: a replica set of three with an online shop in it, and a connection to it that is gone with this process. */
import type { Job } from '../../shared/jobs';
import { AppFailure, fail } from '../../shared/result';
import type { DemoStatus, Sandbox } from '../../shared/toolchain';
import type { Connections } from '../connections/service';
import type { JobContext, JobRunner } from '../jobs/runner';
import { toAppError } from '../platform/failures';
import type { Logger } from '../platform/logger';
import { DemoWorkload } from './demo-workload';
import type { Sandboxes } from './service';

export interface Demo {
  status(): DemoStatus;
  /** Starts it, or returns the job that did when it runs or is about to. */
  start(): Promise<Job>;
  /** Ends it, also one that is being started. */
  stop(): Promise<void>;
  /** Resolves, when it was paused, after the last write. Throws 'refused' when the demo does not run. */
  setWorkload(running: boolean): Promise<DemoStatus>;
  onChange(listener: (status: DemoStatus) => void): () => void;
}

export interface DemoOptions {
  sandboxes: Pick<Sandboxes, 'start' | 'stop' | 'list' | 'onLost'>;
  connections: Pick<Connections, 'ephemeral' | 'remove'>;
  jobs: Pick<JobRunner, 'start' | 'cancel' | 'wait'>;
  logger: Logger;
}

interface Running {
  sandbox: Sandbox;
  connectionId: string;
  workload: DemoWorkload;
}

const stopped: DemoStatus = { state: 'stopped', connectionId: null, workload: 'stopped', error: null };
const phases = [
  'Inserting documents',
  'Building indexes',
  'Starting 3 mongods',
  'Electing a primary',
  'Opening the shop',
];

/** How often, and how long after a server's end, it is looked whether the whole sandbox is being stopped. */
const lookMs = 250;
const looks = 60;

export function createDemo({ sandboxes, connections, jobs, logger }: DemoOptions): Demo {
  let status: DemoStatus = stopped;
  let starting: Promise<Job> | null = null;
  let running: Running | null = null;
  let looking = false;
  const listeners = new Set<(status: DemoStatus) => void>();

  function become(next: DemoStatus): void {
    status = next;
    for (const listener of [...listeners]) listener(next);
  }

  async function open(context: JobContext): Promise<void> {
    try {
      const sandbox = await sandboxes.start({
        members: 3,
        purpose: 'demo',
        signal: context.signal,
        report: (update) => context.report(update),
      });
      const { id } = await connections.ephemeral(sandbox.uri, {
        name: 'Demo shop',
        colour: 'teal',
        environment: 'sandbox',
        sandboxId: sandbox.id,
      });
      const workload = new DemoWorkload(sandbox.uri, logger.child({ part: 'demo' }));
      running = { sandbox, connectionId: id, workload };
      workload.start();
      context.setResult(sandbox.id);
      become({ state: 'running', connectionId: id, workload: 'running', error: null });
    } catch (error) {
      const cancelled = error instanceof AppFailure && error.error.code === 'cancelled';
      become(cancelled ? stopped : { ...stopped, state: 'failed', error: toAppError(error, logger) });
      throw error;
    }
  }

  /** What is left to close when the servers may be gone already. */
  async function letGo({ connectionId, workload }: Running): Promise<void> {
    running = null;
    await workload.close();
    await connections.remove(connectionId);
  }

  sandboxes.onLost((id) => {
    if (running?.sandbox.id !== id) return;
    // One of three may fail, or be killed to see what happens; the set goes on.
    logger.warn({ sandbox: id }, 'A member of the demo ended');
    void noticeStop(id).catch((error: unknown) => logger.error({ error, sandbox: id }, 'Cannot look after the demo'));
  });

  /** Another process may be stopping it (`lifeboat sandbox stop --all`): its files go once its servers have ended. */
  async function noticeStop(id: string): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      for (let look = 0; look < looks && running?.sandbox.id === id; look++) {
        if (!(await sandboxes.list()).some((sandbox) => sandbox.id === id)) {
          if (running.sandbox.id === id) await letGoOfStopped(running);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, lookMs).unref());
      }
    } finally {
      looking = false;
    }
  }

  async function letGoOfStopped(open: Running): Promise<void> {
    starting = null;
    await letGo(open);
    become(stopped);
  }

  async function start(): Promise<Job> {
    if (starting && (status.state === 'starting' || status.state === 'running')) return starting;
    become({ ...stopped, state: 'starting' });
    starting = jobs.start({ kind: 'demo', title: 'Start the demo shop', phases, connectionId: null }, open);
    try {
      return await starting;
    } catch (error) {
      starting = null;
      become({ ...stopped, state: 'failed', error: toAppError(error, logger) });
      throw error;
    }
  }

  async function stop(): Promise<void> {
    const job = await starting?.catch(() => null);
    starting = null;
    if (job && status.state === 'starting') {
      await jobs.cancel(job.id);
      await jobs.wait(job.id);
    }
    const open = running;
    if (open) {
      await letGo(open);
      await sandboxes.stop(open.sandbox.id).catch((error: unknown) => {
        // Somebody else may have stopped it: `lifeboat sandbox stop --all`.
        if (!(error instanceof AppFailure) || error.error.code !== 'not-found') throw error;
      });
    }
    if (status.state !== 'stopped') become(stopped);
  }

  async function setWorkload(wanted: boolean): Promise<DemoStatus> {
    const open = running;
    if (!open) fail('refused', 'The demo does not run.', 'Start it first.');
    if (wanted) open.workload.start();
    else await open.workload.pause();
    become({ ...status, workload: wanted ? 'running' : 'paused' });
    return status;
  }

  return {
    status: () => status,
    start,
    stop,
    setWorkload,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
