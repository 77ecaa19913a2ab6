/** Several mongodump archives as one: their preludes become one, the segments of their bodies follow each other. */
import type { Readable } from 'node:stream';
import { deserialize, serialize } from 'bson';
import { ArchiveDamage } from '../archive/archive-damage';

const magic = 0x8199e26d;
const terminator = -1;
const terminatorBytes = Buffer.from([0xff, 0xff, 0xff, 0xff]);
// Headers and collection metadata are documents of the archive format; a dump's own documents are at most 16 MiB.
const largestDocument = 48 * 1024 * 1024;

/** Whether a namespace reaches the merged archive. */
export type KeepsNamespace = (database: string, collection: string) => boolean;

/** Changes a collection's metadata document on its way into the merged prelude. */
export type RewritesMetadata = (metadata: Buffer) => Buffer;

export interface MergeInput {
  /** For messages: what the archive is of. */
  name: string;
  stream: Readable;
}

interface SegmentHeader {
  db: string;
  collection: string;
}

/** Reads one archive: documents where they must be understood, spans of bytes where they only pass through. */
class ArchiveSource {
  readonly name: string;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(input: MergeInput) {
    this.name = input.name;
    this.#stream = input.stream;
    this.#chunks = input.stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  #damaged(message: string): never {
    throw new ArchiveDamage('truncated', `What mongodump sent for ${this.name} ${message}.`);
  }

  /** False at the end of the stream. */
  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    const rest = this.#chunk.subarray(this.#at);
    this.#chunk = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    this.#at = 0;
    return true;
  }

  /** Makes `bytes` available at once. False when the stream ends exactly here. */
  async has(bytes: number): Promise<boolean> {
    while (this.#chunk.length - this.#at < bytes) {
      const empty = this.#chunk.length === this.#at;
      if (!(await this.#more())) {
        if (empty) return false;
        this.#damaged('ends in the middle');
      }
    }
    return true;
  }

  async take(bytes: number): Promise<Buffer> {
    if (!(await this.has(bytes))) this.#damaged('ends in the middle');
    const taken = this.#chunk.subarray(this.#at, this.#at + bytes);
    this.#at += bytes;
    return taken;
  }

  /** The next document, or null at a terminator, which is consumed. */
  async document(): Promise<Buffer | null> {
    if (!(await this.has(4))) this.#damaged('ends in the middle');
    const length = this.#chunk.readInt32LE(this.#at);
    if (length === terminator) {
      this.#at += 4;
      return null;
    }
    this.#checkLength(length);
    return this.take(length);
  }

  #checkLength(length: number): void {
    if (length < 5 || length > largestDocument) {
      throw new ArchiveDamage('framing', `What mongodump sent for ${this.name} holds a document of ${length} bytes.`);
    }
  }

  /** The documents up to and with the terminator, in spans as they arrive. */
  async *throughTerminator(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const start = this.#at;
      const { length } = this.#chunk;
      let at = start;
      let ended = false;
      while (at + 4 <= length) {
        const size = this.#chunk.readInt32LE(at);
        if (size === terminator) {
          at += 4;
          ended = true;
          break;
        }
        this.#checkLength(size);
        if (at + size > length) break;
        at += size;
      }
      this.#at = at;
      if (at > start) yield this.#chunk.subarray(start, at);
      if (ended) return;
      // A document that ends in a later chunk passes in parts.
      if (at + 4 <= length) {
        yield* this.#pass(this.#chunk.readInt32LE(at));
      } else if (!(await this.has(4))) {
        this.#damaged('ends in the middle');
      }
    }
  }

  async *#pass(bytes: number): AsyncGenerator<Buffer, void, undefined> {
    let left = bytes;
    while (left > 0) {
      if (this.#at === this.#chunk.length && !(await this.#more())) this.#damaged('ends in the middle');
      const part = this.#chunk.subarray(this.#at, Math.min(this.#chunk.length, this.#at + left));
      this.#at += part.length;
      left -= part.length;
      yield part;
    }
  }

  /** Also while a read waits for data, which then fails. */
  close(): void {
    this.#stream.destroy();
  }
}

interface Prelude {
  header: Record<string, unknown>;
  collections: Buffer[];
}

/** null: nothing was dumped at all, as for a collection that does not exist. */
async function readPrelude(
  source: ArchiveSource,
  keeps: KeepsNamespace,
  rewrite: RewritesMetadata,
): Promise<Prelude | null> {
  if (!(await source.has(4))) return null;
  if ((await source.take(4)).readUInt32LE(0) !== magic) {
    throw new ArchiveDamage('not-an-archive', `What mongodump sent for ${source.name} is no archive.`);
  }
  const header = await source.document();
  if (header === null) throw new ArchiveDamage('prelude', `What mongodump sent for ${source.name} has no header.`);
  const collections: Buffer[] = [];
  for (;;) {
    const metadata = await source.document();
    if (metadata === null) return { header: { ...deserialize(header) }, collections };
    const { db, collection } = readHeader(metadata);
    // The oplog belongs to no database.
    if (db === '' || keeps(db, collection)) collections.push(Buffer.from(rewrite(metadata)));
  }
}

function readHeader(document: Buffer): SegmentHeader {
  const { db, collection } = deserialize(document);
  if (typeof db !== 'string' || typeof collection !== 'string') {
    throw new ArchiveDamage('framing', 'What mongodump sent holds a header without namespace.');
  }
  return { db, collection };
}

function concurrencyOf(prelude: Prelude): number {
  const value = prelude.header['concurrent_collections'];
  return typeof value === 'number' && value > 0 ? value : 1;
}

/**
 * One archive out of those that are being written at this moment, as spans of bytes. All are read side by side, a
 * segment of one after a segment of another, so that no cursor behind them grows old while it waits. Namespaces that
 * `keeps` refuses are left out, of the prelude and of the body. Throws ArchiveDamage when an archive ends too early
 * or is none.
 */
export async function* mergeArchives(
  inputs: readonly MergeInput[],
  keeps: KeepsNamespace,
  rewrite: RewritesMetadata = (metadata) => metadata,
): AsyncGenerator<Buffer, void, undefined> {
  const sources = inputs.map((input) => new ArchiveSource(input));
  try {
    const preludes = await Promise.all(sources.map((source) => readPrelude(source, keeps, rewrite)));
    yield* writePrelude(preludes.filter((prelude): prelude is Prelude => prelude !== null));
    yield* mergeBodies(
      sources.filter((_, index) => preludes[index] !== null),
      keeps,
    );
  } finally {
    for (const source of sources) source.close();
  }
}

function* writePrelude(preludes: readonly Prelude[]): Generator<Buffer, void, undefined> {
  const [first] = preludes;
  if (!first) return;
  // mongorestore must read as many collections side by side as were written so, or it waits for ever.
  const concurrent = preludes.reduce((sum, prelude) => sum + concurrencyOf(prelude), 0);
  const start = Buffer.alloc(4);
  start.writeUInt32LE(magic, 0);
  const header = serialize({ ...first.header, concurrent_collections: concurrent });
  yield Buffer.concat([start, header, ...preludes.flatMap((prelude) => prelude.collections), terminatorBytes]);
}

async function* mergeBodies(
  sources: readonly ArchiveSource[],
  keeps: KeepsNamespace,
): AsyncGenerator<Buffer, void, undefined> {
  const waiting = new Map(sources.map((source) => [source, whenReady(source)]));
  while (waiting.size > 0) {
    const { source, ended } = await Promise.race(waiting.values());
    waiting.delete(source);
    if (ended) continue;
    const header = await source.document();
    if (header === null) throw new ArchiveDamage('framing', `What mongodump sent for ${source.name} is out of step.`);
    const { db, collection } = readHeader(header);
    const kept = db === '' || keeps(db, collection);
    if (kept) yield Buffer.from(header);
    for await (const span of source.throughTerminator()) {
      if (kept) yield span;
    }
    // Set again at the end: the next turn goes to another one that is ready.
    waiting.set(source, whenReady(source));
  }
}

async function whenReady(source: ArchiveSource): Promise<{ source: ArchiveSource; ended: boolean }> {
  return { source, ended: !(await source.has(4)) };
}
