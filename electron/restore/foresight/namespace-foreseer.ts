/** What would come of one collection: first of the target's own validator and indexes, then of the indexes to be built. */
import { join } from 'node:path';
import type { MongoClient } from 'mongodb';
import { throwIfCancelled } from '../../archive/archive-damage';
import { valueToExtendedJson } from '../../archive/extended-json';
import type { BsonKernel } from '../../archive/kernel/bson-kernel';
import { findId, packValue } from '../../diff/bson-reader';
import { DifferingReader } from '../../diff/differing-files';
import { mergeDocuments } from '../../diff/merge-documents';
import { pickFields } from '../../diff/pick-fields';
import type { TaskContext } from '../../jobs/task';
import type { RestoreMode } from '../../../shared/diff';
import { PickedPositions } from '../../../shared/picks';
import { defaultMetadata } from '../../../shared/restore';
import { AppFailure } from '../../../shared/result';
import { forEachDifference, type BothSides, type Placed } from '../documents/document-pairs';
import { idKey } from '../documents/raw-documents';
import { bitsOf, BuiltIndex, type BuiltMode } from './built-index';
import { ExistingIndexes, type ModeOutcome } from './existing-indexes';
import type { ForesightNamespace, ForesightTaskInput, NamespaceForesight, Refused } from './foresight-input';
import { IndexReader } from './index-reader';
import { streamsOf, type Candidate, type ForeseenMode, type Named, type Stream } from './streams';
import { ValidatorCheck } from './validator-check';

/** Documents looked at under existing indexes and validators: it must stay affordable right before writing, too. */
export const mostChecked = 100_000;
/** Of a collection that the target lacks: bytes of the backup read to find keys that it holds twice. */
const mostBytesOfBackup = 2 * 1024 * 1024 * 1024;
const chunkDocuments = 1000;
const chunkBytes = 16 * 1024 * 1024;
const mostObjects = 100;
const longestId = 300;

const previewed: readonly ForeseenMode[] = ['insert-missing', 'overwrite', 'merge', 'exact'];
const writtenBy: Readonly<Record<Stream, readonly BuiltMode[]>> = {
  insert: ['insert-missing', 'overwrite', 'merge', 'exact', 'whole'],
  replace: ['overwrite', 'exact', 'whole'],
  merge: ['merge'],
  pick: ['pick'],
};
const streams: readonly Stream[] = ['insert', 'replace', 'merge', 'pick'];

function foreseenOf(mode: RestoreMode | null): readonly ForeseenMode[] {
  if (mode === null) return previewed;
  return mode === 'clone' || mode === 'drop' ? ['exact'] : [mode];
}

function builtOf(mode: RestoreMode | null): readonly BuiltMode[] {
  if (mode === null) return [...previewed, 'whole'];
  return mode === 'clone' || mode === 'drop' ? ['whole'] : [mode];
}

function named(all: readonly Named[], total = all.length): Refused {
  const objects = all.slice(0, mostObjects).map(({ id, detail }) => {
    const text = valueToExtendedJson(id);
    return { id: text.length > longestId ? `${text.slice(0, longestId)}…` : text, detail };
  });
  return { total, objects };
}

function byMode<Mode extends string>(
  modes: readonly Mode[],
  of: (mode: Mode) => Refused | null,
): Partial<Record<Mode, Refused>> {
  const found: Partial<Record<Mode, Refused>> = {};
  for (const mode of modes) {
    const refused = of(mode);
    if (refused && refused.total > 0) found[mode] = refused;
  }
  return found;
}

/** A document that differs, with what each mode would make of it. */
interface Entry extends Candidate {
  /** Only in the target; by the modes that delete it. */
  deletedBy: readonly BuiltMode[];
}

export class NamespaceForeseer {
  readonly #input: ForesightTaskInput;
  readonly #namespace: ForesightNamespace;
  readonly #client: MongoClient;
  readonly #kernel: BsonKernel;
  readonly #context: TaskContext;
  readonly #foreseen: readonly ForeseenMode[];
  readonly #picked: PickedPositions | null;

  constructor(
    input: ForesightTaskInput,
    namespace: ForesightNamespace,
    client: MongoClient,
    kernel: BsonKernel,
    context: TaskContext,
  ) {
    this.#input = input;
    this.#namespace = namespace;
    this.#client = client;
    this.#kernel = kernel;
    this.#context = context;
    this.#foreseen = foreseenOf(input.mode);
    const { picks, counts } = namespace;
    this.#picked = picks ? new PickedPositions(picks[0]?.ns ?? '', picks, counts) : null;
  }

  async run(): Promise<NamespaceForesight> {
    const { existing, built, validator: rules, counts, plan } = this.#namespace;
    const readers = existing.map(({ index }) => this.#reader(index));
    const validator = rules && new ValidatorCheck(this.#server, rules);
    const indexes = new ExistingIndexes({
      client: this.#client,
      database: this.#namespace.database,
      collection: this.#namespace.collection,
      readers,
      signal: this.#context.signal,
    });
    const documents = counts.onlyInBackup + counts.changed;
    const outcomes = new Map<ForeseenMode, ModeOutcome>();
    let checked = documents;
    if (validator || readers.length > 0) {
      checked = Math.min(documents, mostChecked);
      await this.#forEachChunk(checked, Infinity, async (chunk) => {
        await validator?.add(chunk);
        const rejects = rules?.onlyWarns === false;
        await indexes.add(chunk, (stream, id) => rejects && validator?.isRejected(stream, id) === true);
      });
      await indexes.askCollations();
      const holders = indexes.holders();
      for (const mode of this.#foreseen) {
        const enforced = existing.map(({ kind }) => this.#isEnforced(mode, kind));
        const gone = await this.#deletedAmong(holders, mode);
        outcomes.set(mode, indexes.outcomeOf(mode, enforced, gone, mode !== 'exact'));
      }
    }
    const torn = existing.flatMap(({ index, kind }, at) =>
      kind === 'same' && (outcomes.get('exact')?.refused[at]?.length ?? 0) > 0 ? [index] : [],
    );
    return {
      index: plan.index,
      checked,
      documents,
      validator: validator && {
        refused: byMode(this.#foreseen, (mode) =>
          mode === 'exact'
            ? null
            : named(validator.rejectedOf(streamsOf[mode]).map((id) => ({ id, detail: 'breaks the validator' }))),
        ),
        onlyWarns: rules?.onlyWarns ?? false,
        unchecked: validator.unchecked,
      },
      existing: existing.map(({ index, kind }, at) => ({
        name: index.name,
        kind,
        refused: byMode(this.#foreseen, (mode) => named(outcomes.get(mode)?.refused[at] ?? [])),
        complete: indexes.slow[at] !== true && readers[at]?.isComplete !== false,
      })),
      built: await this.#judgeBuilt(outcomes, [
        ...built.map((index) => ({ index, modes: builtOf(this.#input.mode) })),
        ...torn.map((index) => ({ index, modes: builtOf(this.#input.mode).filter((mode) => mode === 'whole') })),
      ]),
    };
  }

  get #server(): { client: MongoClient; database: string; showing: ForesightTaskInput['showing'] } {
    return { client: this.#client, database: this.#namespace.database, showing: this.#input.showing };
  }

  #reader(index: ForesightNamespace['built'][number]): IndexReader {
    return new IndexReader(index, this.#server);
  }

  #isEnforced(mode: ForeseenMode, kind: ForesightNamespace['existing'][number]['kind']): boolean {
    const { changedIndexes, extraIndexes } = this.#input.metadata ?? defaultMetadata(mode);
    return kind === 'same' || !(kind === 'changed' ? changedIndexes : extraIndexes);
  }

  async #judgeBuilt(
    outcomes: ReadonlyMap<ForeseenMode, ModeOutcome>,
    wanted: readonly { index: ForesightNamespace['built'][number]; modes: readonly BuiltMode[] }[],
  ): Promise<NamespaceForesight['built']> {
    const judged = wanted.filter(({ modes }) => modes.length > 0);
    if (judged.length === 0) return [];
    const { plan, counts, database, collection } = this.#namespace;
    const expected = counts.onlyInBackup + counts.changed * 2 + counts.onlyInTarget + counts.inTarget;
    const folder = join(this.#input.previewFolder, `keys-${plan.index}`);
    const indexes = judged.map(({ index, modes }, at) => {
      const reader = this.#reader(index);
      return { modes, reader, built: new BuiltIndex(reader, this.#kernel, join(folder, String(at)), expected) };
    });
    try {
      const documents = counts.onlyInBackup + counts.changed + counts.onlyInTarget;
      const most = plan.target ? Infinity : mostBytesOfBackup;
      const isWhole = await this.#forEachChunk(documents, most, async (chunk) => {
        for (const { reader, built } of indexes) await this.#addTo(built, reader, chunk, outcomes);
      });
      for (const { built } of indexes) {
        if (!isWhole) built.isComplete = false;
        if (!plan.target) continue;
        await built.scan(this.#client, { database, collection }, this.#context.signal, (done) =>
          this.#report(`Looking for equal keys in ${database}.${collection}`, done, counts.inTarget),
        );
        throwIfCancelled(this.#context.signal);
      }
      const found: NamespaceForesight['built'] = [];
      for (const { built, modes } of indexes) {
        const sharing = await built.sharing(modes);
        const refused = byMode(modes, (mode) => {
          const { objects, total } = sharing.get(mode) ?? { objects: [], total: 0 };
          return named(objects, total);
        });
        found.push({ name: built.name, refused, complete: built.isComplete });
      }
      return found;
    } finally {
      for (const { built } of indexes) await built.remove();
    }
  }

  async #addTo(
    built: BuiltIndex,
    reader: IndexReader,
    chunk: readonly Entry[],
    outcomes: ReadonlyMap<ForeseenMode, ModeOutcome>,
  ): Promise<void> {
    const isWritten = (mode: BuiltMode, key: string): boolean =>
      mode === 'whole' || outcomes.get(mode)?.unwritten.has(key) !== true;
    const leaving = chunk.map((entry) => {
      const key = idKey(entry.id);
      const modes = streams.flatMap((stream) => (entry.versions[stream] ? writtenBy[stream] : []));
      return bitsOf([...modes, ...entry.deletedBy].filter((mode) => isWritten(mode, key)));
    });
    const lives = await reader.keysOf(chunk.flatMap(({ live }) => live ?? []));
    chunk.forEach(({ id, live }, at) => {
      if (live) built.add('leaving', leaving[at] ?? 0, id, lives.shift() ?? []);
    });
    for (const stream of streams) {
      const some = chunk.filter(({ versions }) => versions[stream] !== undefined);
      const keys = await reader.keysOf(some.flatMap(({ versions }) => versions[stream] ?? []));
      some.forEach(({ id }, at) => {
        const modes = writtenBy[stream].filter((mode) => isWritten(mode, idKey(id)));
        built.add('coming', bitsOf(modes), id, keys[at] ?? []);
      });
    }
  }

  #report(phase: string, documentsDone: number, documentsTotal: number): void {
    this.#context.report({ phase, documentsDone, documentsTotal });
  }

  /** The first `limit` entries of the list, some at a time; false when `bytes` of the backup were not enough for them. */
  async #forEachChunk(
    limit: number,
    bytes: number,
    visit: (chunk: readonly Entry[]) => Promise<void>,
  ): Promise<boolean> {
    const { plan, database, collection } = this.#namespace;
    const { previewFolder, archive, blockIndex, readPreference } = this.#input;
    const stop = new AbortController();
    const cancel = (): void => stop.abort();
    this.#context.signal.addEventListener('abort', cancel);
    let chunk: Entry[] = [];
    let held = 0;
    let done = 0;
    let read = 0;
    const flush = async (): Promise<void> => {
      const entries = chunk;
      chunk = [];
      held = 0;
      if (entries.length > 0) await visit(entries);
      this.#report(`Looking for problems in ${database}.${collection}`, done, limit);
    };
    try {
      await forEachDifference(
        {
          previewFolder,
          archive,
          blockIndex,
          namespace: plan,
          readPreference,
          withTarget: (fn) => fn(this.#client),
          signal: stop.signal,
        },
        limit,
        async (placed, sides) => {
          if (read > bytes) return;
          done++;
          const entry = this.#entryOf(placed, sides);
          read += sides.backup?.length ?? 0;
          held += (sides.backup?.length ?? 0) + (sides.target?.length ?? 0);
          if (entry) chunk.push(entry);
          if (chunk.length >= chunkDocuments || held >= chunkBytes) await flush();
          if (read > bytes) stop.abort();
        },
      );
    } catch (error) {
      if (read <= bytes || this.#context.signal.aborted) throw error;
    } finally {
      this.#context.signal.removeEventListener('abort', cancel);
    }
    await flush();
    return read <= bytes;
  }

  #entryOf({ index, entry }: Placed, { backup, target }: BothSides): Entry | null {
    const element = backup ? findId(backup) : target && findId(target);
    if (!element) return null;
    const id = packValue(element);
    const { mode } = this.#input;
    const part = this.#picked?.partOf(entry.change, index - this.#firstOf(entry.change)) ?? null;
    if (!backup) {
      const deletedBy: BuiltMode[] = mode === 'pick' ? (part === null ? [] : ['pick']) : ['exact', 'whole'];
      return { id, live: target, versions: {}, deletedBy };
    }
    const entryOf = (versions: Entry['versions']): Entry => ({ id, live: target, versions, deletedBy: [] });
    if (mode === 'pick') {
      if (part === null) return entryOf({});
      const pick = part === 'whole' || !target ? backup : pickedVersion(backup, target, part);
      return entryOf(pick ? { pick } : {});
    }
    if (!target) return entryOf({ insert: backup });
    const merged = mergeDocuments(backup, target);
    return entryOf(merged === target ? { replace: backup } : { replace: backup, merge: merged });
  }

  #firstOf(change: Placed['entry']['change']): number {
    const { onlyInBackup, changed } = this.#namespace.counts;
    return change === 'onlyInBackup' ? 0 : change === 'changed' ? onlyInBackup : onlyInBackup + changed;
  }

  /** Those of the documents, by idKey, that the mode deletes before it writes. */
  async #deletedAmong(holders: ReadonlySet<string>, mode: ForeseenMode): Promise<Set<string>> {
    const gone = new Set<string>();
    if ((mode !== 'exact' && mode !== 'pick') || holders.size === 0) return gone;
    const reader = await DifferingReader.open(this.#input.previewFolder, this.#namespace.plan.index);
    try {
      const total = reader.counts.onlyInTarget;
      for (let first = 0; first < total; first += chunkDocuments) {
        throwIfCancelled(this.#context.signal);
        const entries = await reader.read('onlyInTarget', first, Math.min(chunkDocuments, total - first));
        entries.forEach(({ id }, at) => {
          if (!id || !holders.has(idKey(id))) return;
          if (mode === 'exact' || this.#picked?.partOf('onlyInTarget', first + at)) gone.add(idKey(id));
        });
      }
    } finally {
      await reader.close();
    }
    return gone;
  }
}

/** Null: nothing changes, or a path cannot be put back by itself, which is refused elsewhere before anything is written. */
function pickedVersion(backup: Buffer, live: Buffer, paths: readonly (readonly string[])[]): Buffer | null {
  try {
    const picked = pickFields(backup, live, paths);
    return picked === live ? null : picked;
  } catch (error) {
    if (error instanceof AppFailure) return null;
    throw error;
  }
}
