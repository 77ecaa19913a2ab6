/** Archives made in memory, for tests: also ones with interleaved namespaces, as several mongodump threads make them. */
import { archiveFormatVersion, encodeNamespaceHeader, terminatorBytes } from '../archive-format';
import { type ArchivePrelude, collectionMetadata, encodePrelude } from '../archive-prelude';
import { crc64Of } from '../binary-table';

/** Documents of one collection that come one after the other. */
export interface FixtureSegment {
  collection: string;
  documents: Buffer[];
}

const fixtureDatabase = 'shop';

export function fixturePrelude(collections: string[]): ArchivePrelude {
  return {
    header: {
      concurrentCollections: 4,
      formatVersion: archiveFormatVersion,
      serverVersion: '6.0.5',
      toolVersion: '100.7.0',
    },
    collections: collections.map((name) => {
      const metadata = JSON.stringify({
        indexes: [{ v: 2, key: { _id: 1 }, name: '_id_' }],
        uuid: '',
        collectionName: name,
      });
      return collectionMetadata(fixtureDatabase, name, metadata, 'collection');
    }),
  };
}

/** Bytes of an archive whose namespaces alternate as the segments do; each ends at the end. */
export function fixtureArchive(segments: readonly FixtureSegment[]): Buffer {
  const names = [...new Set(segments.map(({ collection }) => collection))];
  const parts = [encodePrelude(fixturePrelude(names))];
  const header = (collection: string, crc64: bigint | null): Buffer =>
    encodeNamespaceHeader({ database: fixtureDatabase, collection, isEnd: crc64 !== null, crc64: crc64 ?? 0n });
  for (const { collection, documents } of segments) parts.push(header(collection, null), ...documents, terminatorBytes);
  for (const name of names) {
    const documents = segments.filter(({ collection }) => collection === name).flatMap((segment) => segment.documents);
    parts.push(header(name, crc64Of(...documents)), terminatorBytes);
  }
  return Buffer.concat(parts);
}

/** Documents of a collection in archive order. */
export function documentsOf(segments: readonly FixtureSegment[], collection: string): Buffer[] {
  return segments.filter((segment) => segment.collection === collection).flatMap(({ documents }) => documents);
}

/** Cuts bytes at the given places (taken modulo the length). */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const chunks: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    chunks.push(bytes.subarray(from, cut));
    from = cut;
  }
  return chunks;
}
