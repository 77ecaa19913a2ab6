import type { HealthVerdict } from '../../shared/deployment-health';
import { StateMark, type State } from './state-mark';

const marks: Record<HealthVerdict, { state: State; word: string }> = {
  critical: { state: 'bad', word: 'Critical' },
  warning: { state: 'warning', word: 'Warning' },
  unknown: { state: 'unknown', word: 'Unknown' },
  healthy: { state: 'good', word: 'Healthy' },
};

export function verdictWord(verdict: HealthVerdict): string {
  return marks[verdict].word;
}

export function verdictState(verdict: HealthVerdict): State {
  return marks[verdict].state;
}

/** How a deployment is doing by sign, colour and word. */
export function VerdictMark({ verdict }: { verdict: HealthVerdict }) {
  const { state, word } = marks[verdict];
  return <StateMark state={state}>{word}</StateMark>;
}
