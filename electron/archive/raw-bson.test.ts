import { deserialize, EJSON, serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveDamage } from './archive-damage';
import { bsonType } from './bson-types';
import { toExtendedJson, valueToExtendedJson } from './extended-json';
import { decodeText, findElement, iterateDocuments, readElements } from './raw-bson';
import { RawDocumentBuilder } from './raw-document-builder';
import { arbitraryDocument, arbitraryElement, buildDocument } from './testing/arbitrary-bson';
import { slowIdElement } from './testing/slow-reference';

describe('reading elements', () => {
  it('gives back exactly what a document was built of, duplicates and order included', () => {
    fc.assert(
      fc.property(fc.array(arbitraryElement, { maxLength: 10 }), (elements) => {
        const document = buildDocument(elements);
        const read = readElements(document);
        expect(read.map(({ name, type }) => [name, type])).toEqual(elements.map(({ name, type }) => [name, type]));
        read.forEach((each, i) => {
          expect(document.subarray(each.valueStart, each.valueEnd).equals(elements[i]?.value ?? Buffer.of(1))).toBe(
            true,
          );
        });
        const builder = new RawDocumentBuilder();
        for (const each of read) builder.element(document.subarray(each.start, each.valueEnd));
        expect(builder.finish().equals(document)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the first _id wherever it stands', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        const id = findElement(document, '_id');
        expect(id && document.subarray(id.start, id.valueEnd)).toEqual(slowIdElement(document));
      }),
    );
  });

  it('throws on changed bytes or reads on, but never runs out of the document', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.nat(), fc.integer({ min: 0, max: 255 }), (document, at, value) => {
        document[at % document.length] = value;
        try {
          for (const { valueEnd } of readElements(document)) expect(valueEnd).toBeLessThan(document.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ArchiveDamage);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('splits documents that stand one after the other', () => {
    const [a, b] = [Buffer.from(serialize({ a: 1 })), Buffer.from(serialize({ b: 'x' }))];
    expect([...iterateDocuments(Buffer.concat([a, b]))].map((each) => deserialize(each))).toEqual([
      { a: 1 },
      { b: 'x' },
    ]);
    expect(() => [...iterateDocuments(Buffer.concat([a, b.subarray(0, 8)]))]).toThrow(ArchiveDamage);
  });
});

describe('the document builder', () => {
  it('builds commands as the driver would', () => {
    const first = serialize({ _id: 1, name: 'é' });
    const built = new RawDocumentBuilder()
      .string('insert', 'orders')
      .arrayOfObjects('documents', [first, serialize({ _id: 2 })])
      .boolean('ordered', false)
      .int32('n', 7)
      .beginObject('writeConcern')
      .string('w', 'majority')
      .end()
      .finish();
    const expected = serialize({
      insert: 'orders',
      documents: [{ _id: 1, name: 'é' }, { _id: 2 }],
      ordered: false,
      n: 7,
      writeConcern: { w: 'majority' },
    });
    expect(built.equals(Buffer.from(expected))).toBe(true);
  });

  it('grows for large values and refuses NUL in names and unbalanced ends', () => {
    const builder = new RawDocumentBuilder().string('a', 'x'.repeat(5_000_000));
    expect(builder.length).toBeGreaterThan(5_000_000);
    expect(builder.finish().length).toBe(5_000_013);
    expect(() => new RawDocumentBuilder().int32('a\0b', 1)).toThrow(RangeError);
    expect(() => new RawDocumentBuilder().end()).toThrow(RangeError);
    expect(() => new RawDocumentBuilder().beginArray('a').finish()).toThrow(RangeError);
  });
});

describe('Extended JSON', () => {
  it("equals the driver's for documents the driver can hold", () => {
    const plainKeys = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((key) => !/^[$\d]|\0|__proto__/.test(key)),
      fc.oneof(
        fc.string(),
        fc.integer(),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.date({ noInvalidDate: true }),
      ),
    );
    fc.assert(
      fc.property(plainKeys, fc.array(plainKeys, { maxLength: 3 }), (fields, list) => {
        const document = serialize({ ...fields, nested: { list, fields } });
        const decoded = deserialize(document, { promoteValues: false, promoteLongs: false });
        expect(toExtendedJson(document)).toBe(EJSON.stringify(decoded, { relaxed: false }));
      }),
      { numRuns: 200 },
    );
  });

  it('has valid JSON for every BSON there is', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        expect(() => JSON.parse(toExtendedJson(document)) as unknown).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });

  it('comes back as the same bytes for every type but what text cannot hold', () => {
    const document = new RawDocumentBuilder()
      .int32('int', 5)
      .int64('long', -1n)
      .double('zero', -0)
      .double('third', 1 / 3)
      .double('whole', 1)
      .boolean('yes', true)
      .null('none')
      .timestamp('ts', 0xffffffff, 1)
      .value('date', bsonType.date, Buffer.from('0010a5d4e8000000', 'hex'))
      .value('bin', bsonType.binary, Buffer.from('0200000080abcd', 'hex'))
      .value('dec', bsonType.decimal128, Buffer.from('01000000000000000000000000003e30', 'hex'))
      .value('re', bsonType.regex, Buffer.from('a.b\0im\0'))
      .value('min', bsonType.minKey, Buffer.alloc(0))
      .value('max', bsonType.maxKey, Buffer.alloc(0))
      .finish();
    const again = serialize(EJSON.parse(toExtendedJson(document), { relaxed: false }) as object, {
      ignoreUndefined: false,
    });
    expect(Buffer.from(again).equals(document)).toBe(true);
  });

  it('keeps duplicate fields and names types the driver drops', () => {
    const element = Buffer.concat([Buffer.from([3, 0, 0, 0]), Buffer.from('ab\0')]);
    const document = new RawDocumentBuilder()
      .value('a', bsonType.undefined, Buffer.alloc(0))
      .value('a', bsonType.symbol, element)
      .value('__proto__', bsonType.dbPointer, Buffer.concat([element, Buffer.alloc(12, 1)]))
      .finish();
    expect(toExtendedJson(document)).toBe(
      '{"a":{"$undefined":true},"a":{"$symbol":"ab"},' +
        '"__proto__":{"$dbPointer":{"$ref":"ab","$id":{"$oid":"010101010101010101010101"}}}}',
    );
    expect(valueToExtendedJson(Buffer.concat([Buffer.of(bsonType.symbol), element]))).toBe('{"$symbol":"ab"}');
  });
});

describe('text', () => {
  it('shows bytes that are no UTF-8, so that two different values never look alike', () => {
    expect(decodeText(Buffer.from('c3a9', 'hex'))).toBe('é');
    expect(decodeText(Buffer.from('61ff62c3', 'hex'))).toBe('a\\xffb\\xc3');
    expect(decodeText(Buffer.from('efbfbd', 'hex'))).toBe('\ufffd');
  });
});

describe('an element', () => {
  it('is found by its name', () => {
    const document = serialize({ a: 1, b: 'two' });
    expect(findElement(document, 'b')).toMatchObject({ name: 'b', type: bsonType.string });
    expect(findElement(document, 'c')).toBeNull();
  });
});
