/**
 * The task 'restore.save-undo': reads every document that a restore is about to overwrite or delete and writes it into an
 * archive of its own, with an entry for each document to be written. Everything is flushed to the disk at its end.
 */
import { MongoClient } from 'mongodb';
import type { ArchivePrelude } from '../../archive/archive-prelude';
import { writeArchive, type ArchiveSource } from '../../archive/archive-writer';
import type { WrittenFile } from '../../archive/hashing-file';
import { BsonKernel } from '../../archive/kernel/bson-kernel';
import { OpenArchive } from '../../archive/open-archive';
import { writeBlockedArchive, type BlockedArchiveResult } from '../../archive/write-blocked-archive';
import type { BackupLocation } from '../../catalogue/backup-location';
import type { Task, TaskContext } from '../../jobs/task';
import { fail } from '../../../shared/result';
import { findId, packValue } from '../../diff/bson-reader';
import { KeepingDocuments } from '../documents/chosen-documents';
import type { AuthorizationKind } from '../writing/users-and-roles';
import type { WriteItem } from '../writing/write-item';
import { fetchInParts, idKey } from '../documents/raw-documents';
import { documentAfter, selectWrites, writeOrder } from '../writing/write-selection';
import type { WriteTaskNamespace } from '../writing/write-task';
import { mapAhead } from './map-ahead';
import { UndoEntriesWriter } from './undo-entries';
import { undoFilesOf } from './undo-record';

export const saveUndoTaskName = 'restore.save-undo';
export const saveUndoPhase = 'Saving what will be overwritten';

export interface SaveUndoInput {
  /** Connection string with secrets. */
  uri: string;
  previewFolder: string;
  /** Of the backup that is restored. */
  archive: string;
  blockIndex: string;
  /** Those that the target has, as they will be written. */
  namespaces: WriteTaskNamespace[];
  /** Every collection and view that was there and that the restore touches. */
  prelude: ArchivePrelude;
  /** Stored users and roles that are taken away; they are in the prelude where there are any. */
  authorizations: Record<AuthorizationKind, Uint8Array[]>;
  /** Where the undo is written: an existing folder of its own. */
  location: BackupLocation;
  /** 1 to 9. */
  level: number;
  documents: number;
}

export interface SavedNamespace {
  index: number;
  firstEntry: number;
  entries: number;
  /** Packed `_id`s by idKey that are not as in the preview any more: the restore leaves them alone. */
  heldBack: string[];
}

export interface SaveUndoOutput {
  archive: BlockedArchiveResult;
  entries: WrittenFile;
  ids: WrittenFile;
  namespaces: SavedNamespace[];
}

/** With more documents changed than this since the preview, it says nothing any more. */
const mostHeldBack = 100_000;
/** Batches that are read before the one at hand is written. */
const ahead = 2;

interface Read {
  items: WriteItem[];
  live: Map<string, Buffer>;
}

/** Removes what it made when it throws. Throws 'preview-stale' when too many documents changed since the preview. */
export const saveUndoTask: Task<SaveUndoInput, SaveUndoOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const entries = await UndoEntriesWriter.create(undoFilesOf(input.location));
  const opened = await OpenArchive.open({ archivePath: input.archive, blocksPath: input.blockIndex }).catch(
    async (error: unknown) => {
      await entries.discard();
      throw error;
    },
  );
  const save = new UndoSave(input, client, opened, entries, context);
  try {
    const archive = await writeBlockedArchive(writeArchive(input.prelude, save.sources()), {
      archivePath: input.location.archive,
      digestPath: input.location.digest,
      blocksPath: input.location.blockIndex,
      level: input.level,
      // They come from a server that checks them.
      validate: false,
      signal: context.signal,
    });
    const files = await entries.finish();
    return { archive, ...files, namespaces: save.saved };
  } catch (error) {
    await entries.discard();
    throw error;
  } finally {
    save.close();
    await opened.close();
    await client.close();
  }
};

class UndoSave {
  readonly #input: SaveUndoInput;
  readonly #client: MongoClient;
  readonly #documents: KeepingDocuments;
  readonly #entries: UndoEntriesWriter;
  readonly #context: TaskContext;
  readonly #kernel = new BsonKernel();
  readonly saved: SavedNamespace[] = [];
  #done = 0;

  constructor(
    input: SaveUndoInput,
    client: MongoClient,
    archive: OpenArchive,
    entries: UndoEntriesWriter,
    context: TaskContext,
  ) {
    this.#input = input;
    this.#client = client;
    this.#documents = new KeepingDocuments(archive, input.previewFolder);
    this.#entries = entries;
    this.#context = context;
  }

  close(): void {
    this.#documents.end();
  }

  *sources(): Generator<ArchiveSource> {
    for (const namespace of this.#input.namespaces) {
      const { database, collection } = namespace;
      yield { database, collection, documents: this.#liveOf(namespace) };
    }
    const { users, roles } = this.#input.authorizations;
    if (users.length > 0) yield { database: 'admin', collection: 'system.users', documents: users };
    if (roles.length > 0) yield { database: 'admin', collection: 'system.roles', documents: roles };
  }

  async *#liveOf(namespace: WriteTaskNamespace): AsyncGenerator<Buffer, void, undefined> {
    const saved: SavedNamespace = {
      index: namespace.index,
      firstEntry: this.#entries.count,
      entries: 0,
      heldBack: [],
    };
    const { previewFolder } = this.#input;
    this.#documents.begin(namespace.index);
    let ordinal = 0;
    for (const change of writeOrder) {
      const writes = selectWrites(previewFolder, this.#documents, namespace, change, this.#context.signal);
      for await (const { items, live } of mapAhead(writes, ahead, (batch) => this.#read(namespace, batch))) {
        const documents: Buffer[] = [];
        for (const item of items) {
          const now = live.get(idKey(item.id)) ?? null;
          if (await this.#add(item, now, ordinal, saved)) {
            documents.push(now ?? Buffer.alloc(0));
            ordinal++;
          }
        }
        this.#progress(namespace, items.length);
        if (documents.length > 0) yield Buffer.concat(documents);
      }
    }
    this.#documents.end();
    saved.entries = this.#entries.count - saved.firstEntry;
    this.saved.push(saved);
  }

  async #read({ database, collection }: WriteTaskNamespace, items: WriteItem[]): Promise<Read> {
    const target = { client: this.#client, database, collection, readPreference: 'primary' as const };
    const ids = items.map(({ id }) => id);
    return { items, live: await fetchInParts(target, ids) };
  }

  /** True when the live document goes into the archive, under `ordinal`. The same judgement as the writer's. */
  async #add(item: WriteItem, now: Buffer | null, ordinal: number, saved: SavedNamespace): Promise<boolean> {
    const before = now && this.#kernel.hash128(now);
    const expected = item.expectedHash === null ? before === null : before !== null && before.equals(item.expectedHash);
    if (!expected) {
      if (saved.heldBack.length >= mostHeldBack) {
        fail(
          'preview-stale',
          `More than ${mostHeldBack} documents changed since the preview.`,
          'Compare again, look at what changed, and apply then.',
        );
      }
      saved.heldBack.push(idKey(item.id));
      await this.#entries.add({ kind: 'held', id: item.id, ordinal: null, before: null, after: null });
      return false;
    }
    const after = documentAfter(item, now);
    // Nothing is written where nothing would change.
    if (now && after && now.equals(after)) return false;
    const element = now && findId(now);
    await this.#entries.add({
      kind: now === null ? 'insert' : after === null ? 'delete' : 'replace',
      id: element ? packValue(element) : item.id,
      ordinal: now ? ordinal : null,
      before,
      after: after && this.#kernel.hash128(after),
    });
    return now !== null;
  }

  #progress({ database, collection }: WriteTaskNamespace, documents: number): void {
    this.#done += documents;
    this.#context.report({
      phase: `${saveUndoPhase}: ${database}.${collection}`,
      documentsDone: this.#done,
      documentsTotal: this.#input.documents,
    });
  }
}
