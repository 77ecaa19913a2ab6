/**
 * The task 'restore.compare-undo': which documents an undo puts back. A document that is as the restore left it is put
 * back, one that is as it was before is done already, and one that is neither was changed by someone else since: a
 * conflict, which is left alone.
 */
import { MongoClient } from 'mongodb';
import { toExtendedJson, valueToExtendedJson } from '../../archive/extended-json';
import { OpenArchive } from '../../archive/open-archive';
import { DigestFile } from '../../archive/digest-file';
import { BsonKernel, recordBytes } from '../../archive/kernel/bson-kernel';
import type { WrittenFile } from '../../archive/hashing-file';
import { findId, packValue } from '../../diff/bson-reader';
import { DifferingReader, DifferingWriter, writeCounts, type DifferingEntry } from '../../diff/differing-files';
import type { Task, TaskContext } from '../../jobs/task';
import type { Conflict } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import { fetchInParts, idKey } from '../documents/raw-documents';
import { mapAhead } from './map-ahead';
import { RebuildLists } from './rebuild-lists';
import { requireIntactEntries, UndoEntriesReader, type UndoEntry } from './undo-entries';

export const compareUndoTaskName = 'restore.compare-undo';

export interface CompareUndoNamespace {
  /** Number of its folder in the undo's preview. */
  index: number;
  ns: string;
  database: string;
  /** That holds its documents. */
  collection: string;
  /** Its documents' name in the archive of the undo; null when nothing was there. */
  archivedAs: string | null;
  /** Documents saved of one that may have to be built anew: the lists for that are made too. Null: none are. */
  rebuild: number | null;
  /** By the entries of the record; or by a whole comparison already made, told apart by the restored backup's digest. */
  by:
    | { kind: 'entries'; first: number; count: number }
    | { kind: 'digest'; comparedFolder: string; comparedIndex: number; restoredAs: string | null };
}

export interface CompareUndoInput {
  /** Connection string with secrets. */
  uri: string;
  /** The undo's preview. */
  folder: string;
  files: { entries: string; ids: string; restored: string };
  /** Of the undo: what was there before the restore. */
  archive: string;
  blockIndex: string;
  expected: { entries: WrittenFile; ids: WrittenFile } | null;
  namespaces: CompareUndoNamespace[];
  documents: number;
}

export interface ComparedUndo {
  index: number;
  /** As they were before, or never written. */
  same: number;
  changed: number;
  onlyInBackup: number;
  onlyInTarget: number;
  conflicts: number;
  /** Conflicts about documents that were there before the restore too. */
  othersChanged: number;
}

export interface CompareUndoOutput {
  namespaces: ComparedUndo[];
  /** The first of them. */
  conflicts: Conflict[];
}

const entriesAtOnce = 1000;
const ahead = 2;
const listedConflicts = 1000;
/** Of a document that goes into the list of conflicts. */
const longestVersion = 16 * 1024;
/** Hashes of the restored backup held in memory at a time. */
const hashesAtOnce = 500_000;

export const compareUndoTask: Task<CompareUndoInput, CompareUndoOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const compare = new UndoComparison(input, client, context);
  try {
    if (input.expected) await requireIntactEntries(input.files, input.expected);
    for (const namespace of input.namespaces) await compare.add(namespace);
    return { namespaces: compare.found, conflicts: compare.conflicts };
  } finally {
    await client.close();
  }
};

/** A listed conflict, and where the archive has the document as it was before the restore. */
interface SavedConflict {
  conflict: Conflict;
  ordinal: number;
}

class UndoComparison {
  readonly found: ComparedUndo[] = [];
  readonly conflicts: Conflict[] = [];
  readonly #input: CompareUndoInput;
  readonly #client: MongoClient;
  readonly #context: TaskContext;
  readonly #kernel = new BsonKernel();
  #saved: SavedConflict[] = [];
  #done = 0;

  constructor(input: CompareUndoInput, client: MongoClient, context: TaskContext) {
    this.#input = input;
    this.#client = client;
    this.#context = context;
  }

  async add(namespace: CompareUndoNamespace): Promise<void> {
    const { by } = namespace;
    const compared = by.kind === 'entries' ? await this.#byEntries(namespace, by) : await this.#byDigest(namespace, by);
    this.found.push(compared);
  }

  async #byEntries(
    namespace: CompareUndoNamespace,
    { first, count }: { first: number; count: number },
  ): Promise<ComparedUndo> {
    const { files, expected, folder } = this.#input;
    const writer = new DifferingWriter(folder, namespace.index);
    const compared = { index: namespace.index, same: 0, conflicts: 0, othersChanged: 0 };
    try {
      if (count > 0 && expected) {
        const reader = await UndoEntriesReader.open(files, expected);
        try {
          const batches = this.#batches(reader, first, count);
          for await (const { entries, live } of mapAhead(batches, ahead, (batch) => this.#fetch(namespace, batch))) {
            for (const entry of entries)
              this.#judge(namespace, entry, live.get(idKey(entry.id)) ?? null, writer, compared);
            this.#progress(namespace, entries.length);
          }
        } finally {
          await reader.close();
        }
      }
      await this.#addSaved(namespace);
      const { changed, onlyInBackup, onlyInTarget } = await writer.finish();
      return { ...compared, changed, onlyInBackup, onlyInTarget };
    } catch (error) {
      writer.close();
      throw error;
    }
  }

  async *#batches(reader: UndoEntriesReader, first: number, count: number): AsyncGenerator<UndoEntry[]> {
    for (let at = 0; at < count; at += entriesAtOnce) {
      if (this.#context.signal.aborted) fail('cancelled', 'Cancelled.');
      yield await reader.read(first + at, Math.min(entriesAtOnce, count - at));
    }
  }

  async #fetch(
    { database, collection }: CompareUndoNamespace,
    entries: UndoEntry[],
  ): Promise<{ entries: UndoEntry[]; live: Map<string, Buffer> }> {
    const written = entries.filter(({ kind }) => kind !== 'held');
    const target = { client: this.#client, database, collection, readPreference: 'primary' as const };
    const ids = written.map(({ id }) => id);
    return { entries: written, live: await fetchInParts(target, ids) };
  }

  #judge(
    { ns }: CompareUndoNamespace,
    { kind, id, ordinal, before, after }: UndoEntry,
    live: Buffer | null,
    writer: DifferingWriter,
    compared: { same: number; conflicts: number },
  ): void {
    const hash = live && this.#kernel.hash128(live);
    const is = (state: Buffer | null): boolean =>
      state === null ? hash === null : hash !== null && hash.equals(state);
    if (is(before)) compared.same++;
    else if (!is(after)) {
      compared.conflicts++;
      this.#conflict(ns, id, live, before === null ? null : ordinal);
    } else if (kind === 'delete') writer.onlyInBackup(ordinal ?? 0, 0, 0);
    else if (live && hash) {
      const record = Buffer.alloc(recordBytes);
      hash.copy(record, 8);
      const element = findId(live);
      const packed = element ? packValue(element) : id;
      writer.live(kind === 'insert' ? 'onlyInTarget' : 'changed', ordinal, { source: record, at: 0 }, idOf(packed));
    }
  }

  /** `ordinal`: of the document before the restore; null: there was none. */
  #conflict(ns: string, id: Buffer, live: Buffer | null, ordinal: number | null): void {
    if (this.conflicts.length >= listedConflicts) return;
    const reason = live === null ? 'It was deleted since the restore.' : 'It was changed since the restore.';
    const conflict: Conflict = { ns, id: valueToExtendedJson(id), reason, versions: versionOf('now', live) };
    if (ordinal === null) conflict.versions = { ...conflict.versions, backup: null };
    else this.#saved.push({ conflict, ordinal });
    this.conflicts.push(conflict);
  }

  /** What the namespace's listed conflicts were before the restore. */
  async #addSaved({ archivedAs }: CompareUndoNamespace): Promise<void> {
    const saved = new Map(this.#saved.map((each) => [each.ordinal, each.conflict]));
    this.#saved = [];
    if (archivedAs === null || saved.size === 0) return;
    const { archive: path, blockIndex } = this.#input;
    const archive = await OpenArchive.open({ archivePath: path, blocksPath: blockIndex });
    try {
      for await (const { ordinal, document } of archive.readDocuments(archivedAs, saved.keys(), this.#context.signal)) {
        const conflict = saved.get(ordinal);
        if (conflict) conflict.versions = { ...conflict.versions, ...versionOf('backup', document) };
      }
    } finally {
      await archive.close();
    }
  }

  /** Takes over a whole comparison, without the live documents that the restore did not bring. */
  async #byDigest(
    namespace: CompareUndoNamespace,
    { comparedFolder, comparedIndex, restoredAs }: Extract<CompareUndoNamespace['by'], { kind: 'digest' }>,
  ): Promise<ComparedUndo> {
    const { folder, files } = this.#input;
    const { index, ns, rebuild } = namespace;
    const reader = await DifferingReader.open(comparedFolder, comparedIndex);
    const writer = new DifferingWriter(folder, index);
    const lists = rebuild === null ? null : new RebuildLists(folder, index, rebuild);
    let conflicts = 0;
    let othersChanged = 0;
    try {
      for await (const entry of entriesOf(reader, 'onlyInBackup')) writer.onlyInBackup(entry.ordinal ?? 0, 0, 0);
      for (const change of ['changed', 'onlyInTarget'] as const) {
        const ours = await this.#restored(reader, change, files.restored, restoredAs);
        let at = 0;
        for await (const { ordinal, id, documentHash } of entriesOf(reader, change)) {
          if (id && documentHash && (ours[at >> 3] ?? 0) & (1 << (at & 7))) {
            const record = Buffer.alloc(recordBytes);
            documentHash.copy(record, 8);
            writer.live(change, ordinal, { source: record, at: 0 }, idOf(id));
          } else {
            conflicts++;
            if (ordinal !== null) othersChanged++;
            if (id && documentHash) lists?.addOther(change, ordinal, id, documentHash);
            if (this.conflicts.length < listedConflicts) {
              this.conflicts.push({
                ns,
                id: id ? valueToExtendedJson(id) : 'null',
                reason: 'It was changed or inserted since the restore.',
                versions: null,
              });
            }
          }
          at++;
        }
      }
      const { wholeBackup } = reader.counts;
      const counts = await writer.finish();
      if (wholeBackup) await writeCounts(writer.folder, { ...counts, wholeBackup: true });
      await lists?.finish();
      const { changed, onlyInBackup, onlyInTarget } = counts;
      return { index, same: 0, changed, onlyInBackup, onlyInTarget, conflicts, othersChanged };
    } catch (error) {
      writer.close();
      lists?.close();
      throw error;
    } finally {
      await reader.close();
    }
  }

  /** A bit for each live document of the list: set where the restored backup holds exactly that document. */
  async #restored(
    reader: DifferingReader,
    change: 'changed' | 'onlyInTarget',
    digestPath: string,
    restoredAs: string | null,
  ): Promise<Uint8Array> {
    const bits = new Uint8Array(Math.ceil(reader.counts[change] / 8));
    if (restoredAs === null || bits.length === 0) return bits;
    const digest = await DigestFile.open(digestPath);
    try {
      let hashes = new Set<string>();
      const mark = async (): Promise<void> => {
        let at = 0;
        for await (const { documentHash } of entriesOf(reader, change)) {
          if (documentHash && hashes.has(documentHash.toString('latin1')))
            bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
          at++;
        }
        hashes = new Set();
      };
      for await (const { records, count } of digest.iterate(restoredAs)) {
        if (this.#context.signal.aborted) fail('cancelled', 'Cancelled.');
        for (let at = 0; at < count; at++) {
          hashes.add(records.toString('latin1', at * recordBytes + 8, (at + 1) * recordBytes));
        }
        if (hashes.size >= hashesAtOnce) await mark();
      }
      await mark();
      return bits;
    } finally {
      await digest.close();
    }
  }

  #progress({ ns }: CompareUndoNamespace, documents: number): void {
    this.#done += documents;
    const { documents: documentsTotal } = this.#input;
    this.#context.report({ phase: `Comparing ${ns}`, documentsDone: this.#done, documentsTotal });
  }
}

/** Null where it is too long to be shown in a list. */
function versionOf(name: 'backup' | 'now', document: Buffer | null): Conflict['versions'] {
  if (document === null) return { [name]: null };
  return document.length > longestVersion ? null : { [name]: toExtendedJson(document) };
}

function idOf(packed: Buffer): { type: number; source: Buffer; start: number; end: number } {
  return { type: packed[0] ?? 0, source: packed, start: 1, end: packed.length };
}

async function* entriesOf(
  reader: DifferingReader,
  change: DifferingEntry['change'],
): AsyncGenerator<DifferingEntry, void, undefined> {
  const atOnce = 4096;
  const total = reader.counts[change];
  for (let first = 0; first < total; first += atOnce) {
    yield* await reader.read(change, first, Math.min(atOnce, total - first));
  }
}
