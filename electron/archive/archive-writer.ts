import { fail } from '../../shared/result';
import { encodeNamespaceHeader, namespaceOf, terminatorBytes } from './archive-format';
import { type ArchivePrelude, type CollectionMetadata, dataNamespacesOf, encodePrelude } from './archive-prelude';
import { BsonKernel, crcStart, finishCrc } from './kernel/bson-kernel';
import { documentLength } from './raw-bson';

/** The documents of one collection on their way into an archive. */
export interface ArchiveSource {
  database: string;
  /** As the data header shall name it: `system.buckets.…` for time series of servers before 8.3. */
  collection: string;
  /** Each chunk holds one or more whole BSON documents. */
  documents: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const flushBytes = 256 * 1024;

/** Gathers small parts into chunks worth passing on. */
class Gatherer {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.#bytes += part.length;
  }

  take(minimum: number): Buffer | null {
    if (this.#bytes < minimum || this.#bytes === 0) return null;
    const chunk = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return chunk;
  }
}

/**
 * Yields the bytes of a mongodump archive that mongorestore accepts: prelude, then each source's documents with their
 * CRC-64. Collections of the prelude without a source (views, empty ones) get an empty section, which is what makes
 * mongorestore create them. Sources are read one after the other, each to its end.
 *
 * Throws `usage` when a source is not announced in the prelude or comes twice, {@link ArchiveDamage} (`document`)
 * when a chunk does not consist of whole documents.
 */
export async function* writeArchive(
  prelude: ArchivePrelude,
  sources: AsyncIterable<ArchiveSource> | Iterable<ArchiveSource>,
): AsyncGenerator<Buffer, void, undefined> {
  const kernel = new BsonKernel();
  const gatherer = new Gatherer();
  const open = new Map<string, CollectionMetadata>();
  for (const entry of prelude.collections) for (const name of dataNamespacesOf(entry)) open.set(name, entry);
  const close = (namespace: string): void => {
    const entry = open.get(namespace);
    if (!entry) fail('usage', `${namespace} is not among the collections announced, or was written already.`);
    for (const name of dataNamespacesOf(entry)) open.delete(name);
  };
  gatherer.add(encodePrelude(prelude));
  for await (const { database, collection, documents } of sources) {
    close(namespaceOf(database, collection));
    gatherer.add(encodeNamespaceHeader({ database, collection, isEnd: false, crc64: 0n }));
    let register = crcStart;
    for await (const chunk of documents) {
      for (let at = 0; at < chunk.length;) at += documentLength(chunk, at);
      register = kernel.updateCrc(register, chunk);
      // Views may be reused by their producer once the next one is asked for.
      gatherer.add(Buffer.from(chunk));
      const ready = gatherer.take(flushBytes);
      if (ready) yield ready;
    }
    gatherer.add(terminatorBytes);
    gatherer.add(encodeNamespaceHeader({ database, collection, isEnd: true, crc64: finishCrc(register) }));
    gatherer.add(terminatorBytes);
    const ready = gatherer.take(flushBytes);
    if (ready) yield ready;
  }
  for (const entry of new Set(open.values())) {
    const collection = (dataNamespacesOf(entry)[0] ?? '').slice(entry.database.length + 1);
    gatherer.add(encodeNamespaceHeader({ database: entry.database, collection, isEnd: false, crc64: 0n }));
    gatherer.add(terminatorBytes);
    const end = { database: entry.database, collection, isEnd: true, crc64: finishCrc(crcStart) };
    gatherer.add(encodeNamespaceHeader(end));
    gatherer.add(terminatorBytes);
  }
  const rest = gatherer.take(0);
  if (rest) yield rest;
}
