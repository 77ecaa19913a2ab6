import { describe, expect, it } from 'vitest';
import type { RestoreSummary } from '../../shared/restore';
import { howFar, modeName, proofOf, stateOf } from './restore-words';

const effect = { insert: 0, replace: 0, delete: 0, keep: 9, conflict: 0 };
const summary: RestoreSummary = {
  restoreId: 'restore-20261121T020000Z-00000000',
  state: 'finished',
  connectionId: 'c',
  backupId: 'b',
  target: 'shop',
  mode: 'exact',
  scope: 'shop',
  startedAt: '2026-11-21T02:00:00.000Z',
  effect,
  predicted: null,
  canContinue: false,
  outcome: { proof: 'proven', elapsedMs: 1000, failures: 0 },
  undoDeclined: false,
  undoId: null,
  undoUntil: null,
  undoOf: null,
  undoneBy: null,
};

describe('the words for a restore', () => {
  it('name what became of it, the gravest first', () => {
    expect(stateOf(summary).word).toBe('Finished');
    expect(stateOf({ ...summary, effect: { ...effect, conflict: 2 } }).word).toBe('With conflicts');
    const failed = { ...summary, outcome: { proof: 'differs' as const, elapsedMs: 1, failures: 1 } };
    expect(stateOf(failed)).toEqual({ state: 'warning', word: 'With failures' });
    expect(proofOf(failed)?.word).toBe('still differs');
    expect(stateOf({ ...failed, undoneBy: 'restore-20261121T030000Z-00000000' }).word).toBe('Undone');
    expect(stateOf({ ...summary, state: 'interrupted', outcome: null })).toEqual({ state: 'bad', word: 'Interrupted' });
    expect(modeName({ ...summary, undoOf: 'restore-20261121T010000Z-00000000' })).toBe('Undo');
  });

  it('tell how far it came, as far as that is known', () => {
    expect(howFar({ effect, predicted: null })).toBe('it had not noted yet how many of its documents were written');
    expect(howFar({ effect: { ...effect, insert: 3 }, predicted: null })).toBe('at least 3 documents were written');
    const predicted = { ...effect, insert: 9000, delete: 3000 };
    expect(howFar({ effect: { ...effect, insert: 1200, delete: 4 }, predicted })).toBe(
      'at least 1,204 of 12,000 documents were written',
    );
  });
});
