import { describe, expect, it } from 'vitest';
import { restoreModes, type Problem } from './diff';
import { defaultMetadata, effectOf, isDestructive, problemsOf, sumEffects, takesAway } from './restore';

const documents = { inBackup: 1000, inTarget: 607, same: 575, changed: 25, onlyInBackup: 400, onlyInTarget: 7 };

describe('what a mode would do, by the counts of the diff', () => {
  it('exact inserts, replaces and deletes exactly what differs', () => {
    expect(effectOf('exact', { type: 'collection', documents })).toEqual({
      insert: 400,
      replace: 25,
      delete: 7,
      keep: 575,
      conflict: 0,
    });
  });

  it('insert missing keeps everything the target has', () => {
    expect(effectOf('insert-missing', { type: 'collection', documents })).toMatchObject({ insert: 400, keep: 607 });
  });

  it('drop deletes all of the target and inserts all of the backup', () => {
    expect(effectOf('drop', { type: 'collection', documents })).toMatchObject({ insert: 1000, delete: 607, keep: 0 });
  });

  it('accounts for every document of the target in every mode', () => {
    for (const mode of restoreModes) {
      const effect = effectOf(mode, { type: 'collection', documents });
      expect(effect.keep + effect.replace + effect.delete, mode).toBe(documents.inTarget);
    }
  });

  it('takes collections that only the target has where that is chosen, and else leaves them', () => {
    const extra = { inBackup: 0, inTarget: 9, same: 0, changed: 0, onlyInBackup: 0, onlyInTarget: 9 };
    const diff = { type: 'collection' as const, status: 'onlyInTarget' as const, documents: extra };
    const chosen = (extraNamespaces: boolean) => ({ ...defaultMetadata('exact'), extraNamespaces });
    expect(effectOf('exact', diff)).toMatchObject({ delete: 9, keep: 0 });
    expect(effectOf('exact', diff, chosen(false))).toMatchObject({ delete: 0, keep: 9 });
    expect(effectOf('merge', diff)).toMatchObject({ delete: 0, keep: 9 });
    expect(effectOf('merge', diff, chosen(true))).toMatchObject({ delete: 9, keep: 0 });
    expect(takesAway('insert-missing')).toBe(false);
    expect(takesAway('insert-missing', chosen(true))).toBe(true);
    expect(takesAway('insert-missing', defaultMetadata('insert-missing'))).toBe(false);
  });

  it('does nothing to the documents of a view', () => {
    expect(effectOf('exact', { type: 'view', documents })).toEqual(sumEffects([]));
  });

  it('knows which modes take something away', () => {
    expect(restoreModes.filter(isDestructive)).toEqual(['merge', 'overwrite', 'exact', 'drop', 'pick']);
  });
});

describe('the problems of a mode', () => {
  it('are those of every mode and its own', () => {
    const problem = (code: Problem['code'], modes: Problem['modes']): Problem => {
      return {
        code,
        severity: 'info',
        ns: null,
        message: '',
        hint: null,
        modes,
        when: null,
        objects: [],
        objectsTotal: 0,
      };
    };
    const problems = [
      problem('version-mismatch', null),
      problem('validator-rejects', ['insert-missing']),
      problem('disk-space', ['clone', 'drop']),
    ];
    const codes = restoreModes.map((mode) => [mode, problemsOf(mode, problems).map(({ code }) => code)]);
    expect(Object.fromEntries(codes)).toMatchObject({
      exact: ['version-mismatch'],
      'insert-missing': ['version-mismatch', 'validator-rejects'],
      drop: ['version-mismatch', 'disk-space'],
    });
  });

  it('are only those that the chosen metadata leads to', () => {
    const problem: Problem = {
      code: 'unique-index-conflict',
      severity: 'warning',
      ns: null,
      message: '',
      hint: null,
      modes: ['overwrite', 'pick', 'drop'],
      when: { part: 'missingIndexes', chosen: true },
      objects: [],
      objectsTotal: 0,
    };
    const met = restoreModes.filter((mode) => problemsOf(mode, [problem]).length > 0);
    expect(met).toEqual(['overwrite', 'drop']);
    const without = { ...defaultMetadata('overwrite'), missingIndexes: false };
    expect(problemsOf('overwrite', [problem], without)).toEqual([]);
    expect(problemsOf('drop', [problem], without)).toEqual([problem]);
  });
});
