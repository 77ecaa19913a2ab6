/** The door of captures: gathering operations from a source, keeping them, and asking about them. */
import { writeFileAtomically } from '../../platform/durable-file';
import type { Capture, CaptureStarted, captureRequestSchema } from '../../../shared/captures';
import { AppFailure, fail, type AppError } from '../../../shared/result';
import type {
  CaptureFilter,
  CaptureSummary,
  Comparison,
  captureReportRequestSchema,
} from '../../../shared/slow-queries';
import type { z } from 'zod';
import type { Connections } from '../../connections/service';
import type { TaskRunner } from '../../jobs/run-in-worker';
import type { JobContext, JobRunner } from '../../jobs/runner';
import { toAppError } from '../../platform/failures';
import type { Logger } from '../../platform/logger';
import type { ProfilerControl, StartedBox } from '../control/service';
import { reportAsHtml } from '../report-html';
import { reportAsJson } from '../report-json';
import { reportAsMarkdown } from '../report-markdown';
import { CaptureStore } from './capture-store';
import { compareSides } from './compare-shapes';
import { describeSource, gatherSource, type ParsedSource } from './gather-source';
import { OpenSessions } from './open-sessions';
import type { SessionAnswer, SessionInput, SessionQueryName } from './session';
import type { GatheredFacts, SessionEvent } from './session-messages';

type ParsedRequest = z.output<typeof captureRequestSchema>;
type ReportRequest = Omit<z.output<typeof captureReportRequestSchema>, 'path'> & { path: string };
type Side = { captureId: string; filter: CaptureFilter };

export interface Captures {
  /** Newest first. */
  list(): Promise<Capture[]>;
  /** Throws 'not-found'. */
  get(id: string): Promise<Capture>;
  /**
   * A job that gathers; what there is can be asked for at once, and stays when the job is cancelled. Profilers that the
   * request sets are put back when it ends, however it does. Throws what keeps it from beginning.
   */
  start(request: ParsedRequest): Promise<CaptureStarted>;
  /** Ends the gathering and waits for it; one that has ended is left alone. */
  stop(id: string): Promise<Capture>;
  /** Ends it first when it is running. */
  delete(id: string): Promise<void>;
  summary(side: Side): Promise<CaptureSummary>;
  /** Each of the questions of {@link SessionQueries}; opens the capture when it is not. */
  ask<Name extends SessionQueryName>(
    captureId: string,
    name: Name,
    input: SessionInput<Name>,
  ): Promise<SessionAnswer<Name>>;
  compare(before: Side, after: Side): Promise<Comparison>;
  /** Writes the report of what the filter lets through. */
  report(request: ReportRequest): Promise<{ path: string }>;
  onChange(listener: (capture: Capture) => void): () => void;
  onRemoved(listener: (id: string) => void): () => void;
  close(): Promise<void>;
}

export interface CapturesOptions {
  folder: string;
  connections: Connections;
  profilers: ProfilerControl;
  jobs: JobRunner;
  tasks: TaskRunner;
  logger: Logger;
}

/** Milliseconds between two changes told of one capture. */
const tellEvery = 1000;

export function createCaptures(options: CapturesOptions): Captures {
  const { connections, profilers, jobs, tasks, folder } = options;
  const logger = options.logger.child({ part: 'captures' });
  const store = new CaptureStore(folder, logger);
  const sessions = new OpenSessions(tasks);
  const running = new Map<string, Capture>();
  const changed = new Set<(capture: Capture) => void>();
  const removed = new Set<(id: string) => void>();

  function tell(capture: Capture): void {
    for (const listener of [...changed]) listener(capture);
  }

  async function get(id: string): Promise<Capture> {
    return running.get(id) ?? store.load(id);
  }

  async function start({ source, title }: ParsedRequest): Promise<CaptureStarted> {
    const described = await describeSource(source, connections);
    const id = store.newId();
    const now = Date.now();
    const until = described.lastsMs === null ? null : now + described.lastsMs;
    const capture: Capture = {
      id,
      title: title ?? described.title,
      source: source.type,
      sourceText: described.text,
      connectionId: described.connectionId,
      connectionName: described.connectionName,
      status: 'running',
      jobId: '',
      startedAt: new Date(now).toISOString(),
      until: until === null ? null : new Date(until).toISOString(),
      endedAt: null,
      from: null,
      to: null,
      operations: 0,
      counted: 0,
      unreadableLines: 0,
      bytes: null,
      error: null,
    };
    // Members and logs that are not there are told before there is a capture of them.
    const gathered = await gatherSource(source, connections, until);
    const profiling = await setProfilers(source);
    const claimId = profiling?.claimId ?? null;
    try {
      await store.save(capture);
      running.set(id, capture);
      const definition = {
        kind: 'capture' as const,
        title: `Gathering slow operations: ${capture.title}`,
        phases: [phaseOf(source.type)],
        connectionId: described.connectionId,
      };
      const job = await jobs.start(definition, async (context) => {
        context.setResult(id);
        for (const { host, message } of profiling?.box.leftOut ?? [])
          context.warn(`${host} is left out and profiles as it did before: ${message}`);
        try {
          await gather(id, gathered, context);
        } finally {
          await release(claimId, context);
        }
      });
      await update(id, { jobId: job.id });
      return { captureId: id, jobId: job.id };
    } catch (error) {
      running.delete(id);
      if (claimId !== null) await profilers.release(claimId);
      await store.remove(id);
      throw error;
    }
  }

  async function setProfilers(source: ParsedSource): Promise<StartedBox | null> {
    if (source.type !== 'profiler' || source.profiling === null) return null;
    if (source.minutes === 0) fail('usage', 'Profilers are set for the time of a capture: tell its minutes.');
    const { profiling, minutes, connectionId } = source;
    // A little longer than the capture, which puts them back itself.
    return profilers.start({ ...profiling, connectionId, minutes: minutes + 0.5 });
  }

  async function release(claimId: string | null, context: JobContext): Promise<void> {
    if (claimId === null) return;
    const box = await profilers.release(claimId).catch((error: unknown) => {
      context.warn(`The profilers are not back yet: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    });
    if (box?.status === 'waiting')
      context.warn('Some profilers could not be put back yet; it is tried again while Lifeboat runs.');
    if (box?.status === 'left') context.warn('Somebody else changed profilers meanwhile: what they set was left.');
  }

  async function gather(
    id: string,
    source: Awaited<ReturnType<typeof gatherSource>>,
    context: JobContext,
  ): Promise<void> {
    let failure: AppError | null = null;
    let told = 0;
    const onEvent = (event: SessionEvent): void => {
      if (event.type === 'gathered') {
        failure = event.error;
        for (const note of event.notes) context.log(note);
      }
      const capture = changeRunning(id, event.facts);
      context.report({ phase: phaseOf(source.type), documentsDone: event.facts.operations });
      if (!capture || (Date.now() - told < tellEvery && event.type === 'progress')) return;
      told = Date.now();
      tell(capture);
    };
    const stop = (): void => sessions.stop(id);
    context.signal.addEventListener('abort', stop, { once: true });
    try {
      const gathered = sessions.gather(id, store.folderOf(id), source, { report: context.report, onEvent });
      if (context.signal.aborted) stop();
      await gathered;
    } catch (error) {
      failure = toAppError(error, logger);
    } finally {
      context.signal.removeEventListener('abort', stop);
    }
    const status = failure ? 'failed' : context.signal.aborted ? 'stopped' : 'complete';
    await update(id, { status, endedAt: new Date().toISOString(), error: failure });
    const ended = running.get(id);
    running.delete(id);
    if (ended) tell(ended);
    if (failure) throw new AppFailure(failure);
  }

  function changeRunning(id: string, change: Partial<Capture> | GatheredFacts): Capture | null {
    const capture = running.get(id);
    if (!capture) return null;
    const next = { ...capture, ...change };
    running.set(id, next);
    return next;
  }

  async function update(id: string, change: Partial<Capture>): Promise<void> {
    const next = changeRunning(id, change);
    // One that ended before its job's id came back is on record already.
    if (next) await store.save(next);
    else if (change.jobId !== undefined) await store.save({ ...(await store.load(id)), jobId: change.jobId });
  }

  async function stop(id: string): Promise<Capture> {
    const capture = await get(id);
    if (capture.status !== 'running') return capture;
    await jobs.cancel(capture.jobId);
    await jobs.wait(capture.jobId);
    return get(id);
  }

  async function ask<Name extends SessionQueryName>(
    captureId: string,
    name: Name,
    input: SessionInput<Name>,
  ): Promise<SessionAnswer<Name>> {
    const capture = await get(captureId);
    if (capture.status === 'running' && !running.has(captureId))
      fail('busy', 'This capture is being gathered by another Lifeboat.', 'Wait until it has ended.');
    return sessions.ask(captureId, store.folderOf(captureId), name, input);
  }

  return {
    async list() {
      return (await store.list()).map((capture) => running.get(capture.id) ?? capture);
    },
    get,
    start,
    stop,
    async delete(id) {
      await stop(id);
      await sessions.close(id);
      await store.remove(id);
      for (const listener of [...removed]) listener(id);
    },
    async summary({ captureId, filter }) {
      const answer = await ask(captureId, 'summary', { filter });
      return { ...answer, capture: await get(captureId) };
    },
    ask,
    async compare(before, after) {
      const sides = [before, after] as const;
      const [former, latter] = await Promise.all(
        sides.map(({ captureId, filter }) => ask(captureId, 'side', { filter })),
      );
      if (!former || !latter) return fail('internal', 'A comparison has two sides.');
      const described = async ({ captureId }: Side, side: typeof former): Promise<Comparison['before']> => {
        const { operations, totalMs, from, to } = side;
        return { capture: await get(captureId), operations, totalMs, from, to };
      };
      return {
        before: await described(before, former),
        after: await described(after, latter),
        ...compareSides(former, latter),
      };
    },
    async report({ captureId, filter, format, masked, path }) {
      const { sourceText } = await get(captureId);
      const report = await ask(captureId, 'report', { filter, masked, source: sourceText });
      const write = { html: reportAsHtml, md: reportAsMarkdown, json: reportAsJson };
      await writeFileAtomically(path, write[format](report));
      return { path };
    },
    onChange(listener) {
      changed.add(listener);
      return () => changed.delete(listener);
    },
    onRemoved(listener) {
      removed.add(listener);
      return () => removed.delete(listener);
    },
    close: () => sessions.closeAll(),
  };
}

/** As the worker's task calls it. */
function phaseOf(type: Capture['source']): string {
  return type === 'log-files' ? 'Reading logs' : 'Gathering';
}
