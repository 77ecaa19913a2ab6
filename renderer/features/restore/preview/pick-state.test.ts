import { describe, expect, it } from 'vitest';
import { PickedPositions } from '../../../../shared/picks';
import {
  changeAt,
  firstOf,
  noTicks,
  pickOf,
  tickedCounts,
  tickOf,
  ticksOf,
  withDocuments,
  withFields,
  withKinds,
  type Ticks,
} from './pick-state';

const counts = { onlyInBackup: 400, changed: 25, onlyInTarget: 7 };
const last = counts.onlyInBackup + counts.changed + counts.onlyInTarget - 1;

/** What the writer would make of the ticks. */
function written(ticks: Ticks) {
  const pick = pickOf('shop.orders', ticks);
  return new PickedPositions('shop.orders', pick ? [pick] : [], counts).counts;
}

describe('the ticks of a diff', () => {
  it('tell the kind of each position of the whole list', () => {
    expect([0, 399, 400, 424, 425, last, last + 1].map((position) => changeAt(counts, position))).toEqual([
      'onlyInBackup',
      'onlyInBackup',
      'changed',
      'changed',
      'onlyInTarget',
      'onlyInTarget',
      null,
    ]);
    expect(firstOf(counts, 'changed')).toBe(400);
    expect(firstOf(counts, 'onlyInTarget')).toBe(425);
  });

  it('tick a whole kind but for a few, as the writer understands it', () => {
    const all = withKinds(noTicks, ['onlyInBackup'], true);
    const but = withDocuments(all, counts, [3, 4], false);
    expect(tickOf(but, 'onlyInBackup', 3)).toBe('none');
    expect(tickOf(but, 'onlyInBackup', 5)).toBe('whole');
    expect(written(but)).toEqual({ onlyInBackup: 398, changed: 0, onlyInTarget: 0 });
    expect(tickedCounts(but, counts)).toMatchObject(written(but));
    expect(written(withDocuments(but, counts, [3], true)).onlyInBackup).toBe(399);
  });

  it('tick single documents of every kind, and nothing beyond the list', () => {
    const ticks = withDocuments(noTicks, counts, [0, 400, last, last + 1], true);
    expect(written(ticks)).toEqual({ onlyInBackup: 1, changed: 1, onlyInTarget: 1 });
    expect(pickOf('shop.orders', withDocuments(ticks, counts, [0, 400, last], false))).toBeNull();
  });

  it('tick single fields, until the document is ticked as a whole', () => {
    const fields = withFields(noTicks, counts, 401, [['status'], ['address', 'city']]);
    expect(tickOf(fields, 'changed', 401)).toBe('some');
    expect(written(fields)).toEqual({ onlyInBackup: 0, changed: 1, onlyInTarget: 0 });
    expect(tickedCounts(fields, counts)).toMatchObject({ changed: 1, fields: 1 });
    const whole = withDocuments(fields, counts, [401], true);
    expect(tickOf(whole, 'changed', 401)).toBe('whole');
    expect(pickOf('shop.orders', whole)).toMatchObject({ documents: [401], fields: [] });
    expect(tickOf(withFields(fields, counts, 401, []), 'changed', 401)).toBe('none');
  });

  it('take fields out of a kind that is ticked as a whole', () => {
    const ticks = withFields(withKinds(noTicks, ['changed'], true), counts, 402, [['status']]);
    expect(pickOf('shop.orders', ticks)).toEqual({
      ns: 'shop.orders',
      changes: ['changed'],
      except: [402],
      documents: [],
      fields: [{ document: 402, paths: [['status']] }],
    });
    expect(written(ticks).changed).toBe(25);
  });

  it('come back from what the services take', () => {
    const ticks = withFields(
      withDocuments(withKinds(noTicks, ['onlyInBackup'], true), counts, [1, 405], false),
      counts,
      410,
      [['status']],
    );
    const pick = pickOf('shop.orders', withDocuments(ticks, counts, [400, last], true));
    expect(pick && pickOf('shop.orders', ticksOf(counts, pick))).toEqual(pick);
  });
});
