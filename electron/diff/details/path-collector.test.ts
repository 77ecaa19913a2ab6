import { serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignArrays } from '../array-alignment';
import { elementsOf, nameOf, sameValue, type RawElement } from '../bson-reader';
import { mergeDocuments } from '../merge-documents';
import { PathCollector } from './path-collector';

const raw = (value: object): Buffer => Buffer.from(serialize(value, { ignoreUndefined: false }));

function pathsOf(backup: Buffer, target: Buffer): { paths: string[]; mergeChanges: boolean } {
  const collector = new PathCollector();
  const { ids, mergeChanges } = collector.collect(backup, target);
  return { paths: [...ids].map((id) => collector.textOf(id)).sort(), mergeChanges };
}

/** The slow and obvious one: lists, no trimming, no walking side by side. */
function slowPaths(backup: RawElement[], target: RawElement[], path: string[], found: Set<string>): void {
  const key = (element: RawElement, all: RawElement[]): string =>
    `${nameOf(element)}#${all.filter((other) => other.start < element.start && nameOf(other) === nameOf(element)).length}`;
  const common = target.filter((element) => backup.some((other) => key(other, backup) === key(element, target)));
  for (const element of backup) {
    const partner = common.find((other) => key(other, target) === key(element, backup));
    const at = [...path, nameOf(element)];
    if (!partner) {
      found.add(at.join('.'));
      continue;
    }
    if (common[0] !== partner) found.add(at.join('.'));
    common.splice(common.indexOf(partner), 1);
    slowValues(element, partner, at, found);
  }
  for (const element of target) {
    const known = backup.some((other) => key(other, backup) === key(element, target));
    if (!known) found.add([...path, nameOf(element)].join('.'));
  }
}

function slowValues(backup: RawElement, target: RawElement, path: string[], found: Set<string>): void {
  if (sameValue(backup, target)) return;
  const inside = (element: RawElement): RawElement[] => elementsOf(element.source, element.valueStart);
  if (backup.type === 3 && target.type === 3) return slowPaths(inside(backup), inside(target), path, found);
  if (backup.type !== 4 || target.type !== 4) {
    found.add(path.join('.'));
    return;
  }
  const [left, right] = [inside(backup), inside(target)];
  const at = [...path, '*'];
  for (const { kind, backup: i, target: j } of alignArrays(left, right)) {
    const one = i === null ? undefined : left[i];
    const other = j === null ? undefined : right[j];
    if (!one || !other || kind === 'move') found.add(at.join('.'));
    else slowValues(one, other, at, found);
  }
}

const leaf = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom('a', 'b', true, null, 0.5, new Date(0), -0, Number.NaN),
);
const names = fc.constantFrom('a', 'b', 'c', '__proto__', 'x.y', '', '7', '2', '*');
const { value } = fc.letrec<{ value: unknown; object: Map<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.array(fc.tuple(names, tie('value')), { maxLength: 5 }).map((fields) => new Map(fields)),
}));
const document = fc.array(fc.tuple(names, value), { maxLength: 6 }).map((fields) => raw(new Map(fields)));

/** A document whose second field has the first one's name: maps cannot hold it, bytes can. */
function withRepeatedName(bytes: Buffer): Buffer {
  const [first, second] = elementsOf(bytes);
  if (!first || !second || first.nameEnd - first.nameStart !== second.nameEnd - second.nameStart) return bytes;
  const changed = Buffer.from(bytes);
  changed.copy(changed, second.nameStart, first.nameStart, first.nameEnd);
  return changed;
}

describe('the paths of a changed document', () => {
  it('are those that the slow comparison finds, for any two documents', () => {
    fc.assert(
      fc.property(document, document, fc.boolean(), fc.boolean(), (one, other, repeatOne, repeatOther) => {
        const backup = repeatOne ? withRepeatedName(one) : one;
        const target = repeatOther ? withRepeatedName(other) : other;
        const slow = new Set<string>();
        slowPaths(elementsOf(backup), elementsOf(target), [], slow);
        const { paths, mergeChanges } = pathsOf(backup, target);
        expect(paths).toEqual([...slow].sort());
        expect(mergeChanges).toBe(!mergeDocuments(backup, target).equals(target));
      }),
      { numRuns: 3000 },
    );
  });

  it('name elements of arrays by a star, whatever their position', () => {
    const items = (price: number) => [{ price: 1 }, { price, sku: 'a' }, { price: 3 }];
    expect(pathsOf(raw({ items: items(2) }), raw({ items: items(5) })).paths).toEqual(['items.*.price']);
    expect(pathsOf(raw({ items: items(2) }), raw({ items: items(2).slice(1) })).paths).toEqual(['items.*']);
  });

  it('count each path once a document', () => {
    const collector = new PathCollector();
    collector.collect(raw({ a: [1, 2, 3], b: 1 }), raw({ a: [4, 5, 6], b: 1 }));
    collector.collect(raw({ a: [1], b: 1 }), raw({ a: [1], b: 2 }));
    collector.collect(raw({ a: [1], b: 1 }), raw({ a: [1], b: 3 }));
    expect(collector.summary().map(({ path, documents }) => [path, documents])).toEqual([
      ['b', 2],
      ['a.*', 1],
    ]);
  });

  it('tell what merge leaves alone', () => {
    expect(pathsOf(raw({ a: 1 }), raw({ a: 1, b: 2 })).mergeChanges).toBe(false);
    expect(pathsOf(raw({ o: { a: 1 } }), raw({ o: { x: 1, a: 1 } })).mergeChanges).toBe(false);
    expect(pathsOf(raw({ a: 1, b: 2 }), raw({ b: 2, a: 1 })).mergeChanges).toBe(false);
    expect(pathsOf(raw({ a: 1 }), raw({ a: 2 })).mergeChanges).toBe(true);
    expect(pathsOf(raw({ a: [1] }), raw({ a: [1, 2] })).mergeChanges).toBe(true);
  });

  it('stay bounded when names are values', () => {
    const collector = new PathCollector();
    const many = (first: number, by: number) =>
      raw(Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`key${first + at}`, at + by])));
    for (let first = 0; first < 60_000; first += 1000) collector.collect(many(first, 0), many(first, 1));
    const summary = collector.summary();
    expect(summary.length).toBeLessThanOrEqual(20_000);
    expect(summary[0]?.path).toBe('…');
  });

  it('are collected from far more than 50,000 small documents a second', () => {
    const collector = new PathCollector();
    const order = (status: string, price: number) =>
      raw({
        _id: 12345,
        customer: { name: 'Ada Lovelace', city: 'London' },
        items: [
          { sku: 'A-1', price: 12.5, count: 2 },
          { sku: 'B-2', price, count: 1 },
        ],
        status,
        total: 34.5,
        at: new Date(0),
      });
    const [backup, target] = [order('paid', 9.5), order('refunded', 9.75)];
    const started = process.hrtime.bigint();
    for (let round = 0; round < 100_000; round++) collector.collect(backup, target);
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    expect(collector.summary().map(({ path }) => path)).toEqual(['items.*.price', 'status']);
    // A fifth of what an idle machine does.
    expect(100_000 / seconds).toBeGreaterThan(50_000);
  });
});
