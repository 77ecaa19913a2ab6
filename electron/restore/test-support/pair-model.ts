/** A whole database after a restore, as the slow model foretells it: collections, documents, indexes, options, the view. */
import { EJSON } from 'bson';
import type { Db, Document } from 'mongodb';
import type { Effect, RestoreMode } from '../../../shared/diff';
import type { MetadataChoice } from '../../../shared/restore';
import { byKey, modelDocuments, parseFields, type ModelPicks } from './slow-model';

export interface CollectionState {
  type: string;
  /** What defaults mean is left out. */
  options: Record<string, unknown>;
  /** By name; `_id_` is left out. */
  indexes: Map<string, string>;
  documents: Map<string, Buffer>;
}
export type DatabaseState = Map<string, CollectionState>;

/** Without what servers fill in: a level and an action without a validator say nothing, and `strict` and `error` nothing new. */
function essential(options: Document): Record<string, unknown> {
  const { validationLevel, validationAction, changeStreamPreAndPostImages, validator, ...others } = options;
  const filter = validator as Document | undefined;
  const images = changeStreamPreAndPostImages as { enabled?: boolean } | undefined;
  const kept: Record<string, unknown> = { ...others };
  if (filter && Object.keys(filter).length > 0) {
    kept['validator'] = filter;
    if (validationLevel !== undefined && validationLevel !== 'strict')
      kept['validationLevel'] = validationLevel as string;
    if (validationAction !== undefined && validationAction !== 'error')
      kept['validationAction'] = validationAction as string;
  }
  if (images?.enabled === true) kept['changeStreamPreAndPostImages'] = images;
  return kept;
}

async function readDocuments(db: Db, name: string): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for await (const document of db.collection(name).find({}, { raw: true })) {
    found.push(Buffer.from(document as unknown as Buffer));
  }
  return found;
}

/** Read through the driver, as it is. */
export async function readDatabase(db: Db): Promise<DatabaseState> {
  const state: DatabaseState = new Map();
  for (const info of await db.listCollections().toArray()) {
    if (info.name.startsWith('system.')) continue;
    const { type = 'collection', options = {} } = info as { type?: string; options?: Document };
    const isView = type === 'view';
    const indexes = isView ? [] : await db.collection(info.name).indexes();
    state.set(info.name, {
      type,
      options: essential(options),
      indexes: new Map(
        indexes.flatMap((index) =>
          index.name === undefined || index.name === '_id_' ? [] : [[index.name, EJSON.stringify(index)]],
        ),
      ),
      documents: isView ? new Map<string, Buffer>() : byKey(await readDocuments(db, info.name)),
    });
  }
  return state;
}

/** For {@link expect}: documents as texts. */
export function comparable(state: DatabaseState): unknown {
  return Object.fromEntries(
    [...state].map(([name, { type, options, indexes, documents }]) => [
      name,
      {
        type,
        options: EJSON.stringify(options),
        indexes: [...indexes].sort().map(([index, text]) => `${index} ${text}`),
        documents: [...documents].map(([key, document]) => `${key} ${document.toString('hex')}`).sort(),
      },
    ]),
  );
}

export interface ModelOrder {
  mode: RestoreMode;
  metadata: MetadataChoice;
  /** By collection. */
  picks: ReadonlyMap<string, ModelPicks>;
}

export interface ModelResult {
  after: DatabaseState;
  /** If the server let everything through. */
  predicted: Effect;
  /** Less what its validators refuse. */
  effect: Effect;
  /** Documents that a validator refuses, by collection. */
  refused: Map<string, Set<string>>;
  /** Indexes that cannot be built. */
  unbuilt: number;
  /** Two documents would have one value of a unique index that is there while they are written: which one stays depends. */
  contested: boolean;
}

const nothing: ModelPicks = { whole: new Set(), fields: new Map() };
const changeable = ['validator', 'validationLevel', 'validationAction', 'changeStreamPreAndPostImages'];

function field(document: Buffer | undefined, name: string): string | null {
  const found = document && parseFields(document).find(([other]) => other === name);
  return found ? found[1].bytes.toString('latin1') : null;
}

const rejectedText = '\x09\0\0\0rejected\0';

/** The only validators of the pair that refuse: no document may have `s: "rejected"`. */
function refuses(options: Record<string, unknown>): boolean {
  const validator = options['validator'] as { s?: unknown } | undefined;
  return validator?.s !== undefined && options['validationAction'] !== 'warn';
}

function hasTwice(documents: ReadonlyMap<string, Buffer>): boolean {
  const values = [...documents.values()].map((document) => field(document, 'u')).filter((value) => value !== null);
  return new Set(values).size < values.length;
}

function addEffect(sum: Effect, part: Effect): void {
  for (const name of ['insert', 'replace', 'delete', 'keep', 'conflict'] as const) sum[name] += part[name];
}

function collectionAfter(
  order: ModelOrder,
  backup: CollectionState | undefined,
  target: CollectionState | undefined,
  picks: ModelPicks,
  result: ModelResult,
  name: string,
): CollectionState | null {
  const { mode, metadata } = order;
  const isWhole = mode === 'clone' || mode === 'drop';
  const dropExtra = !isWhole && metadata.extraNamespaces;
  const before = target?.documents ?? new Map<string, Buffer>();
  const { after, effect } = modelDocuments(mode, backup?.documents ?? null, before, { picks, dropExtra });
  addEffect(result.predicted, effect);
  addEffect(result.effect, effect);
  if (mode === 'clone') return target ?? null;
  if (mode === 'drop') return backup ?? target ?? null;
  // A pick leaves what it does not empty.
  if (!backup) return !target || (dropExtra && after.size === 0) ? null : { ...target, documents: after };
  if (!target && mode === 'pick' && after.size === 0) return null;

  const standing = target ?? { ...backup, indexes: new Map<string, string>(), documents: new Map<string, Buffer>() };
  const bypassed =
    (mode === 'exact' || metadata.options || !target) &&
    (backup.options['validator'] !== undefined || target?.options['validator'] !== undefined);
  if (refuses(standing.options) && !bypassed) {
    for (const [key, document] of after) {
      const now = before.get(key);
      if (now?.equals(document) || field(document, 's') !== rejectedText) continue;
      result.refused.set(name, (result.refused.get(name) ?? new Set()).add(key));
      if (now) {
        after.set(key, now);
        result.effect.replace--;
      } else {
        after.delete(key);
        result.effect.insert--;
      }
    }
  }
  const indexes = new Map(standing.indexes);
  for (const index of indexes.keys()) if (!backup.indexes.has(index) && metadata.extraIndexes) indexes.delete(index);
  for (const [index, specification] of backup.indexes) {
    const there = standing.indexes.get(index);
    const wanted = there === undefined ? metadata.missingIndexes : there !== specification && metadata.changedIndexes;
    if (!wanted) continue;
    if (index === 'by_u' && hasTwice(after)) {
      result.unbuilt++;
      indexes.delete(index);
    } else indexes.set(index, specification);
  }
  const stays = standing.indexes.has('by_u') && (backup.indexes.has('by_u') || !metadata.extraIndexes);
  if (stays && hasTwice(after)) result.contested = true;
  const put = (from: Record<string, unknown>, names: (option: string) => boolean): Record<string, unknown> =>
    Object.fromEntries(Object.entries(from).filter(([option]) => names(option)));
  const options = metadata.options
    ? {
        ...put(standing.options, (option) => !changeable.includes(option)),
        ...put(backup.options, (option) => changeable.includes(option)),
      }
    : standing.options;
  return { ...standing, options, indexes, documents: after };
}

function viewAfter(
  { mode, metadata }: ModelOrder,
  backup: CollectionState | undefined,
  target: CollectionState | undefined,
): CollectionState | null {
  if (mode === 'clone') return target ?? null;
  if (mode === 'drop') return backup ?? target ?? null;
  if (!backup) return metadata.extraNamespaces ? null : (target ?? null);
  if (!target) return mode === 'pick' ? null : backup;
  return metadata.options ? backup : target;
}

export function modelRestore(order: ModelOrder, backup: DatabaseState, target: DatabaseState): ModelResult {
  const none: Effect = { insert: 0, replace: 0, delete: 0, keep: 0, conflict: 0 };
  const result: ModelResult = {
    after: new Map(),
    predicted: { ...none },
    effect: { ...none },
    refused: new Map(),
    unbuilt: 0,
    contested: false,
  };
  for (const name of new Set([...backup.keys(), ...target.keys()])) {
    const [saved, live] = [backup.get(name), target.get(name)];
    const isView = (saved ?? live)?.type === 'view';
    const picks = order.picks.get(name) ?? nothing;
    const after = isView ? viewAfter(order, saved, live) : collectionAfter(order, saved, live, picks, result, name);
    if (after) result.after.set(name, after);
  }
  return result;
}
