import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  letrec,
  oneof,
  property,
  record,
  string,
  uniqueArray,
} from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonDocument, JsonValue, OperationKind } from '../../../shared/profiler';
import { commandShape } from '../shape/command-shape';
import { CommandSkeletons } from './command-skeletons';

function find(skeletons: CommandSkeletons, command: JsonDocument): JsonDocument | null {
  const bytes = Buffer.from(`,${JSON.stringify(command)},`);
  const found = skeletons.find(bytes, 1, bytes.length - 1, () => JSON.parse(JSON.stringify(command)) as JsonDocument);
  return found?.command ?? null;
}

const keys = constantFrom('a', 'b.c', 'type', 'options', '_id', 'q', 'limit', '__proto__', 'x"y');
const operators = constantFrom(
  '$eq',
  '$in',
  '$gt',
  '$exists',
  '$elemMatch',
  '$not',
  '$all',
  '$regex',
  '$options',
  '$near',
  '$geometry',
  '$or',
  '$and',
  '$nor',
  '$expr',
  '$text',
  '$caseSensitive',
  '$search',
  '$set',
  '$push',
  '$each',
  '$sort',
  '$unset',
  '$oid',
  '$date',
  '$regularExpression',
  '$query',
  '$orderby',
  '$comment',
  '$type',
  '$geoWithin',
  '$id',
  '$pull',
);

const scalars = constantFrom<JsonValue>(0, 1, -1, 2.5, '', '$a', 'i', 'Point', 'text "quoted" \\ ü', null, true, false);

const varied = new Set(['filter', 'q', 'u', 'query', 'pipeline', 'limit', 'lsid', 'comment']);

/** The same structure with values taken from a list in turn, where an application's calls differ. */
function withOtherValues(command: JsonDocument, others: readonly JsonValue[]): JsonDocument {
  let next = 0;
  const other = (value: JsonValue): JsonValue =>
    JSON.parse(JSON.stringify(value), (_key, inner: JsonValue) =>
      typeof inner === 'object' && inner !== null ? inner : (others[next++ % others.length] ?? null),
    ) as JsonValue;
  return Object.fromEntries(
    Object.entries(command).map(([key, value]) => [key, varied.has(key) ? other(value ?? null) : value]),
  );
}

/** Anything, sense or not: what shapes are made of has to survive, not what servers accept. */
const { value, document } = letrec<{ value: JsonValue; document: JsonDocument }>((tie) => ({
  value: oneof(
    { depthSize: 'medium', withCrossShrink: true },
    scalars,
    array(tie('value'), { maxLength: 4 }),
    tie('document'),
  ),
  document: uniqueArray(oneof(keys, operators), { maxLength: 4 }).chain((names) =>
    array(tie('value'), { minLength: names.length, maxLength: names.length }).map((values) =>
      Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])),
    ),
  ),
}));

const stage: Arbitrary<JsonDocument> = oneof(
  record({ $match: document }),
  record({ $limit: integer() }),
  record({ $group: document }),
  record({ $lookup: record({ from: string(), pipeline: array(record({ $match: document }), { maxLength: 2 }) }) }),
  record({ $sort: document }),
);

const commands: Arbitrary<[OperationKind, JsonDocument]> = oneof(
  record({
    find: string(),
    filter: value,
    sort: value,
    limit: value,
    skip: integer({ min: 0, max: 2 }),
    projection: value,
  }).map((command): [OperationKind, JsonDocument] => ['find', command]),
  record({ aggregate: string(), pipeline: oneof(array(stage, { maxLength: 3 }), value), cursor: record({}) }).map(
    (command): [OperationKind, JsonDocument] => ['aggregate', command],
  ),
  record({ q: value, u: value, multi: boolean(), arrayFilters: value }).map(
    (command): [OperationKind, JsonDocument] => ['update', command],
  ),
  record({ count: string(), query: value, lsid: value, hint: value, comment: value }).map(
    (command): [OperationKind, JsonDocument] => ['count', command],
  ),
  document.map((command): [OperationKind, JsonDocument] => ['command', command]),
);

describe('skeletons of commands', () => {
  it('never give two shapes to one skeleton', () => {
    const skeletons = new CommandSkeletons();
    let again = 0;
    assert(
      property(commands, array(scalars, { minLength: 8, maxLength: 8 }), ([kind, command], others) => {
        for (const each of [command, withOtherValues(command, others), withOtherValues(command, others.slice(3))]) {
          const known = find(skeletons, each);
          if (known !== null && JSON.stringify(known) !== JSON.stringify(each)) again += 1;
          expect(known && commandShape(kind, known, false)).toEqual(commandShape(kind, each, false));
        }
      }),
      { numRuns: 4000 },
    );
    expect(again).toBeGreaterThan(200);
  });

  it('know a command again whatever its values', () => {
    const skeletons = new CommandSkeletons();
    const first = find(skeletons, {
      find: 'c',
      filter: { a: 1, b: { $in: [1, 2] } },
      limit: 3,
      lsid: { id: 1 },
      $db: 'd',
    });
    for (const filter of [
      { a: 'x', b: { $in: ['y', null, 4, { $oid: '5' }] } },
      { a: { $date: '2026-01-01T00:00:00Z' }, b: { $in: [true] } },
      { a: { $numberDecimal: '1' }, b: { $in: [{ $uuid: 'x' }] } },
    ])
      expect(find(skeletons, { find: 'c', filter, limit: 99, lsid: { id: 7 }, $db: 'd' })).toBe(first);
    expect(find(skeletons, { find: 'c', filter: { a: 1, c: { $in: [1, 2] } }, limit: 3 })).not.toBe(first);
    expect(find(skeletons, { find: 'd', filter: { a: 1, b: { $in: [1, 2] } }, limit: 3 })).not.toBe(first);
  });

  it('let long and oddly written commands be parsed', () => {
    const skeletons = new CommandSkeletons();
    const bytes = Buffer.from('{ "find": "c" }');
    expect(skeletons.skeletonOf(bytes, 0, bytes.length)).toBeNull();
    const long = { find: 'c', filter: Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`key${at}`, at])) };
    expect(find(skeletons, long)).toEqual(long);
    for (const broken of ['{"a":"', '{"a"', '{', '{"a":1', '{"a":[1', '{"a":}', '{"a":1]']) {
      const cut = Buffer.from(broken);
      expect(() => skeletons.skeletonOf(cut, 0, cut.length)).not.toThrow();
    }
  });
});
