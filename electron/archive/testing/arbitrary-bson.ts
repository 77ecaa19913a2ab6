/** Random BSON for property tests: every type, nested, with the values that break naive code. */
import fc from 'fast-check';
import { bsonType } from '../bson-types';
import { RawDocumentBuilder } from '../raw-document-builder';

/** One element as it would stand in a document. */
export interface ArbitraryElement {
  name: string;
  type: number;
  value: Buffer;
}

function bytes(length: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

function double(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return buffer;
}

/** NaN with a payload, -0, infinities, subnormal. */
const oddDoubles = fc
  .constantFrom('010000000000f87f', '0100000000000ff4', '0000000000000080', '000000000000f07f', '0100000000000000')
  .map((hex) => Buffer.from(hex, 'hex'));

/** Text with two-byte, four-byte and NUL characters, sometimes no valid UTF-8 at all. */
const textBytes = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => Buffer.from(text, 'utf8')),
  fc.constantFrom('ü', '𝄞', 'a\0b', '<b onclick="x">', '').map((text) => Buffer.from(text, 'utf8')),
  fc.constant(Buffer.from([0xc3, 0x28, 0xff, 0xfe])),
  fc.integer({ min: 0, max: 700 }).map((length) => Buffer.alloc(length, 'x')),
);

function prefixed(content: Buffer): Buffer {
  return Buffer.concat([int32(content.length + 1), content, Buffer.from([0])]);
}

const cString = fc.string({ maxLength: 12 }).map((text) => Buffer.from(`${text.replaceAll('\0', '')}\0`, 'utf8'));

const fieldName = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 14 }).map((text) => text.replaceAll('\0', '')) },
  { weight: 2, arbitrary: fc.constantFrom('_id', '__proto__', 'constructor', 'a.b', '$set', '', '0', 'é', 'same') },
);

const binary = fc
  .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 128, 255), fc.uint8Array({ maxLength: 40 }))
  .map(([subtype, data]) => {
    const content = subtype === 2 ? Buffer.concat([int32(data.length), data]) : Buffer.from(data);
    return Buffer.concat([int32(content.length), Buffer.from([subtype]), content]);
  });

/** Decimal128 in its ordinary range: other bit patterns have several texts for one value. */
const decimal = fc
  .tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.integer({ min: -20, max: 20 }))
  .map(([digits, exponent]) => {
    const buffer = Buffer.alloc(16);
    buffer.writeBigUInt64LE(digits);
    buffer.writeBigUInt64LE(BigInt(exponent + 6176) << 49n, 8);
    return buffer;
  });

function element(type: number, value: fc.Arbitrary<Buffer>): fc.Arbitrary<ArbitraryElement> {
  return fc.tuple(fieldName, value).map(([name, content]) => ({ name, type, value: content }));
}

const nothing = fc.constant(Buffer.alloc(0));

const scalars: fc.Arbitrary<ArbitraryElement>[] = [
  element(bsonType.double, fc.oneof(fc.double().map(double), oddDoubles)),
  element(bsonType.string, textBytes.map(prefixed)),
  element(bsonType.binary, binary),
  element(bsonType.undefined, nothing),
  element(bsonType.objectId, bytes(12)),
  element(
    bsonType.boolean,
    fc.boolean().map((value) => Buffer.from([value ? 1 : 0])),
  ),
  element(bsonType.date, bytes(8)),
  element(bsonType.null, nothing),
  element(
    bsonType.regex,
    fc.tuple(cString, cString).map((parts) => Buffer.concat(parts)),
  ),
  element(
    bsonType.dbPointer,
    fc.tuple(textBytes.map(prefixed), bytes(12)).map((parts) => Buffer.concat(parts)),
  ),
  element(bsonType.javaScript, textBytes.map(prefixed)),
  element(bsonType.symbol, textBytes.map(prefixed)),
  element(bsonType.int32, fc.integer().map(int32)),
  element(bsonType.timestamp, bytes(8)),
  element(bsonType.int64, bytes(8)),
  element(bsonType.decimal128, decimal),
  element(bsonType.minKey, nothing),
  element(bsonType.maxKey, nothing),
];

export function buildDocument(elements: readonly ArbitraryElement[]): Buffer {
  const builder = new RawDocumentBuilder();
  for (const { name, type, value } of elements) builder.value(name, type, value);
  return builder.finish();
}

function buildArray(elements: readonly ArbitraryElement[]): Buffer {
  return buildDocument(elements.map((each, index) => ({ ...each, name: String(index) })));
}

const { element: anyElement } = fc.letrec<{ element: ArbitraryElement; document: Buffer; array: Buffer }>((tie) => ({
  document: fc.array(tie('element'), { maxLength: 6 }).map(buildDocument),
  array: fc.array(tie('element'), { maxLength: 12 }).map(buildArray),
  element: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    ...scalars,
    element(bsonType.object, tie('document')),
    element(bsonType.array, tie('array')),
    element(
      bsonType.javaScriptWithScope,
      fc.tuple(textBytes.map(prefixed), tie('document')).map(([code, scope]) => {
        const content = Buffer.concat([code, scope]);
        return Buffer.concat([int32(content.length + 4), content]);
      }),
    ),
  ),
}));

/** A random element of any type. */
export const arbitraryElement = anyElement;

/** A random document: well-formed BSON, with or without `_id`, which may stand anywhere. */
export const arbitraryDocument: fc.Arbitrary<Buffer> = fc
  .tuple(fc.option(anyElement, { freq: 4 }), fc.array(anyElement, { maxLength: 8 }))
  .map(([id, rest]) => buildDocument(id ? [{ ...id, name: '_id' }, ...rest] : rest));
