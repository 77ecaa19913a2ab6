/** Saved connections beside what their last test said: states, their order, the sentence of the page. Pure. */
import type { Connection } from '../../../shared/connections';
import { formatCount, formatQuantity } from '../../../shared/format';
import type { AppError } from '../../../shared/result';
import { judgeDeployment, topologyText } from '../../components/deployment-text';
import type { State } from '../../components/state-mark';
import type { TestState } from '../../state/connections';

export interface ConnectionRow {
  connection: Connection;
  test: TestState;
}

export interface ConnectionState {
  state: State;
  text: string;
}

function failed({ code, message }: AppError): ConnectionState {
  // Nothing is wrong with the deployment: nobody was let in because nobody has typed the password yet.
  if (code === 'secret-unavailable') return { state: 'waiting', text: 'Waits for its password' };
  return { state: 'bad', text: message };
}

/** How the deployment was when it was asked last. */
export function stateOf({ test }: Pick<ConnectionRow, 'test'>): ConnectionState {
  const { running, result, error } = test;
  if (running && !result) return { state: 'running', text: 'Testing' };
  if (error) return failed(error);
  if (!result) return { state: 'unknown', text: 'Not tested' };
  if (!result.reachable || !result.deployment) {
    return result.error ? failed(result.error) : { state: 'bad', text: 'Not reachable' };
  }
  const { state, sentence } = judgeDeployment(result.deployment);
  return { state, text: sentence };
}

/** Null while nobody knows. */
export function topologyOf({ test }: Pick<ConnectionRow, 'test'>): string | null {
  const deployment = test.result?.deployment;
  return deployment ? topologyText(deployment) : null;
}

const gravest: readonly State[] = ['bad', 'warning', 'waiting', 'stopped', 'unknown', 'running', 'good'];

/** Smaller for what needs somebody sooner. */
export function gravityOf(row: Pick<ConnectionRow, 'test'>): number {
  return gravest.indexOf(stateOf(row).state);
}

/** "60 connections: 45 cannot be used, 3 wait for a password, 12 healthy." Null without any. */
export function connectionsSentence(rows: readonly Pick<ConnectionRow, 'test'>[]): string | null {
  if (rows.length === 0) return null;
  const states = rows.map((row) => stateOf(row).state);
  const count = (...wanted: State[]) => states.filter((state) => wanted.includes(state)).length;
  const parts = [
    { count: count('bad'), word: 'in trouble' },
    { count: count('warning'), word: 'with warnings' },
    { count: count('waiting'), word: 'without a password yet' },
    { count: count('unknown', 'running', 'stopped'), word: 'being tested' },
    { count: count('good'), word: 'healthy' },
  ].filter((part) => part.count > 0);
  return `${formatQuantity(rows.length, 'connection')}: ${parts
    .map((part) => `${formatCount(part.count)} ${part.word}`)
    .join(', ')}.`;
}
