import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryDocument } from '../testing/arbitrary-bson';
import { slowCrc64, slowIdElement, slowlyValid } from '../testing/slow-reference';
import { BsonKernel, crcStart, emptyState, finishCrc, noId, readTotals, recordBytes } from './bson-kernel';

const kernel = new BsonKernel();

function crc64(bytes: Uint8Array): bigint {
  return finishCrc(kernel.updateCrc(crcStart, bytes));
}

/** The buffer that xxHash's own sanity checks hash prefixes of. */
function sanityBuffer(length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let generator = 2654435761n;
  for (let i = 0; i < length; i++) {
    buffer[i] = Number(generator >> 56n);
    generator = (generator * 11400714785074694797n) & 0xffffffffffffffffn;
  }
  return buffer;
}

function hex64(bytes: Uint8Array): string {
  return kernel.hash64(bytes).toString(16).padStart(16, '0');
}

function hex128(bytes: Uint8Array): string {
  return kernel.hash128(bytes).reverse().toString('hex');
}

describe('hashes', () => {
  const vectors: [number, string, string][] = [
    [0, '2d06800538d394c2', '99aa06d3014798d86001c324468d497f'],
    [1, 'c44bdff4074eecdb', 'a6cd5e9392000f6ac44bdff4074eecdb'],
    [3, '54247382a8d6b94d', '20efc49ff02422ea54247382a8d6b94d'],
    [4, 'e5dc74bc51848a51', '970d585ac632bf8e2e7d8d6876a39fe9'],
    [8, '24ccc9acaa9f65e4', '47a7f080d82bb45664c69cab4bb21dc5'],
    [9, '14d5001c15dd3f2b', '564ef6078950d457ed7ccbc501eb7501'],
    [16, '981b17d36c7498c9', 'c68c368ecf8a9c05562980258a998629'],
    [17, '796f5acd3a60f862', '955fa78643ed3669abbc12d11973d7db'],
    [128, 'fcff24126754d861', '39992220e045260aebb15e34a7fb5ab1'],
    [129, '98f1b0a679a2ca29', '03815fc91f1b30b686c9e3bc8f0a3b5c'],
    [240, '81c3c2b67f568ccf', 'aa4202daa2769dc85c9aae94c8ebe5a0'],
    [241, 'c5a639ecd2030e5e', '99a80ecf0ecfc647c5a639ecd2030e5e'],
    [262, '3131b78e8edb2ad2', 'a3b404b9766c6eab3131b78e8edb2ad2'],
    [1024, 'dd85c9b5c1109c5c', '0d30d24071c64c57dd85c9b5c1109c5c'],
    [1025, 'd870c0fa13211c6a', 'fd3ee4fe7f2954c6d870c0fa13211c6a'],
    [2240, '6e73a90539cf2948', 'ccb134fbfa7ce49d6e73a90539cf2948'],
    [8192, 'd63690a28889a350', '8a3f76fa124fdefed63690a28889a350'],
  ];
  const buffer = sanityBuffer(8192);

  it.each(vectors)('are those of the reference implementation for %i bytes', (length, expected64, expected128) => {
    expect(hex64(buffer.subarray(0, length))).toBe(expected64);
    expect(hex128(buffer.subarray(0, length))).toBe(expected128);
  });

  it('are those of the reference implementation for every length up to 4,096, summed', () => {
    let sum64 = 0n;
    let sum128 = 0n;
    for (let length = 0; length <= 4096; length++) {
      sum64 += BigInt(`0x${hex64(buffer.subarray(0, length))}`);
      sum128 += BigInt(`0x${hex128(buffer.subarray(0, length))}`);
    }
    expect(BigInt.asUintN(64, sum64)).toBe(0x4cfa262d555d9bb4n);
    expect(BigInt.asUintN(128, sum128)).toBe(0x6522917c755a02fcf04ed666f8025aa5n);
  });
});

describe('CRC-64', () => {
  it('has the check value of CRC-64/XZ', () => {
    expect(crc64(Buffer.from('123456789'))).toBe(0x995dc9bbdf1939fan);
  });

  it('equals the bitwise one for any length and any split, lanes included', () => {
    const buffer = sanityBuffer(40_000);
    for (const length of [0, 1, 7, 8, 9, 63, 12_287, 12_288, 12_289, 24_600, 40_000]) {
      expect(crc64(buffer.subarray(0, length))).toBe(slowCrc64(buffer.subarray(0, length)));
    }
    const register = kernel.updateCrc(kernel.updateCrc(crcStart, buffer.subarray(0, 13_001)), buffer.subarray(13_001));
    expect(finishCrc(register)).toBe(slowCrc64(buffer));
  });
});

describe('validation', () => {
  it('accepts every random document, at any nesting, and finds its _id', () => {
    fc.assert(
      fc.property(arbitraryDocument, (document) => {
        expect(slowlyValid(document)).toBe(true);
        const check = kernel.validate(document);
        expect(check.fault).toBe(0);
        expect(check.oddArrayKeys).toBe(0);
        const id = slowIdElement(document);
        expect(check.id && document.subarray(check.id.start, check.id.end)).toEqual(id);
      }),
      { numRuns: 400 },
    );
  });

  it('agrees with the slow reader on documents with changed bytes', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(arbitraryDocument, fc.array(change, { minLength: 1, maxLength: 3 }), (document, changes) => {
        for (const [position, value] of changes) document[position % document.length] = value;
        const check = kernel.validate(document);
        expect(check.fault === 0).toBe(slowlyValid(document));
        if (check.fault !== 0) expect(check.faultOffset).toBeLessThanOrEqual(document.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('agrees with the slow reader on documents cut short', () => {
    fc.assert(
      fc.property(arbitraryDocument, fc.nat(), (document, at) => {
        const cut = Buffer.from(document.subarray(0, at % document.length));
        if (cut.length >= 4) cut.writeInt32LE(cut.length);
        expect(kernel.validate(cut).fault === 0).toBe(slowlyValid(cut));
      }),
      { numRuns: 500 },
    );
  });

  it('counts array keys that are out of order without refusing them', () => {
    const inner = Buffer.from('10300001000000103200020000000010'.slice(0, 28), 'hex');
    const array = Buffer.concat([Buffer.from([inner.length + 5, 0, 0, 0]), inner, Buffer.from([0])]);
    const document = Buffer.concat([Buffer.from([array.length + 8, 0, 0, 0, 4, 0x61, 0]), array, Buffer.from([0])]);
    expect(kernel.validate(document)).toMatchObject({ fault: 0, oddArrayKeys: 1, oddArrayKeyOffset: 18 });
  });

  it('refuses nesting beyond any server', () => {
    let document = Buffer.from([5, 0, 0, 0, 0]);
    for (let depth = 0; depth < 1100; depth++) {
      const outer = Buffer.alloc(document.length + 8);
      outer.writeInt32LE(outer.length);
      outer.set([3, 0x61, 0], 4);
      document.copy(outer, 7);
      document = outer;
      if (depth === 200) expect(kernel.validate(document).fault).toBe(0);
    }
    expect(kernel.validate(document).fault).toBe(13);
  });
});

describe('the walk', () => {
  const options = fc.record({ validate: fc.boolean(), checksum: fc.constant(true) });

  it('describes every document as the slow way does', () => {
    fc.assert(
      fc.property(fc.array(arbitraryDocument, { maxLength: 30 }), options, (documents, walkOptions) => {
        const bytes = Buffer.concat([...documents, Buffer.from([0xff, 0xff, 0xff, 0xff])]);
        kernel.write(bytes, 0);
        kernel.loadState(emptyState());
        const batch = kernel.walk(0, bytes.length, bytes.length, walkOptions);
        expect(batch).toMatchObject({ stop: 'terminator', count: documents.length, position: bytes.length - 4 });
        const records = Buffer.from(kernel.records(batch.count));
        const positions = [...kernel.positions(batch.count)];
        const state = emptyState();
        kernel.saveState(state);
        let start = 0;
        let sum = 0n;
        documents.forEach((document, i) => {
          const id = slowIdElement(document);
          const idAt = id ? id.byteOffset - document.byteOffset + start : noId;
          expect(positions.slice(i * 3, i * 3 + 3)).toEqual([start, idAt, id ? idAt + id.length : noId]);
          const documentHash = kernel.hash128(document);
          const idHash = id ? kernel.hash64(id) : documentHash.readBigUInt64LE(0);
          const record = records.subarray(i * recordBytes, (i + 1) * recordBytes);
          expect(record.readBigUInt64LE(0)).toBe(idHash);
          expect(record.subarray(8).equals(documentHash)).toBe(true);
          sum += BigInt(`0x${Buffer.from(documentHash).reverse().toString('hex')}`);
          start += document.length;
        });
        const totals = readTotals(state);
        const all = bytes.subarray(0, -4);
        expect(totals).toMatchObject({
          documents: documents.length,
          bytes: all.length,
          crc64: slowCrc64(all),
          invalid: 0,
        });
        expect(BigInt(`0x${Buffer.from(totals.sum).reverse().toString('hex')}`)).toBe(BigInt.asUintN(128, sum));
        expect(totals.withoutId).toBe(documents.filter((document) => slowIdElement(document) === null).length);
      }),
      { numRuns: 150 },
    );
  });

  it('reports faulty documents and goes on behind them', () => {
    const good = Buffer.from([0x0c, 0, 0, 0, 0x10, 0x61, 0, 1, 0, 0, 0, 0]);
    const bad = Buffer.from([0x0c, 0, 0, 0, 0x77, 0x61, 0, 1, 0, 0, 0, 0]);
    kernel.write(Buffer.concat([good, bad, good]), 0);
    kernel.loadState(emptyState());
    const batch = kernel.walk(0, 36, 36, { validate: true, checksum: false });
    expect(batch).toMatchObject({ stop: 'limit', count: 3, faultCount: 1 });
    expect(kernel.faults(batch.faultCount)).toEqual([{ start: 12, at: 16, code: 4 }]);
  });

  it.each([
    ['bad-length', [4, 0, 0, 0, 0]],
    ['bad-length', [0xff, 0xff, 0xff, 0xfe, 0]],
    ['too-large', [1, 0, 0, 4, 0]],
    ['no-terminator', [5, 0, 0, 0, 1]],
    ['need-more', [6, 0, 0, 0, 1]],
  ] as const)('stops with %s', (stop, bytes) => {
    kernel.write(Buffer.from(bytes), 0);
    kernel.loadState(emptyState());
    expect(kernel.walk(0, bytes.length, bytes.length, { validate: true, checksum: true }).stop).toBe(stop);
  });
});
