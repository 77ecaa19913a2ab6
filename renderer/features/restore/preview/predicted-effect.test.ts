import { describe, expect, it } from 'vitest';
import { namespaceDiffSchema, type NamespaceDiff } from '../../../../shared/diff';
import { effectModeOf, predictedEffect } from './predicted-effect';

/** Of an undo that builds the collection anew: all that was saved is inserted, though only five documents differ. */
const rebuilt: NamespaceDiff = namespaceDiffSchema.parse({
  ns: 'shop.log',
  targetNs: 'shop.log',
  type: 'collection',
  status: 'differs',
  comparedBy: 'digest',
  documents: { inBackup: 300, inTarget: 305, same: 300, changed: 0, onlyInBackup: 0, onlyInTarget: 5 },
  indexes: { same: [], add: [], change: [], remove: [] },
  options: { same: false, backup: { capped: true }, target: {} },
  effect: { insert: 300, replace: 0, delete: 304, keep: 1, conflict: 1 },
});

describe('the numbers of a preview', () => {
  it('are those that the undo itself will count', () => {
    const undo = effectModeOf({ undoOf: 'restore-20261121T154726Z-e4f64071' }, 'exact');
    expect(predictedEffect(undo, [rebuilt], [])).toEqual(rebuilt.effect);
  });

  it('follow the mode where nothing is undone', () => {
    const exact = effectModeOf({ undoOf: null }, 'exact');
    expect(predictedEffect(exact, [rebuilt], [])).toEqual({ insert: 0, replace: 0, delete: 5, keep: 300, conflict: 0 });
  });
});
