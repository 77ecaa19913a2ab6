/**
 * The backup's documents that a restore writes, kept beside its preview between the saving of the undo, which reads them
 * from the archive first, and the writing, which would inflate the same blocks once more. Nothing rests on these files:
 * what they lack, or hold in another order than it is asked for, comes from the archive.
 */
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readUpTo } from '../../archive/archive-file';
import type { ArchivedDocument, OpenArchive } from '../../archive/open-archive';
import { Appender, namespaceFolder } from '../../diff/differing-files';

/** Where the backup's documents are read from. */
export type BackupDocuments = Pick<OpenArchive, 'readGroups' | 'keepAlong'>;

/** Bytes kept of all namespaces of a restore. */
const mostKept = 256 * 1024 * 1024;
const ordinalBytes = 8;
/** Of an entry: its ordinal, and the length that its document begins with. */
const headBytes = ordinalBytes + 4;
const readBytes = 1024 * 1024;

function pathOf(previewFolder: string, index: number): string {
  return join(namespaceFolder(previewFolder, index), 'chosen.documents');
}

/** A disk that is full or gone costs the saving of time, nothing else. */
function withoutDisk(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

/** Reads from the archive and keeps what it reads, one namespace after the other. */
export class KeepingDocuments {
  readonly #archive: BackupDocuments;
  readonly #previewFolder: string;
  #room = mostKept;
  #file: Appender | null = null;

  constructor(archive: BackupDocuments, previewFolder: string) {
    this.#archive = archive;
    this.#previewFolder = previewFolder;
  }

  /** Ends the namespace before. */
  begin(index: number): void {
    this.end();
    withoutDisk(() => {
      this.#file = new Appender(pathOf(this.#previewFolder, index), readBytes);
    });
  }

  end(): void {
    const file = this.#file;
    this.#file = null;
    withoutDisk(() => file?.close());
  }

  keepAlong(namespace: string, ordinals: Iterable<number>): void {
    this.#archive.keepAlong(namespace, ordinals);
  }

  async *readGroups(
    namespace: string,
    ordinals: Iterable<number>,
    signal?: AbortSignal,
  ): AsyncGenerator<ArchivedDocument[], void, undefined> {
    for await (const group of this.#archive.readGroups(namespace, ordinals, signal)) {
      for (const one of group) this.#keep(one);
      yield group;
    }
  }

  #keep({ ordinal, document }: ArchivedDocument): void {
    const bytes = ordinalBytes + document.length;
    this.#room -= bytes;
    // What follows the first that is not kept is not looked for either.
    if (this.#room < 0) this.end();
    const file = this.#file;
    if (!file) return;
    const isKept = withoutDisk(() => {
      const { buffer, at } = file.reserve(bytes);
      buffer.writeDoubleLE(ordinal, at);
      document.copy(buffer, at + ordinalBytes);
    });
    if (!isKept) this.end();
  }
}

/** Reads what was kept of one namespace, in the order it was kept in; the archive has the rest. Close it. */
export class KeptDocuments {
  readonly #archive: BackupDocuments;
  readonly #path: string;
  #handle: FileHandle | null;
  /** What was read of the file and not handed out yet. */
  #buffer: Buffer = Buffer.alloc(0);
  #position = 0;

  private constructor(archive: BackupDocuments, path: string, handle: FileHandle | null) {
    this.#archive = archive;
    this.#path = path;
    this.#handle = handle;
  }

  static async open(archive: BackupDocuments, previewFolder: string, index: number): Promise<KeptDocuments> {
    const path = pathOf(previewFolder, index);
    return new KeptDocuments(archive, path, await open(path, 'r').catch(() => null));
  }

  keepAlong(namespace: string, ordinals: Iterable<number>): void {
    this.#archive.keepAlong(namespace, ordinals);
  }

  async *readGroups(
    namespace: string,
    ordinals: Iterable<number>,
    signal?: AbortSignal,
  ): AsyncGenerator<ArchivedDocument[], void, undefined> {
    const sorted = Float64Array.from(new Set(ordinals)).sort();
    let at = 0;
    while (at < sorted.length && this.#handle) {
      const group: ArchivedDocument[] = [];
      for (let bytes = 0; at < sorted.length && bytes < readBytes; at++) {
        const ordinal = sorted[at] ?? 0;
        const document = this.#next(ordinal) ?? ((await this.#fill()) ? this.#next(ordinal) : null);
        if (!document) {
          await this.#stop();
          break;
        }
        bytes += document.length;
        group.push({ ordinal, document });
      }
      if (group.length > 0) yield group;
    }
    if (at < sorted.length) yield* this.#archive.readGroups(namespace, sorted.subarray(at), signal);
  }

  /** Bytes of the next entry; as many as its length needs where that is not there. */
  get #nextBytes(): number {
    return this.#buffer.length < headBytes ? headBytes : ordinalBytes + this.#buffer.readInt32LE(ordinalBytes);
  }

  /** The document with this ordinal, should it come next and be there whole. */
  #next(ordinal: number): Buffer | null {
    const buffer = this.#buffer;
    const end = this.#nextBytes;
    if (buffer.length < end || end <= headBytes || buffer.readDoubleLE(0) !== ordinal) return null;
    this.#buffer = buffer.subarray(end);
    return buffer.subarray(ordinalBytes, end);
  }

  /** Reads on where the next entry is not there whole; false when nothing came of it. */
  async #fill(): Promise<boolean> {
    const rest = this.#buffer;
    const needed = this.#nextBytes - rest.length;
    if (!this.#handle || needed <= 0) return false;
    const bytes = await readUpTo(this.#handle, this.#position, Math.max(readBytes, needed));
    this.#position += bytes.length;
    this.#buffer = Buffer.concat([rest, bytes]);
    return bytes.length > 0;
  }

  async #stop(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    this.#buffer = Buffer.alloc(0);
    await handle?.close();
  }

  /** The file has served its purpose. */
  async close(): Promise<void> {
    await this.#stop();
    await rm(this.#path, { force: true });
  }
}
