/** Documents that unique indexes of the target would refuse, found before they are written: asks the live collection. */
import type { MongoClient } from 'mongodb';
import { findId, packValue } from '../../diff/bson-reader';
import { idKey } from '../documents/raw-documents';
import { codeOf } from '../writing/server-errors';
import { shownPacked, type DocumentKey, type IndexReader, type Keys } from './index-reader';
import { Simulation, type SimulatedWrite } from './simulate-writes';
import { streamsOf, type Candidate, type ForeseenMode, type Named, type Stream } from './streams';

export interface ExistingIndexesOptions {
  client: MongoClient;
  database: string;
  collection: string;
  readers: readonly IndexReader[];
  signal: AbortSignal;
}

/** What comes of one mode. */
export interface ModeOutcome {
  /** By index. */
  refused: Named[][];
  /** By idKey: everything that is not written. */
  unwritten: Set<string>;
}

interface Stored {
  id: Buffer;
  key: string;
  isLive: boolean;
  before: Keys[];
  after: Partial<Record<Stream, { keys: Keys[]; bytes: number; rejected: boolean }>>;
}

interface Holder {
  key: DocumentKey;
  id: Buffer;
}

const streams: readonly Stream[] = ['insert', 'replace', 'merge', 'pick'];
/** Conditions of one question. */
const together = 200;
const questionTimeout = 60_000;
const tookTooLong = 50;

/** The unique indexes of one collection: fed with candidates a chunk at a time. */
export class ExistingIndexes {
  readonly #options: ExistingIndexesOptions;
  readonly #stored: Stored[] = [];
  /** By index: documents of the collection that hold a key which a candidate would take. */
  readonly #holders: Holder[][];
  /** By index: the target took too long to answer. */
  readonly slow: boolean[];

  constructor(options: ExistingIndexesOptions) {
    this.#options = options;
    this.#holders = options.readers.map(() => []);
    this.slow = options.readers.map(() => false);
  }

  /** `rejected`: the validator refuses this version. Driver errors pass through. */
  async add(candidates: readonly Candidate[], rejected: (stream: Stream, id: Buffer) => boolean): Promise<void> {
    const { readers, signal } = this.#options;
    const stored = candidates.map((candidate): Stored => {
      const after: Stored['after'] = {};
      for (const stream of streams) {
        const version = candidate.versions[stream];
        if (version) after[stream] = { keys: [], bytes: version.length, rejected: rejected(stream, candidate.id) };
      }
      return { id: candidate.id, key: idKey(candidate.id), isLive: candidate.live !== null, before: [], after };
    });
    for (const [at, reader] of readers.entries()) {
      const lives = await reader.keysOf(candidates.flatMap(({ live }) => live ?? []));
      candidates.forEach(({ live }, position) => stored[position]?.before.push(live ? (lives.shift() ?? []) : []));
      for (const stream of streams) {
        const versions = await reader.keysOf(candidates.flatMap((candidate) => candidate.versions[stream] ?? []));
        candidates.forEach((candidate, position) => {
          if (candidate.versions[stream]) stored[position]?.after[stream]?.keys.push(versions.shift() ?? []);
        });
      }
      const wanted = new Map<string, DocumentKey>();
      for (const key of stored.flatMap((one) => newKeys(one, at))) {
        wanted.set(reader.collation ? String(wanted.size) : key.text, key);
      }
      const keys = [...wanted.values()];
      for (let first = 0; first < keys.length && !signal.aborted; first += together) {
        if (this.slow[at] !== true) await this.#ask(at, keys.slice(first, first + together));
      }
    }
    this.#stored.push(...stored);
  }

  async #ask(at: number, keys: readonly DocumentKey[]): Promise<void> {
    const { client, database, collection, readers } = this.#options;
    const reader = readers[at];
    if (!reader) return;
    const cursor = client
      .db(database)
      .collection(collection)
      .find(
        { $and: [reader.filter, { $or: keys.map((key) => reader.conditionOf(key)) }] },
        {
          raw: true,
          readPreference: 'primary',
          maxTimeMS: questionTimeout,
          projection: reader.projection,
          collation: reader.collation ?? { locale: 'simple' },
        },
      );
    try {
      for await (const answer of cursor) {
        const view = answer as unknown as Uint8Array;
        const live = Buffer.from(Buffer.from(view.buffer, view.byteOffset, view.length));
        const element = findId(live);
        const found = reader.keysOfMember(live);
        if (!element || found === 'refused') continue;
        const id = packValue(element);
        for (const key of found) this.#holders[at]?.push({ key, id });
      }
    } catch (error) {
      if (codeOf(error) !== tookTooLong) throw error;
      this.slow[at] = true;
    }
  }

  /** Documents of the target that stand in the way of one, by idKey. */
  holders(): Set<string> {
    return new Set(this.#holders.flatMap((all) => all.map(({ id }) => idKey(id))));
  }

  /** To be called once all candidates were added. Driver errors pass through. */
  async askCollations(): Promise<void> {
    for (const reader of this.#options.readers) await reader.askCollation();
  }

  /**
   * What the mode would not write. `enforced`: by index, whether it is there while the mode writes; `gone`: what the mode
   * deletes before, by idKey; `isValidated`: it does not write past the validator.
   */
  outcomeOf(
    mode: ForeseenMode,
    enforced: readonly boolean[],
    gone: ReadonlySet<string>,
    isValidated: boolean,
  ): ModeOutcome {
    const { readers } = this.#options;
    const simulation = new Simulation(readers.length);
    const ids = new Map<string, Buffer>();
    const textsOf = (keys: Keys | undefined, at: number): string[] =>
      !keys || keys === 'refused' || enforced[at] !== true
        ? []
        : keys.map((key) => readers[at]?.textOf(key) ?? key.text);
    this.#holders.forEach((holders, at) => {
      if (enforced[at] !== true) return;
      for (const { key, id } of holders) {
        if (gone.has(idKey(id))) continue;
        ids.set(idKey(id), id);
        simulation.hold(at, readers[at]?.textOf(key) ?? key.text, idKey(id));
      }
    });
    const refused: Named[][] = readers.map(() => []);
    const unwritten = new Set<string>();
    const keysByText = new Map<string, { reader: IndexReader; key: DocumentKey }>();
    const writes = this.#stored.flatMap((one): SimulatedWrite[] => {
      const stream = streamsOf[mode].find((wanted) => one.after[wanted] !== undefined);
      const version = stream && one.after[stream];
      if (!version) return [];
      ids.set(one.key, one.id);
      const barred = version.keys.findIndex((keys, at) => keys === 'refused' && enforced[at] === true);
      if (barred >= 0) refused[barred]?.push({ id: one.id, detail: 'cannot be indexed, for the arrays it holds' });
      const invalid = (isValidated && version.rejected) || barred >= 0;
      if (invalid) unwritten.add(one.key);
      const after = version.keys.map((keys, at) => {
        const texts = textsOf(keys, at);
        const reader = readers[at];
        if (keys !== 'refused' && reader) {
          texts.forEach((text, place) => {
            const key = keys[place];
            if (key) keysByText.set(`${at} ${text}`, { reader, key });
          });
        }
        return texts;
      });
      const before = one.before.map(textsOf);
      return [{ id: one.key, kind: one.isLive ? 'replace' : 'insert', bytes: version.bytes, invalid, before, after }];
    });
    const taken = new Set(writes.map(({ id }) => id));
    for (const one of this.#stored) {
      // What this mode leaves as it is stands in the way of others.
      if (!taken.has(one.key))
        one.before.forEach((keys, at) => textsOf(keys, at).forEach((text) => simulation.hold(at, text, one.key)));
    }
    for (const { write, blocked } of simulation.run(writes)) {
      unwritten.add(write.id);
      for (const { index, text, holder } of blocked) {
        const named = keysByText.get(`${index} ${text}`);
        const id = ids.get(write.id);
        if (!named || !id) continue;
        const other = ids.get(holder);
        const where = this.#isOfBackup(holder, mode) ? 'of the backup has too' : 'has in the target';
        const detail = `${named.reader.describe(named.key)}, which ${shownPacked(other ?? null)} ${where}`;
        refused[index]?.push({ id, detail });
      }
    }
    return { refused, unwritten };
  }

  #byKey: Map<string, Stored> | null = null;

  #isOfBackup(holder: string, mode: ForeseenMode): boolean {
    this.#byKey ??= new Map(this.#stored.map((one) => [one.key, one]));
    const one = this.#byKey.get(holder);
    return one !== undefined && streamsOf[mode].some((stream) => one.after[stream] !== undefined);
  }
}

/** Keys that a version of the document would have and the target's has not. */
function newKeys({ before, after }: Stored, at: number): DocumentKey[] {
  const had = before[at];
  const texts = new Set(had === 'refused' ? [] : had?.map(({ text }) => text));
  return Object.values(after).flatMap(({ keys }) => {
    const own = keys[at];
    if (!own || own === 'refused') return [];
    // Under a collation the texts are not known yet.
    return own.filter(({ text }) => text === '' || !texts.has(text));
  });
}
