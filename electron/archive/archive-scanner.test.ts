import { serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveDamage } from './archive-damage';
import { encodeNamespaceHeader, terminatorBytes } from './archive-format';
import { encodePrelude } from './archive-prelude';
import { ArchiveScanner } from './archive-scanner';
import { scanArchive } from './scan-archive';
import type { ScanHandlers } from './scan-types';
import { arbitraryDocument } from './testing/arbitrary-bson';
import { cutAt, documentsOf, fixtureArchive, fixturePrelude, type FixtureSegment } from './testing/archive-fixtures';

const segments: fc.Arbitrary<FixtureSegment[]> = fc.array(
  fc.record({ collection: fc.constantFrom('a', 'b', 'c'), documents: fc.array(arbitraryDocument, { maxLength: 6 }) }),
  { minLength: 1, maxLength: 6 },
);

interface Seen {
  documents: Map<string, Buffer[]>;
  slices: Buffer[];
  runDocuments: Map<string, Buffer[]>;
}

function collecting(): { seen: Seen; handlers: ScanHandlers } {
  const seen: Seen = { documents: new Map(), slices: [], runDocuments: new Map() };
  const names: string[] = [];
  const add = (map: Map<string, Buffer[]>, name: string, document: Buffer): void => {
    map.set(name, [...(map.get(name) ?? []), Buffer.from(document)]);
  };
  return {
    seen,
    handlers: {
      segment: ({ namespaceId, namespace }) => {
        names[namespaceId] = namespace;
      },
      documents: ({ namespace, firstOrdinal, count, positions, input, archiveOffset }) => {
        expect(firstOrdinal).toBe(seen.documents.get(namespace)?.length ?? 0);
        expect(archiveOffset).toBeGreaterThanOrEqual(0);
        for (let i = 0; i < count; i++) {
          const start = positions[i * 3] ?? 0;
          add(seen.documents, namespace, input.subarray(start, start + input.readInt32LE(start)));
        }
      },
      slice: ({ bytes, runs, archiveOffset }) => {
        expect(archiveOffset).toBe(seen.slices.reduce((sum, { length }) => sum + length, 0));
        seen.slices.push(Buffer.from(bytes));
        for (const { namespaceId, offset, firstOrdinal, count, bytes: length } of runs) {
          const name = names[namespaceId] ?? '';
          expect(firstOrdinal).toBe(seen.runDocuments.get(name)?.length ?? 0);
          let at = offset;
          for (let i = 0; i < count; i++) {
            add(seen.runDocuments, name, bytes.subarray(at, at + bytes.readInt32LE(at)));
            at += bytes.readInt32LE(at);
          }
          expect(at).toBe(offset + length);
        }
      },
    },
  };
}

describe('scanning', () => {
  it('gives every document once and in order, whatever the chunk borders and the slice size', () => {
    fc.assert(
      fc.property(
        segments,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.integer({ min: 1, max: 400 }),
        (parts, cuts, size) => {
          const archive = fixtureArchive(parts);
          const { seen, handlers } = collecting();
          const scanner = new ArchiveScanner(handlers, { sliceBytes: size });
          for (const chunk of cutAt(archive, cuts)) scanner.push(chunk);
          const summary = scanner.finish();
          expect(Buffer.concat(seen.slices).equals(archive)).toBe(true);
          expect(summary.archiveBytes).toBe(archive.length);
          for (const { namespace, documents, bytes, checksum, complete } of summary.namespaces) {
            const expected = documentsOf(parts, namespace.slice(5));
            expect(seen.documents.get(namespace) ?? []).toEqual(expected);
            expect(seen.runDocuments.get(namespace) ?? []).toEqual(expected);
            expect(documents).toBe(expected.length);
            expect(bytes).toBe(expected.reduce((sum, { length }) => sum + length, 0));
            expect({ checksum, complete }).toEqual({ checksum: 'ok', complete: true });
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('works byte by byte', () => {
    const archive = fixtureArchive([{ collection: 'a', documents: [Buffer.from(serialize({ _id: 1 }))] }]);
    const scanner = new ArchiveScanner({}, { sliceBytes: 1 });
    for (const byte of archive) scanner.push(Buffer.from([byte]));
    expect(scanner.finish().documents).toBe(1);
  });

  it('has the same content hash for another order, another one for other documents', () => {
    const [a, b] = [1, 2].map((id) => Buffer.from(serialize({ _id: id })));
    const hashOf = (documents: (Buffer | undefined)[]): string | undefined => {
      const scanner = new ArchiveScanner();
      scanner.push(fixtureArchive([{ collection: 'a', documents: documents.filter((each) => each !== undefined) }]));
      return scanner.finish().namespaces[0]?.contentHash;
    };
    expect(hashOf([a, b])).toBe(hashOf([b, a]));
    expect(hashOf([a, b])).not.toBe(hashOf([a]));
    expect(hashOf([a, b])).not.toBe(hashOf([a, a]));
    expect(hashOf([])).toBe('0'.repeat(32));
  });

  it('reads documents far larger than a slice', () => {
    const large = Buffer.from(serialize({ _id: 1, text: 'x'.repeat(15 * 1024 * 1024) }));
    const archive = fixtureArchive([{ collection: 'a', documents: [large, large] }]);
    const { seen, handlers } = collecting();
    const scanner = new ArchiveScanner(handlers);
    for (let at = 0; at < archive.length; at += 65536) scanner.push(archive.subarray(at, at + 65536));
    expect(scanner.finish().documents).toBe(2);
    expect(Buffer.concat(seen.slices).equals(archive)).toBe(true);
  });
});

function damageOf(bytes: Buffer): ArchiveDamage | null {
  const scanner = new ArchiveScanner();
  try {
    scanner.push(bytes);
    scanner.finish();
    return null;
  } catch (error) {
    if (error instanceof ArchiveDamage) return error;
    throw error;
  }
}

describe('damage', () => {
  const documents = [1, 2, 3].map((id) => Buffer.from(serialize({ _id: id, text: 'hello' })));
  const archive = fixtureArchive([
    { collection: 'a', documents },
    { collection: 'b', documents },
  ]);

  it('is told for an archive cut anywhere, with what is complete and what is not', () => {
    for (let length = 0; length < archive.length; length++) {
      const damage = damageOf(archive.subarray(0, length));
      expect(damage?.kind).toBeOneOf(['truncated', 'incomplete', 'not-an-archive']);
    }
    const inside = archive.indexOf(documents[1] ?? '') + 5;
    expect(damageOf(archive.subarray(0, inside))?.message).toMatch(
      /in the middle of shop\.a at byte \d+\. 0 namespaces are complete\. Cut off: shop\.a \(1 documents before the end\)\. Never reached: shop\.b\./,
    );
  });

  it('never goes unnoticed when one byte flips', () => {
    const unnoticed: number[] = [];
    // The prelude's JSON text and names are not under any checksum.
    const start = archive.indexOf(
      encodeNamespaceHeader({ database: 'shop', collection: 'a', isEnd: false, crc64: 0n }),
    );
    for (let at = start; at < archive.length; at++) {
      const copy = Buffer.from(archive);
      copy[at] = (copy[at] ?? 0) ^ 0x10;
      const scanner = new ArchiveScanner();
      try {
        scanner.push(copy);
        const summary = scanner.finish();
        const fine = summary.namespaces.every(({ checksum, complete }) => checksum === 'ok' && complete);
        if (fine && summary.faults.length === 0) unnoticed.push(at);
      } catch (error) {
        expect(error).toBeInstanceOf(ArchiveDamage);
      }
    }
    // What an opening header says in its unused CRC field means nothing.
    const headers = [...'ab'].map((collection) =>
      archive.indexOf(encodeNamespaceHeader({ database: 'shop', collection, isEnd: false, crc64: 0n })),
    );
    for (const at of unnoticed) expect(headers.some((header) => at > header + 35 && at < header + 60)).toBe(true);
  });

  it('in the collection list is an error, not a hang', () => {
    const prelude = fixturePrelude(['a']);
    const entry = prelude.collections[0];
    for (const metadata of ['{"indexes":[{"key":{"a":"b"}', '[]', '{"indexes":[{"key":"a"}]}', '{"options":7}', 'x']) {
      const broken = encodePrelude({ ...prelude, collections: entry ? [{ ...entry, metadata }] : [] });
      expect(damageOf(broken), metadata).toMatchObject({ kind: 'prelude', namespace: 'shop.a' });
    }
  });

  it('in broken documents is reported with namespace, number and reason while reading goes on', () => {
    const bad = Buffer.from(documents[1] ?? []);
    bad[4] = 0x77;
    const summary = new ArchiveScanner();
    summary.push(fixtureArchive([{ collection: 'a', documents: [documents[0] ?? bad, bad, documents[2] ?? bad] }]));
    expect(summary.finish()).toMatchObject({
      documents: 3,
      namespaces: [{ invalidDocuments: 1 }],
      faults: [
        { namespace: 'shop.a', ordinal: 1, reason: expect.stringContaining('type that BSON does not know') as string },
      ],
    });
  });

  it('of other kinds is named', () => {
    expect(damageOf(Buffer.from('hello world'))?.kind).toBe('not-an-archive');
    expect(damageOf(Buffer.alloc(0))?.kind).toBe('truncated');
    const twice = Buffer.concat([
      archive,
      encodeNamespaceHeader({ database: 'shop', collection: 'a', isEnd: false, crc64: 0n }),
    ]);
    expect(damageOf(twice)).toMatchObject({ kind: 'framing' });
    expect(damageOf(Buffer.concat([archive, terminatorBytes]))).toMatchObject({ kind: 'framing' });
    const huge = Buffer.from(archive);
    huge.writeUInt32LE(64 * 1024 * 1024, archive.indexOf(documents[0] ?? ''));
    expect(damageOf(huge)).toMatchObject({ kind: 'too-large', namespace: 'shop.a' });
  });
});

it('a cancelled scan ends with the error of a cancel', async () => {
  const controller = new AbortController();
  controller.abort();
  const scan = scanArchive([fixtureArchive([{ collection: 'a', documents: [] }])], { signal: controller.signal });
  await expect(scan).rejects.toMatchObject({ error: { code: 'cancelled' } });
});
