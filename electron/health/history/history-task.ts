/** The thread that has the history open: one question after the other, by a port, until it is told to end. */
import type { MessagePort } from 'node:worker_threads';
import type { HealthEvent } from '../../../shared/health';
import type { HistoryQuery, HistorySeries } from '../../../shared/health-history';
import type { AppError } from '../../../shared/result';
import { toAppError } from '../../platform/failures';
import type { Task } from '../../jobs/task';
import { HistoryStore, type HistoryEntry } from './history-store';
import { queryHistory } from './query-history';

export interface HistoryTaskInput {
  path: string;
  largestBytes: number;
  /** See stopNativeCalls. */
  guard: SharedArrayBuffer;
  port: MessagePort;
}

export type HistoryQuestion =
  | { kind: 'append'; entry: HistoryEntry }
  | { kind: 'series'; query: HistoryQuery; now: number }
  | { kind: 'events'; deployment: string; from: number; to: number; most: number }
  | { kind: 'close' };

export interface HistoryAnswers {
  append: null;
  series: HistorySeries;
  events: HealthEvent[];
  close: null;
}

export interface ToHistory {
  id: number;
  question: HistoryQuestion;
}

export type FromHistory =
  { id: number; ok: true; value: HistoryAnswers[HistoryQuestion['kind']] } | { id: number; ok: false; error: AppError };

export const historyTask: Task<HistoryTaskInput, null> = async (input, { log }) => {
  const { path, largestBytes, guard, port } = input;
  const store = await HistoryStore.open(path, {
    guard,
    largestBytes,
    onDamage: (aside) => log(`The history of health was damaged and is kept as ${aside}; a new one was begun.`),
  });
  const answer = (question: HistoryQuestion): HistoryAnswers[HistoryQuestion['kind']] => {
    switch (question.kind) {
      case 'append':
        store.append(question.entry);
        return null;
      case 'series':
        return queryHistory(store, question.query, question.now);
      case 'events':
        return store.events(question.deployment, question.from, question.to, question.most);
      case 'close':
        store.close();
        return null;
    }
  };
  await new Promise<void>((resolve) => {
    port.on('message', ({ id, question }: ToHistory) => {
      const send = (message: FromHistory): void => port.postMessage(message);
      try {
        send({ id, ok: true, value: answer(question) });
      } catch (error) {
        send({ id, ok: false, error: toAppError(error) });
      }
      if (question.kind === 'close') resolve();
    });
    // Whoever asked is gone.
    port.on('close', () => resolve());
  });
  port.close();
  return null;
};
