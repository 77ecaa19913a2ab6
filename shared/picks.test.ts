import { describe, expect, it } from 'vitest';
import { PickedPositions, type PickedDocuments } from './picks';
import { effectOfPicks } from './restore';

const documents = { inBackup: 1000, inTarget: 607, same: 575, changed: 25, onlyInBackup: 400, onlyInTarget: 7 };
const orders = { ns: 'shop.orders', type: 'collection' as const, documents };
const others = { ...orders, ns: 'shop.others' };

function pick(part: Partial<PickedDocuments>): PickedDocuments {
  return { ns: 'shop.orders', changes: [], except: [], documents: [], fields: [], ...part };
}

const effect = (...picks: PickedDocuments[]) => effectOfPicks(picks, [orders, others]);

describe('what was ticked in a diff', () => {
  it('is nothing by itself', () => {
    expect(effect()).toEqual({ insert: 0, replace: 0, delete: 0, keep: 1214, conflict: 0 });
  });

  it('is whole kinds but a few, single documents, and fields of changed ones', () => {
    const kinds = pick({ changes: ['onlyInBackup'], except: [0, 5, 399] });
    expect(effect(kinds)).toEqual({ insert: 397, replace: 0, delete: 0, keep: 1214, conflict: 0 });
    const single = pick({ documents: [0, 0, 400, 425, 431], fields: [{ document: 401, paths: [['a']] }] });
    expect(effect(single)).toEqual({ insert: 1, replace: 2, delete: 2, keep: 1210, conflict: 0 });
    expect(effect(kinds, single)).toMatchObject({ insert: 398, replace: 2, delete: 2 });
  });

  it('is the union of several picks of a namespace: one may leave out what another holds', () => {
    const a = pick({ changes: ['changed'], except: [400, 401] });
    const b = pick({ changes: ['changed', 'onlyInTarget'], except: [401, 402, 425] });
    expect(effect(a, b)).toMatchObject({ insert: 0, replace: 24, delete: 6 });
    expect(effect(a, pick({ documents: [400] }))).toMatchObject({ replace: 24 });
  });

  it('puts a document back whole when it was picked whole and by fields', () => {
    const fields = [{ document: 400, paths: [['a']] }];
    const positions = new PickedPositions('shop.orders', [pick({ documents: [400], fields })], documents);
    expect(positions.counts.changed).toBe(1);
    expect(positions.partOf('changed', 0)).toBe('whole');
    const split = [pick({ fields }), pick({ fields: [{ document: 400, paths: [['b', 'c']] }] })];
    expect(new PickedPositions('shop.orders', split, documents).partOf('changed', 0)).toEqual([['a'], ['b', 'c']]);
  });

  it('is refused where the preview holds nothing of the kind', () => {
    const code = (name: string) => expect.objectContaining({ error: expect.objectContaining({ code: name }) });
    expect(() => effect(pick({ ns: 'shop.none' }))).toThrow(code('not-found'));
    expect(() => effect(pick({ documents: [432] }))).toThrow(code('usage'));
    expect(() => effect(pick({ changes: ['changed'], except: [500] }))).toThrow(code('usage'));
    expect(() => effect(pick({ fields: [{ document: 399, paths: [['a']] }] }))).toThrow(code('usage'));
    expect(() => effect(pick({ fields: [{ document: 401, paths: [['_id']] }] }))).toThrow(code('usage'));
  });

  it('takes a million documents in no time, and finds each', () => {
    const million = { ...documents, onlyInBackup: 1_000_000 };
    const picked = Array.from({ length: 999_999 }, (_, at) => at + 1);
    const started = Date.now();
    const positions = new PickedPositions('shop.orders', [pick({ documents: picked })], million);
    expect(positions.counts.onlyInBackup).toBe(999_999);
    expect(positions.next('onlyInBackup', 0)).toBe(1);
    expect(positions.next('changed', 0)).toBeNull();
    expect(Date.now() - started).toBeLessThan(2000);
  });
});
