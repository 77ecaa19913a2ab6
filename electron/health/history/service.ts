/** The history of health for the services: written and asked in a thread of its own, opened with the first use. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { DeploymentSample, HealthEvent } from '../../../shared/health';
import type { HistoryQuery, HistorySeries } from '../../../shared/health-history';
import { AppFailure, fail } from '../../../shared/result';
import type { TaskRunner } from '../../jobs/run-in-worker';
import { toAppError } from '../../platform/failures';
import type { Logger } from '../../platform/logger';
import { guardBytes, stopNativeCalls } from './database';
import type { FromHistory, HistoryAnswers, HistoryQuestion, HistoryTaskInput, ToHistory } from './history-task';
import { packMetrics } from './packing';

export interface History {
  /** Resolves when the sample cannot be lost any more by the end of this process. */
  append(sample: DeploymentSample, events: readonly HealthEvent[]): Promise<void>;
  series(query: HistoryQuery): Promise<HistorySeries>;
  /** The newest `most` (1,000 by default) of a time, in time order. */
  events(deployment: string, from: number, to: number, most?: number): Promise<HealthEvent[]>;
  close(): Promise<void>;
}

export interface HistoryOptions {
  path: string;
  tasks: Pick<TaskRunner, 'run'>;
  logger: Logger;
  /** Of the file; 2 GiB by default. */
  largestBytes?: number;
}

interface Waiting {
  resolve(value: HistoryAnswers[HistoryQuestion['kind']]): void;
  reject(error: AppFailure): void;
}

interface OpenThread {
  port: MessagePort;
  waiting: Map<number, Waiting>;
  ended: Promise<void>;
  guard: SharedArrayBuffer;
}

export function createHistory(options: HistoryOptions): History {
  const logger = options.logger.child({ part: 'health history' });
  let thread: OpenThread | null = null;
  let lastId = 0;
  let closed = false;
  const onExit = (): void => {
    if (thread) stopNativeCalls(thread.guard);
  };

  function open(): OpenThread {
    const { port1, port2 } = new MessageChannel();
    const guard = new SharedArrayBuffer(guardBytes);
    const waiting = new Map<number, Waiting>();
    const input: HistoryTaskInput = {
      path: options.path,
      largestBytes: options.largestBytes ?? 2 * 2 ** 30,
      guard,
      port: port2,
    };
    const ended = options.tasks
      .run<HistoryTaskInput, null>('health.history', input, {
        transfer: [port2],
        resident: true,
        log: (line) => logger.warn(line),
      })
      .then(
        () => new AppFailure({ code: 'interrupted', message: 'The history was closed.' }),
        (error: unknown) => new AppFailure(toAppError(error, logger)),
      )
      .then((failure) => {
        if (thread === opened) thread = null;
        port1.close();
        for (const { reject } of waiting.values()) reject(failure);
        waiting.clear();
      });
    port1.on('message', (message: FromHistory) => {
      const asker = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.ok) asker?.resolve(message.value);
      else asker?.reject(new AppFailure(message.error));
    });
    port1.unref();
    const opened: OpenThread = { port: port1, waiting, ended, guard };
    process.once('exit', onExit);
    return opened;
  }

  function ask<Kind extends HistoryQuestion['kind']>(
    question: Extract<HistoryQuestion, { kind: Kind }>,
  ): Promise<HistoryAnswers[Kind]> {
    if (closed) fail('interrupted', 'The history is closed.');
    thread ??= open();
    const { port, waiting } = thread;
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve: (value) => resolve(value as HistoryAnswers[Kind]), reject });
      const message: ToHistory = { id, question };
      port.postMessage(message);
    });
  }

  return {
    async append(sample, events) {
      const member = (set: string | null) => (one: DeploymentSample['singles'][number]) => ({
        host: one.host,
        set,
        values: packMetrics(one.metrics),
      });
      const members = [
        ...sample.sets.flatMap((set) => set.members.map(member(set.name))),
        ...sample.singles.map(member(null)),
      ];
      const entry = { deployment: sample.connectionId, at: sample.at, members, events: [...events] };
      await ask<'append'>({ kind: 'append', entry });
    },
    series: async (query) => ask<'series'>({ kind: 'series', query, now: Date.now() }),
    events: async (deployment, from, to, most = 1000) => ask<'events'>({ kind: 'events', deployment, from, to, most }),
    async close() {
      if (closed) return;
      if (thread) {
        const { ended } = thread;
        await ask<'close'>({ kind: 'close' }).catch(() => null);
        await ended;
      }
      closed = true;
      process.off('exit', onExit);
    },
  };
}
