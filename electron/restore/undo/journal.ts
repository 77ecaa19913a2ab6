/**
 * What is known of each restore on disk: `restores/<id>/journal.json`, durable at every step, and beside it the preview
 * it was applied from, so that a restore whose process died can go on, be undone or be left.
 */
import { link, copyFile, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { effectSchema, restoreModeSchema, type Effect } from '../../../shared/diff';
import { applyRequestSchema, restoreOutcomeSchema, restoreStates, type RestoreSummary } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import { syncFolder, writeFileAtomically } from '../../platform/durable-file';
import { readJsonFile, writeJsonFile } from '../../platform/json-file';
import { processIdentity, processIdentitySchema } from '../../platform/process-identity';

const journalSchema = z.object({
  formatVersion: z.literal(1),
  restoreId: z.string(),
  state: z.enum(restoreStates),
  /** `prepared`: nothing was written yet. `writing`: the undo, if any, is durable, and writing may have begun. */
  step: z.enum(['prepared', 'writing', 'proof', 'ended']),
  /** The mongorestore that it started last, which may outlive it. */
  tool: processIdentitySchema.nullable(),
  /** Who runs it, or ran it last. */
  identity: processIdentitySchema,
  jobId: z.string(),
  connectionId: z.string(),
  /** Of the replica set that is written to. */
  setId: z.string().nullable(),
  backupId: z.string(),
  target: z.string(),
  mode: restoreModeSchema,
  scope: z.string(),
  request: applyRequestSchema,
  startedAt: z.string(),
  effect: effectSchema,
  /** Known from when writing begins. */
  predicted: effectSchema.nullable(),
  /** Of its last run, once that has ended. */
  outcome: restoreOutcomeSchema.nullable().default(null),
  undoId: z.string().nullable(),
  undoUntil: z.string().nullable(),
  undoOf: z.string().nullable(),
  undoneBy: z.string().nullable(),
});
export type Journal = z.infer<typeof journalSchema>;

const restorePattern = /^restore-\d{8}T\d{6}Z-[0-9a-f]{8}$/;
/** Milliseconds between two notes of how far a restore is. */
const noteInterval = 1000;

export class JournalStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws 'not-found' for what is no restore's id, so that no id leads elsewhere. */
  folderOf(restoreId: string): string {
    if (!restorePattern.test(restoreId)) fail('not-found', 'There is no such restore.', 'See lifeboat restore list.');
    return join(this.#folder, restoreId);
  }

  previewFolderOf(restoreId: string): string {
    return join(this.folderOf(restoreId), 'preview');
  }

  #path(restoreId: string): string {
    return join(this.folderOf(restoreId), 'journal.json');
  }

  /** Keeps the preview with the restore, then begins its journal; both are durable when it resolves. */
  async create(journal: Omit<Journal, 'formatVersion' | 'identity'>, previewFolder: string): Promise<RunningJournal> {
    const folder = this.folderOf(journal.restoreId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await keepFolder(previewFolder, this.previewFolderOf(journal.restoreId));
    await syncFolder(this.#folder);
    return this.#begin({ ...journal, formatVersion: 1, identity: processIdentity() });
  }

  /** This process goes on with it. */
  async resume(journal: Journal, jobId: string): Promise<RunningJournal> {
    return this.#begin({ ...journal, state: 'running', jobId, identity: processIdentity() });
  }

  async #begin(journal: Journal): Promise<RunningJournal> {
    await this.save(journal);
    return new RunningJournal(journal, this.#path(journal.restoreId));
  }

  /** Durable and atomic. */
  async save(journal: Journal): Promise<void> {
    await writeJsonFile(this.#path(journal.restoreId), journal);
  }

  /** Throws 'not-found' or 'stored-file-damaged'. */
  async load(restoreId: string): Promise<Journal> {
    return readJsonFile(this.#path(restoreId), journalSchema, {
      absent: () => fail('not-found', `There is no restore ${restoreId}.`, 'See lifeboat restore list.'),
    });
  }

  /** All that can be read, newest first. */
  async list(): Promise<Journal[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const ids = names.filter((name) => restorePattern.test(name));
    const journals = await Promise.all(ids.map((id) => this.load(id).catch(() => null)));
    // Ids tell the second alone, and a restore and its undo may share one.
    return journals
      .filter((journal): journal is Journal => journal !== null)
      .sort((left, right) => Date.parse(right.startedAt) - Date.parse(left.startedAt));
  }

  /** Forgets the preview that was kept: it cannot go on any more. */
  async dropPreview(restoreId: string): Promise<void> {
    await rm(this.previewFolderOf(restoreId), { recursive: true, force: true });
  }
}

/** The journal of a restore that this process runs; its writes follow one another. */
export class RunningJournal {
  #journal: Journal;
  readonly #path: string;
  #writes: Promise<void> = Promise.resolve();
  #notedAt = 0;

  constructor(journal: Journal, path: string) {
    this.#journal = journal;
    this.#path = path;
  }

  get current(): Journal {
    return this.#journal;
  }

  /** Durable when it resolves. */
  async update(change: Partial<Journal>): Promise<void> {
    this.#journal = { ...this.#journal, ...change };
    const write = this.#writes.then(() => writeJsonFile(this.#path, this.#journal));
    this.#writes = write.catch(() => undefined);
    await write;
  }

  /** Now and then, and not flushed: only to tell how far it was. */
  note(effect: Effect): void {
    const now = Date.now();
    if (now - this.#notedAt < noteInterval) return;
    this.#notedAt = now;
    this.#journal = { ...this.#journal, effect: { ...effect } };
    this.#writes = this.#writes
      .then(() => writeFileAtomically(this.#path, `${JSON.stringify(this.#journal, null, 2)}\n`))
      .catch(() => undefined);
  }
}

/** A folder's files under a second name, flushed; copied where links cannot be made. Who owned it is left out. */
async function keepFolder(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await keepFolder(source, copy);
    else if (entry.name !== 'owner.json') {
      await link(source, copy).catch(() => copyFile(source, copy));
      await syncFile(copy);
    }
  }
  await syncFolder(to);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** One that was cut off after its first write; once it was undone there is nothing to go on with. */
export function canContinue({ state, step, undoneBy }: Journal): boolean {
  return ['interrupted', 'failed', 'cancelled'].includes(state) && step !== 'prepared' && undoneBy === null;
}

export function summaryOf(journal: Journal): RestoreSummary {
  const { restoreId, state, connectionId, backupId, target, mode, scope, startedAt, effect, predicted } = journal;
  const { undoId, undoUntil, undoOf, undoneBy, outcome, request } = journal;
  return {
    restoreId,
    state,
    connectionId,
    backupId,
    target,
    mode,
    scope,
    startedAt,
    effect,
    predicted,
    canContinue: canContinue(journal),
    outcome,
    undoDeclined: !request.undo,
    undoId,
    undoUntil,
    undoOf,
    undoneBy,
  };
}
