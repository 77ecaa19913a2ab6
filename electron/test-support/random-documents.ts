/**
 * Documents at random, as bytes: every BSON type, values and names that JavaScript objects cannot hold (bits of NaN, -0,
 * repeated names, `__proto__`, invalid UTF-8), and deep ones.
 */
import fc from 'fast-check';

/** A value without its name. */
export interface RawValue {
  type: number;
  bytes: Buffer;
}
export type RawField = readonly [name: string, value: RawValue];

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function bits(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function text(value: Buffer): Buffer {
  return Buffer.concat([int32(value.length + 1), value, Buffer.alloc(1)]);
}

function framed(parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...parts, Buffer.alloc(1)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

/** A document of these fields, in this order, repeated names and all. */
export function rawDocument(fields: readonly RawField[]): Buffer {
  return framed(
    fields.flatMap(([name, { type, bytes }]) => [Buffer.from([type]), Buffer.from(`${name}\0`, 'utf8'), bytes]),
  );
}

export function rawInt32(value: number): RawValue {
  return { type: 0x10, bytes: int32(value) };
}

export function rawInt64(value: bigint): RawValue {
  return { type: 0x12, bytes: bits(value) };
}

export function rawDouble(value: number): RawValue {
  return { type: 0x01, bytes: double(value) };
}

/** `coefficient × 10^exponent`, of a coefficient under 2^113. */
export function rawDecimal(coefficient: bigint, exponent = 0): RawValue {
  const magnitude = coefficient < 0n ? -coefficient : coefficient;
  const sign = coefficient < 0n ? 1n << 63n : 0n;
  const high = sign | (BigInt(exponent + 6176) << 49n) | (magnitude >> 64n);
  return { type: 0x13, bytes: Buffer.concat([bits(magnitude), bits(high)]) };
}

export function rawText(value: string, type = 0x02): RawValue {
  return { type, bytes: text(Buffer.from(value, 'utf8')) };
}

export function rawObject(fields: readonly RawField[]): RawValue {
  return { type: 0x03, bytes: rawDocument(fields) };
}

export function rawArray(values: readonly RawValue[]): RawValue {
  return { type: 0x04, bytes: rawDocument(values.map((value, at) => [String(at), value] as const)) };
}

const objectIds = fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes));
/** Quiet and signalling NaNs of either sign with bits in their payload, and what JavaScript folds into one. */
const oddDoubles = fc.constantFrom(
  0x7ff8000000000000n,
  0x7ff8deadbeef0001n,
  0xfff8000000000000n,
  0xfffc000000000123n,
  0x7ff0000000000001n,
  0x8000000000000000n,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  0x0000000000000001n,
);
const oddDecimals = fc.constantFrom(
  rawDecimal(100n, -2),
  rawDecimal(0n, -6176),
  rawDecimal(-0n, 5),
  { type: 0x13, bytes: Buffer.concat([bits(0n), bits(0x7c00000000000000n)]) },
  { type: 0x13, bytes: Buffer.concat([bits(7n), bits(0xfe00000000000000n)]) },
  { type: 0x13, bytes: Buffer.concat([bits(0n), bits(0xf800000000000000n)]) },
);
const texts = fc.oneof(
  fc.constantFrom('', 'a', 'é', '\u0000', 'a\u0000b', '<b>', '$a', '😀').map((value) => Buffer.from(value, 'utf8')),
  fc.constantFrom(Buffer.from([0xff, 0xfe]), Buffer.from([0x61, 0xc3])),
);
const cStrings = fc.constantFrom('', 'a', '^x.*$').map((value) => Buffer.from(`${value}\0`, 'utf8'));

const scalars: fc.Arbitrary<RawValue> = fc.oneof(
  fc.double().map(rawDouble),
  oddDoubles.map((value) => ({ type: 0x01, bytes: bits(value) })),
  texts.map((bytes) => ({ type: 0x02, bytes: text(bytes) })),
  fc.tuple(fc.constantFrom(0, 2, 3, 4, 5, 0x80), fc.uint8Array({ maxLength: 20 })).map(([subtype, bytes]) => {
    // The old kind holds its length twice.
    const inner = subtype === 2 ? Buffer.concat([int32(bytes.length), bytes]) : Buffer.from(bytes);
    return { type: 0x05, bytes: Buffer.concat([int32(inner.length), Buffer.from([subtype]), inner]) };
  }),
  fc.constant({ type: 0x06, bytes: Buffer.alloc(0) }),
  objectIds.map((bytes) => ({ type: 0x07, bytes })),
  fc.boolean().map((value) => ({ type: 0x08, bytes: Buffer.from([value ? 1 : 0]) })),
  fc
    .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(0n, -1n, 8_640_000_000_000_001n))
    .map((value) => ({ type: 0x09, bytes: bits(value) })),
  fc.constant({ type: 0x0a, bytes: Buffer.alloc(0) }),
  fc
    .tuple(cStrings, fc.constantFrom('', 'i', 'ims'))
    .map(([pattern, flags]) => ({ type: 0x0b, bytes: Buffer.concat([pattern, Buffer.from(`${flags}\0`)]) })),
  fc.tuple(texts, objectIds).map(([name, id]) => ({ type: 0x0c, bytes: Buffer.concat([text(name), id]) })),
  texts.map((bytes) => ({ type: 0x0d, bytes: text(bytes) })),
  texts.map((bytes) => ({ type: 0x0e, bytes: text(bytes) })),
  texts.map((code) => {
    const inner = Buffer.concat([text(code), rawDocument([['x', rawInt32(1)]])]);
    return { type: 0x0f, bytes: Buffer.concat([int32(inner.length + 4), inner]) };
  }),
  fc.integer().map(rawInt32),
  // Servers put the time into empty ones at the top of a document.
  fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => ({ type: 0x11, bytes: bits(value) })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(rawInt64),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -40, max: 40 }))
    .map(([coefficient, exponent]) => rawDecimal(coefficient, exponent)),
  oddDecimals,
  fc.constantFrom({ type: 0xff, bytes: Buffer.alloc(0) }, { type: 0x7f, bytes: Buffer.alloc(0) }),
);

/** Few, so that both sides of a pair use the same, and one document the same twice. */
export const fieldNames = fc.constantFrom(
  'a',
  'b',
  'c',
  'A',
  '',
  '__proto__',
  'constructor',
  '10',
  '2',
  'a.b',
  'é',
  '$d',
);

const { values } = fc.letrec<{ values: RawValue }>((tie) => ({
  values: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalars, weight: 4 },
    { arbitrary: fc.array(fc.tuple(fieldNames, tie('values')), { maxLength: 4 }).map(rawObject), weight: 2 },
    { arbitrary: fc.array(tie('values'), { maxLength: 4 }).map(rawArray), weight: 1 },
  ),
}));

/** As deep as servers store: up to 180 levels, the document counted. */
const deepValues = fc.tuple(values, fc.integer({ min: 20, max: 160 })).map(([inner, depth]) => {
  let value = inner;
  for (let level = 0; level < depth; level++) {
    value = level % 3 === 0 ? rawArray([value]) : rawObject([['a', value]]);
  }
  return value;
});

export const rawValues = fc.oneof({ arbitrary: values, weight: 30 }, { arbitrary: deepValues, weight: 1 });

/** Fields of a document without its `_id`. */
export const rawFields: fc.Arbitrary<RawField[]> = fc.array(fc.tuple(fieldNames, rawValues), { maxLength: 6 });

/** Ways to write down one number: the server takes them for one and the same `_id`. */
function numberForms(value: number): RawValue[] {
  return [
    rawInt32(value),
    rawInt64(BigInt(value)),
    rawDouble(value),
    rawDecimal(BigInt(value)),
    rawDecimal(BigInt(value) * 100n, -2),
  ];
}

const numbers = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 4 }));
/** `_id`s of every type that servers take, from few values each, so that both sides of a pair share some. */
export const rawIds: fc.Arbitrary<RawValue> = fc.oneof(
  { arbitrary: numbers.map(([value, form]) => numberForms(value)[form] ?? rawInt32(value)), weight: 12 },
  {
    arbitrary: fc.constantFrom(
      rawDouble(0.5),
      rawDecimal(5n, -1),
      rawDouble(0.1),
      rawDecimal(1n, -1),
      rawDouble(-0),
      { type: 0x01, bytes: bits(0xfff8000000000000n) },
      { type: 0x01, bytes: bits(0x7ff8000000000000n) },
      { type: 0x13, bytes: Buffer.concat([bits(0n), bits(0x7c00000000000000n)]) },
      rawDouble(2 ** 53),
      rawInt64(2n ** 53n),
      rawInt64(2n ** 53n + 1n),
      rawDouble(Infinity),
    ),
    weight: 4,
  },
  {
    arbitrary: fc.constantFrom(
      rawText(''),
      rawText('a'),
      rawText('A'),
      rawText('a\u0000'),
      rawText('a', 0x0d),
      { type: 0x02, bytes: text(Buffer.from([0xff, 0x61])) },
      { type: 0x0a, bytes: Buffer.alloc(0) },
      { type: 0x08, bytes: Buffer.from([1]) },
      { type: 0xff, bytes: Buffer.alloc(0) },
      { type: 0x7f, bytes: Buffer.alloc(0) },
      { type: 0x09, bytes: bits(-1n) },
      { type: 0x11, bytes: bits(1n) },
      { type: 0x05, bytes: Buffer.concat([int32(2), Buffer.from([0, 1, 2])]) },
      { type: 0x05, bytes: Buffer.concat([int32(2), Buffer.from([0x80, 1, 2])]) },
      { type: 0x0c, bytes: Buffer.concat([text(Buffer.from('x')), Buffer.alloc(12, 7)]) },
      rawObject([]),
      rawObject([
        ['a', rawInt32(1)],
        ['b', rawText('x')],
      ]),
      rawObject([
        ['b', rawText('x')],
        ['a', rawInt32(1)],
      ]),
      rawObject([
        ['10', rawText('x')],
        ['2', rawText('y')],
        ['__proto__', rawObject([])],
      ]),
    ),
    weight: 8,
  },
  {
    arbitrary: fc.integer({ min: 0, max: 5 }).map((value) => ({ type: 0x07, bytes: Buffer.alloc(12, value) })),
    weight: 3,
  },
);
