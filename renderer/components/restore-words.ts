/** What a restore of the history is called. Pure. */
import { formatCount, formatQuantity } from '../../shared/format';
import type { RestoreSummary } from '../../shared/restore';
import type { State } from './state-mark';
import { modeWords } from './mode-words';

const states: Record<RestoreSummary['state'], { state: State; word: string }> = {
  running: { state: 'running', word: 'Running' },
  interrupted: { state: 'bad', word: 'Interrupted' },
  failed: { state: 'bad', word: 'Failed' },
  cancelled: { state: 'stopped', word: 'Cancelled' },
  finished: { state: 'good', word: 'Finished' },
  left: { state: 'stopped', word: 'Left as it was' },
};

/** `Finished`, `Undone`, `With conflicts`…, and its mark. */
export function stateOf(summary: RestoreSummary): { state: State; word: string } {
  const { state, undoneBy, outcome, effect } = summary;
  if (undoneBy !== null) return { state: 'stopped', word: 'Undone' };
  if (state !== 'finished' || !outcome) return states[state];
  if (outcome.failures > 0) return { state: 'warning', word: 'With failures' };
  if (effect.conflict > 0) return { state: 'warning', word: 'With conflicts' };
  return states.finished;
}

/** `Exact`, `Undo`. */
export function modeName({ mode, undoOf }: Pick<RestoreSummary, 'mode' | 'undoOf'>): string {
  return undoOf === null ? modeWords[mode].name : 'Undo';
}

const proofWords = {
  proven: { state: 'good', word: 'proven' },
  differs: { state: 'warning', word: 'still differs' },
  none: { state: 'unknown', word: 'no proof' },
} as const satisfies Record<string, { state: State; word: string }>;

/** Null where there is no proof to speak of yet. */
export function proofOf({ outcome }: Pick<RestoreSummary, 'outcome'>): { state: State; word: string } | null {
  return outcome ? proofWords[outcome.proof] : null;
}

const writes = ({ insert, replace, delete: removed }: RestoreSummary['effect']) => insert + replace + removed;

/** `at least 1,204 of 12,000 documents were written`: a restore notes once a second how far it is. */
export function howFar({ effect, predicted }: Pick<RestoreSummary, 'effect' | 'predicted'>): string {
  const done = writes(effect);
  const all = predicted ? writes(predicted) : 0;
  if (done === 0) {
    const documents = all === 0 ? 'its documents' : formatQuantity(all, 'document');
    return `it had not noted yet how many of ${documents} were written`;
  }
  if (all === 0) return `at least ${formatQuantity(done, 'document')} were written`;
  return `at least ${formatCount(Math.min(done, all))} of ${formatQuantity(all, 'document')} were written`;
}
