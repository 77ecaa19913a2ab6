import type { ClusterTime } from '../../shared/backups';
import { ArchiveDamage } from './archive-damage';
import { archiveMagic, blockTerminator, decodeNamespaceHeader, namespaceOf } from './archive-format';
import {
  type ArchiveHeader,
  type ArchivePrelude,
  type CollectionMetadata,
  dataNamespacesOf,
  decodeArchiveHeader,
  decodeCollectionMetadata,
} from './archive-prelude';
import { bsonType } from './bson-types';
import { BsonKernel, type KernelBatch, largestDocument } from './kernel/bson-kernel';
import { describeFault } from './kernel/document-faults';
import { NamespaceProgress } from './namespace-progress';
import { findElement } from './raw-bson';
import type {
  ArchiveSummary,
  DocumentFaultReport,
  DocumentRun,
  OplogSummary,
  ScanHandlers,
  ScanOptions,
} from './scan-types';

const faultsKept = 100;
/** What a prelude or header document may measure; a server's largest plus room. */
const largestHeader = largestDocument;

/**
 * Push parser for mongodump archives: feed it uncompressed bytes in chunks of any size, it calls the handlers and keeps
 * the totals. Synchronous; memory is one slice plus one document. Throws {@link ArchiveDamage} at the first damage, after
 * which {@link ArchiveScanner.summary} still tells what was read before.
 */
export class ArchiveScanner {
  readonly #kernel = new BsonKernel();
  readonly #handlers: ScanHandlers;
  readonly #walk: { validate: boolean; checksum: boolean };
  readonly #sliceBytes: number;
  readonly #namespaces: NamespaceProgress[] = [];
  readonly #byName = new Map<string, NamespaceProgress>();
  readonly #metadataByName = new Map<string, CollectionMetadata>();
  readonly #faults: DocumentFaultReport[] = [];
  #expects: 'magic' | 'prelude' | 'header' | 'body' = 'magic';
  #current: NamespaceProgress | null = null;
  #header: ArchiveHeader | null = null;
  #collections: CollectionMetadata[] = [];
  #prelude: ArchivePrelude | null = null;
  /** Bytes in the kernel's input, and how many make a run worth while. */
  #end = 0;
  #threshold: number;
  /** Archive offset of the input's first byte. */
  #offset = 0;
  #runs: DocumentRun[] = [];
  #oplog: OplogSummary | null = null;
  #documentCount = 0;

  constructor(handlers: ScanHandlers = {}, options: ScanOptions = {}) {
    this.#handlers = handlers;
    this.#walk = { validate: options.validate ?? true, checksum: options.checksums ?? true };
    this.#sliceBytes = options.sliceBytes ?? 1024 * 1024;
    this.#threshold = this.#sliceBytes;
    this.#kernel.ensureInput(Math.min(this.#sliceBytes, 1024 * 1024) + 65536);
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      const take = Math.min(chunk.length - from, this.#threshold - this.#end);
      this.#kernel.write(chunk.subarray(from, from + take), this.#end);
      this.#end += take;
      from += take;
      if (this.#end >= this.#threshold) this.#run();
    }
  }

  /** Handles everything complete that is still waiting; returns the number of bytes of an incomplete item left. */
  flush(): number {
    while (this.#end > 0) {
      const before = this.#end;
      this.#run();
      if (this.#end === before) break;
    }
    return this.#end;
  }

  /** Says that no more bytes come. Throws when the archive is not whole. */
  finish(): ArchiveSummary {
    const rest = this.flush();
    const offset = this.#offset + rest;
    if (this.#expects === 'magic') {
      if (offset === 0) throw new ArchiveDamage('truncated', 'The archive is empty.', { offset });
      throw new ArchiveDamage('not-an-archive', 'This is not a mongodump archive.', { offset: 0 });
    }
    const where = this.#current && this.#expects === 'body' ? ` in the middle of ${this.#current.namespace}` : '';
    if (rest > 0 || this.#expects !== 'header') {
      throw new ArchiveDamage(
        'truncated',
        `The archive ends${where} at byte ${offset}. ${this.describeWhatIsThere()}`,
        {
          offset,
          ...(this.#current ? { namespace: this.#current.namespace } : {}),
        },
      );
    }
    const summary = this.summary();
    if (summary.missing.length > 0) {
      throw new ArchiveDamage('incomplete', `The archive ends too early. ${this.describeWhatIsThere()}`, { offset });
    }
    return summary;
  }

  /** For messages: what is complete, cut off, never reached. */
  describeWhatIsThere(): string {
    const { namespaces, missing } = this.summary();
    const complete = namespaces.filter((namespace) => namespace.complete).length;
    const broken = namespaces.filter((namespace) => !namespace.complete);
    const saved = broken.map(({ namespace, documents }) => `${namespace} (${documents} documents before the end)`);
    const unseen = missing.filter((name) => !broken.some(({ namespace }) => namespace === name));
    return [
      `${complete} namespaces are complete.`,
      saved.length > 0 ? `Cut off: ${saved.join(', ')}.` : '',
      unseen.length > 0 ? `Never reached: ${unseen.join(', ')}.` : '',
    ]
      .filter((part) => part !== '')
      .join(' ');
  }

  /** Cheap totals for progress: {@link ArchiveScanner.summary} costs a walk over all namespaces. */
  progress(): { archiveBytes: number; documents: number } {
    return { archiveBytes: this.#offset, documents: this.#documentCount };
  }

  summary(): ArchiveSummary {
    this.#saveCurrent();
    const namespaces = this.#namespaces.map((namespace) => namespace.summary());
    const complete = new Set(namespaces.filter((each) => each.complete).map((each) => each.namespace));
    const missing = this.#collections
      .filter((entry) => !dataNamespacesOf(entry).some((name) => complete.has(name)))
      .map((entry) => namespaceOf(entry.database, entry.collection));
    return {
      prelude: this.#prelude,
      namespaces,
      archiveBytes: this.#offset,
      documents: namespaces.reduce((sum, { documents }) => sum + documents, 0),
      oplog: this.#oplog,
      missing,
      faults: this.#faults,
    };
  }

  /**
   * Goes on after a gap whose end is known to be an item border (a block of Lifeboat's own archives). Only after
   * {@link flush} returned 0. `lost`: documents of each namespace in the gap; `open`: the namespace whose documents
   * follow, null when a header follows; `unsure`: which namespaces lost documents is not known.
   */
  skip(gap: {
    bytes: number;
    lost: { namespace: string; documents: number }[];
    open: string | null;
    unsure: boolean;
  }): void {
    this.#saveCurrent();
    for (const { namespace, documents } of gap.lost) {
      const progress = this.#progressOf(namespace);
      progress.lost += documents;
      progress.nextOrdinal += documents;
      progress.hasGap = true;
    }
    if (gap.unsure) for (const progress of this.#namespaces) if (progress.statedCrc === null) progress.hasGap = true;
    this.#offset += gap.bytes;
    this.#current = gap.open === null ? null : this.#progressOf(gap.open);
    if (this.#current) this.#kernel.loadState(this.#current.state);
    this.#expects = gap.open === null ? 'header' : 'body';
  }

  #saveCurrent(): void {
    if (this.#current) this.#kernel.saveState(this.#current.state);
  }

  #progressOf(namespace: string): NamespaceProgress {
    const known = this.#byName.get(namespace);
    if (known) return known;
    const dot = namespace.indexOf('.');
    const database = namespace.slice(0, dot);
    const id = this.#namespaces.length;
    const fresh = new NamespaceProgress(id, database, namespace.slice(dot + 1), namespace, this.#walk.checksum);
    fresh.metadata = this.#metadataByName.get(namespace) ?? null;
    this.#namespaces.push(fresh);
    this.#byName.set(namespace, fresh);
    return fresh;
  }

  /** One slice: consumes whole items up to about the slice size, then hands the slice out. */
  #run(): void {
    const open = this.#expects === 'body' && this.#current ? this.#current.id : null;
    let position = 0;
    let needed = 0;
    this.#runs = [];
    while (position < this.#sliceBytes || position === 0) {
      const next = this.#expects === 'body' ? this.#documents(position) : this.#item(position);
      position = next.position;
      if (next.needed > 0) {
        needed = next.needed;
        break;
      }
    }
    if (position > 0) {
      const bytes = this.#kernel.input(0, position);
      this.#handlers.slice?.({ bytes, archiveOffset: this.#offset, openNamespaceId: open, runs: this.#runs });
      this.#kernel.moveToFront(position, this.#end);
      this.#end -= position;
      this.#offset += position;
    }
    this.#threshold = Math.max(this.#sliceBytes, needed, this.#end + 1);
  }

  /** Magic number, prelude documents and namespace headers. `needed` > 0: that many bytes must be there first. */
  #item(position: number): { position: number; needed: number } {
    const available = this.#end - position;
    if (available < 4) return { position, needed: 4 };
    const offset = this.#offset + position;
    const first = this.#kernel.input(position, position + 4);
    if (this.#expects === 'magic') {
      if (!first.equals(archiveMagic)) {
        throw new ArchiveDamage('not-an-archive', 'This is not a mongodump archive.', { offset: 0 });
      }
      this.#expects = 'prelude';
      return { position: position + 4, needed: 0 };
    }
    const length = first.readUInt32LE(0);
    if (length === blockTerminator) {
      if (this.#expects === 'header' || !this.#header) throw this.#framing('a block without header', offset);
      this.#endPrelude();
      return { position: position + 4, needed: 0 };
    }
    if (length < 5 || length > largestHeader) throw this.#framing(`an impossible length (${length})`, offset);
    if (available < length) return { position, needed: length };
    const document = this.#kernel.input(position, position + length);
    if (this.#expects === 'prelude') this.#preludeDocument(document, offset);
    else this.#namespaceHeader(document, offset);
    return { position: position + length, needed: 0 };
  }

  #framing(what: string, offset: number): ArchiveDamage {
    const after = this.#current ? `, after ${this.#current.nextOrdinal} documents of ${this.#current.namespace}` : '';
    const details = this.#current ? { offset, namespace: this.#current.namespace } : { offset };
    return new ArchiveDamage('framing', `The archive has ${what} at byte ${offset}${after}.`, details);
  }

  #preludeDocument(document: Buffer, offset: number): void {
    try {
      if (this.#header) this.#collections.push(decodeCollectionMetadata(document));
      else this.#header = decodeArchiveHeader(document);
    } catch (error) {
      if (error instanceof ArchiveDamage && error.kind !== 'document') throw error;
      throw new ArchiveDamage('prelude', `The archive's list of collections is broken at byte ${offset}.`, { offset });
    }
  }

  #endPrelude(): void {
    if (!this.#header) return;
    this.#prelude = { header: this.#header, collections: this.#collections };
    for (const entry of this.#collections) {
      for (const name of dataNamespacesOf(entry)) this.#metadataByName.set(name, entry);
    }
    this.#expects = 'header';
    this.#handlers.prelude?.(this.#prelude);
  }

  #namespaceHeader(document: Buffer, offset: number): void {
    const header = decodeNamespaceHeader(document, offset);
    this.#saveCurrent();
    const progress = this.#progressOf(namespaceOf(header.database, header.collection));
    if (progress.statedCrc !== null) throw this.#framing(`${progress.namespace} again after its end`, offset);
    this.#current = progress;
    this.#kernel.loadState(progress.state);
    if (progress.isOplog) this.#oplog ??= { first: null, last: null, entries: 0 };
    this.#expects = 'body';
    const { id, namespace } = progress;
    if (header.isEnd) {
      progress.statedCrc = header.crc64;
      this.#handlers.namespaceEnd?.(progress.summary());
    } else {
      this.#handlers.segment?.({ namespaceId: id, namespace, archiveOffset: offset });
    }
  }

  #documents(position: number): { position: number; needed: number } {
    const current = this.#current;
    if (!current) throw this.#framing('documents without header', this.#offset + position);
    const limit = Math.max(this.#sliceBytes, position + 1);
    const batch = this.#kernel.walk(position, this.#end, limit, this.#walk);
    if (batch.count > 0) this.#takeBatch(current, position, batch);
    const offset = this.#offset + batch.position;
    switch (batch.stop) {
      case 'limit':
      case 'batch-full':
        return { position: batch.position, needed: 0 };
      case 'need-more':
        return { position: batch.position, needed: batch.needed };
      case 'terminator':
        this.#saveCurrent();
        this.#expects = 'header';
        return { position: batch.position + 4, needed: 0 };
      case 'bad-length':
        throw this.#framing('an impossible document length', offset);
      case 'no-terminator':
        throw this.#framing('a document that does not end where its length says', offset);
      case 'too-large':
        throw new ArchiveDamage(
          'too-large',
          `The document at byte ${offset} (${current.namespace}, number ${current.nextOrdinal}) claims more than 48 MiB.`,
          { offset, namespace: current.namespace, hint: 'No server stores such a document: the archive is damaged.' },
        );
    }
  }

  #takeBatch(current: NamespaceProgress, start: number, batch: KernelBatch): void {
    const { count, position } = batch;
    if (current.statedCrc !== null) throw this.#framing('documents after the end', this.#offset + start);
    const input = this.#kernel.input(0, this.#end);
    const positions = this.#kernel.positions(count);
    const firstOrdinal = current.nextOrdinal;
    for (const fault of batch.faultCount > 0 ? this.#kernel.faults(batch.faultCount) : []) {
      if (this.#faults.length >= faultsKept) break;
      const ordinal = firstOrdinal + ordinalAt(positions, fault.start);
      const reason = `${describeFault(fault.code)} (byte ${fault.at - fault.start} of the document)`;
      this.#faults.push({ namespace: current.namespace, ordinal, offset: this.#offset + fault.start, reason });
    }
    if (current.isOplog && this.#oplog) noteOplog(this.#oplog, input, positions, count);
    current.nextOrdinal += count;
    this.#documentCount += count;
    const last = this.#runs[this.#runs.length - 1];
    if (last && last.namespaceId === current.id && last.offset + last.bytes === start) {
      last.count += count;
      last.bytes += position - start;
    } else {
      this.#runs.push({ namespaceId: current.id, offset: start, firstOrdinal, count, bytes: position - start });
    }
    this.#handlers.documents?.({
      namespaceId: current.id,
      namespace: current.namespace,
      firstOrdinal,
      count,
      records: this.#kernel.records(count),
      positions,
      input,
      archiveOffset: this.#offset,
      kernel: this.#kernel,
    });
  }
}

function ordinalAt(positions: Uint32Array, start: number): number {
  for (let i = 0; i < positions.length; i += 3) if (positions[i] === start) return i / 3;
  return 0;
}

function timestampAt(input: Buffer, start: number): ClusterTime | null {
  const element = findElement(input, 'ts', start);
  if (!element || element.type !== bsonType.timestamp) return null;
  return { seconds: input.readUInt32LE(element.valueStart + 4), increment: input.readUInt32LE(element.valueStart) };
}

function noteOplog(oplog: OplogSummary, input: Buffer, positions: Uint32Array, count: number): void {
  oplog.entries += count;
  try {
    oplog.first ??= timestampAt(input, positions[0] ?? 0);
    oplog.last = timestampAt(input, positions[(count - 1) * 3] ?? 0) ?? oplog.last;
  } catch {
    // A broken entry is already counted among the faults.
  }
}
