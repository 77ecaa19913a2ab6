import { describe, expect, it } from 'vitest';
import type { FieldDiffRow, TypedValue } from '../../../../shared/diff';
import { FieldTicks } from './field-ticks';

const value = (type: string, text = ''): TypedValue => ({ type, text, clipped: 0 });

function row(
  path: string,
  kind: FieldDiffRow['kind'],
  types: readonly [string | null, string | null] = ['String', 'String'],
): FieldDiffRow {
  const names = path.split('.');
  const [backup, target] = types.map((type) => (type === null ? null : value(type)));
  return {
    path,
    names,
    name: names[names.length - 1] ?? '',
    depth: names.length - 1,
    kind,
    backup: backup ?? null,
    target: target ?? null,
  };
}

const rows = [
  row('_id', 'same'),
  row('status', 'changed'),
  row('address', 'changed', ['Object', 'Object']),
  row('address.city', 'changed'),
  row('address.zip', 'onlyInBackup', ['String', null]),
  row('address.country', 'same'),
  row('items', 'changed', ['Array', 'Array']),
  row('items.0', 'move'),
  row('twice', 'changed'),
  row('twice', 'onlyInTarget', [null, 'String']),
  row('mixed', 'changed', ['Object', 'String']),
  row('mixed.inner', 'onlyInBackup', ['String', null]),
  row('placed', 'order'),
  row('reordered', 'order', ['Object', 'Object']),
  row('reordered.b', 'order'),
];
const at = (path: string) => rows.findIndex((each) => each.path === path);
const ticks = new FieldTicks(rows, true);

describe('single fields of a document', () => {
  it('can be ticked where the writer can put them back by themselves', () => {
    const refused = rows.filter((_, index) => (ticks.of(index, [])?.refusal ?? null) !== null);
    expect(refused.map(({ path }) => path)).toEqual([
      'items.0',
      'twice',
      'twice',
      'mixed.inner',
      'placed',
      'reordered.b',
    ]);
    expect(ticks.of(at('_id'), [])).toBeNull();
    expect(ticks.of(at('address.country'), [])).toBeNull();
    expect(ticks.of(at('items.0'), [])?.refusal).toBe('comes back only with all of items');
  });

  it('are ticked with what they stand in, and partly tick it', () => {
    const city = ticks.toggle(at('address.city'), []);
    expect(city).toEqual([['address', 'city']]);
    expect(ticks.of(at('address'), city)?.state).toBe('partly');
    const whole = ticks.toggle(at('address'), city);
    expect(whole).toEqual([['address']]);
    expect(ticks.of(at('address.zip'), whole)?.state).toBe('ticked');
  });

  it('are taken out of what is ticked around them, down to the last', () => {
    expect(ticks.toggle(at('address.city'), [['address'], ['status']])).toEqual([['status'], ['address', 'zip']]);
    expect(ticks.toggle(at('status'), [['status']])).toEqual([]);
    expect(ticks.toggle(at('address.zip'), 'whole')).toEqual([
      ['status'],
      ['address', 'city'],
      ['items'],
      ['mixed'],
      ['reordered'],
    ]);
  });

  it('cannot be taken out of a whole document whose rows are not all known', () => {
    const clipped = new FieldTicks(rows, false);
    expect(clipped.of(at('status'), 'whole')).toEqual({
      state: 'ticked',
      refusal: 'is put back with the whole document',
    });
    expect(clipped.of(at('status'), [])?.refusal).toBeNull();
  });
});
