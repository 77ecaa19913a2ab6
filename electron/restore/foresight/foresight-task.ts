/**
 * Looks, in a worker thread, at the documents that a restore would write: which of them the target's validators and unique
 * indexes would refuse. Reads only.
 */
import { MongoClient } from 'mongodb';
import { valueToExtendedJson } from '../../archive/extended-json';
import { findId, packValue } from '../../diff/bson-reader';
import { mergeDocuments } from '../../diff/merge-documents';
import type { Task, TaskContext } from '../../jobs/task';
import { forEachDifference, type PairSource } from '../document-pairs';
import type { PlanNamespace } from '../preview-store';
import { codeOf } from '../server-errors';
import type { UniqueIndex } from './index-keys';
import { foreseenModes, type ForeseenMode } from './streams';
import { UniqueCheck, type Candidate } from './unique-check';
import { ValidatorCheck, type Validator } from './validator-check';

export interface ForesightNamespace {
  plan: PlanNamespace;
  /** The collection that holds the documents. */
  database: string;
  collection: string;
  /** Null: none that could reject, or a server that cannot be asked. */
  validator: Validator | null;
  unique: UniqueIndex[];
  /** Documents to be inserted and replaced. */
  documents: number;
}

export interface ForesightTaskInput {
  /** Connection string with secrets. */
  uri: string;
  previewFolder: string;
  archive: string;
  blockIndex: string;
  readPreference: 'primary' | 'secondaryPreferred';
  namespaces: ForesightNamespace[];
}

/** Documents by mode: all of them counted, the first hundred named by `_id` as canonical Extended JSON. */
export type Refused = Record<ForeseenMode, { total: number; objects: { id: string; detail: string }[] }>;

export interface NamespaceForesight {
  index: number;
  /** Documents looked at, of all that would be written. */
  checked: number;
  documents: number;
  /** Null: not asked for. */
  validator: { refused: Refused; onlyWarns: boolean; unchecked: number } | null;
  /** `complete` false: the target took too long to answer. */
  unique: { name: string; refused: Refused; complete: boolean }[];
}

export interface ForesightTaskOutput {
  namespaces: NamespaceForesight[];
}

/** Documents looked at in each namespace: it must stay affordable right before writing, too. */
export const mostChecked = 100_000;
const chunkDocuments = 1000;
const chunkBytes = 16 * 1024 * 1024;
const mostObjects = 100;
const longestId = 300;
const tookTooLong = 50;

function candidatesOf(backup: Buffer, live: Buffer | null): Candidate[] {
  const element = findId(backup);
  if (!element) return [];
  const id = packValue(element);
  if (!live) return [{ stream: 'insert', id, document: backup, live }];
  const merged = mergeDocuments(backup, live);
  const replaced: Candidate = { stream: 'replace', id, document: backup, live };
  return merged === live ? [replaced] : [replaced, { stream: 'merge', id, document: merged, live }];
}

function refusedBy(of: (mode: ForeseenMode) => { id: Buffer; detail: string }[]): Refused {
  const listed = (mode: ForeseenMode): Refused[ForeseenMode] => {
    const all = of(mode);
    const objects = all.slice(0, mostObjects).map(({ id, detail }) => {
      const text = valueToExtendedJson(id);
      return { id: text.length > longestId ? `${text.slice(0, longestId)}…` : text, detail };
    });
    return { total: all.length, objects };
  };
  const [first, second, third] = foreseenModes;
  return { [first]: listed(first), [second]: listed(second), [third]: listed(third) } as Refused;
}

interface IndexState {
  check: UniqueCheck;
  name: string;
  complete: boolean;
}

async function foresee(
  input: ForesightTaskInput,
  namespace: ForesightNamespace,
  client: MongoClient,
  context: TaskContext,
): Promise<NamespaceForesight> {
  const { plan, database, collection, validator } = namespace;
  const validation = validator ? new ValidatorCheck(client, database, validator) : null;
  const indexes = namespace.unique.map((index): IndexState => ({
    check: new UniqueCheck({ client, database, collection, index, signal: context.signal }),
    name: index.name,
    complete: true,
  }));
  let chunk: Candidate[] = [];
  let bytes = 0;
  let checked = 0;
  const flush = async (): Promise<void> => {
    const candidates = chunk;
    chunk = [];
    bytes = 0;
    await validation?.add(candidates);
    for (const state of indexes) {
      if (!state.complete) continue;
      try {
        await state.check.add(candidates);
      } catch (error) {
        if (codeOf(error) !== tookTooLong) throw error;
        state.complete = false;
      }
    }
    const total = Math.min(namespace.documents, mostChecked);
    context.report({
      phase: `Looking for problems in ${database}.${collection}`,
      documentsDone: checked,
      documentsTotal: total,
    });
  };
  const source: PairSource = {
    previewFolder: input.previewFolder,
    archive: input.archive,
    blockIndex: input.blockIndex,
    namespace: plan,
    readPreference: input.readPreference,
    withTarget: (fn) => fn(client),
    signal: context.signal,
  };
  // What only the target has stands last in the list: it is not written.
  await forEachDifference(source, Math.min(namespace.documents, mostChecked), async (_, { backup, target }) => {
    checked++;
    if (!backup) return;
    chunk.push(...candidatesOf(backup, target));
    bytes += backup.length + (target?.length ?? 0);
    if (chunk.length >= chunkDocuments || bytes >= chunkBytes) await flush();
  });
  await flush();
  const rejected = (mode: ForeseenMode): { id: Buffer; detail: string }[] =>
    (validation?.rejectedBy(mode) ?? []).map((id) => ({ id, detail: 'breaks the validator' }));
  return {
    index: plan.index,
    checked,
    documents: namespace.documents,
    validator: validation && {
      refused: refusedBy(rejected),
      onlyWarns: validator?.onlyWarns ?? false,
      unchecked: validation.unchecked,
    },
    unique: indexes.map(({ check, name, complete }) => ({
      name,
      refused: refusedBy((mode) => check.conflictsOf(mode)),
      complete,
    })),
  };
}

export const foresightTask: Task<ForesightTaskInput, ForesightTaskOutput> = async (input, context) => {
  const client = new MongoClient(input.uri, {
    appName: 'Lifeboat',
    serverSelectionTimeoutMS: 15_000,
    // Refusals quote the documents.
    enableUtf8Validation: false,
  });
  try {
    const namespaces: NamespaceForesight[] = [];
    for (const namespace of input.namespaces) namespaces.push(await foresee(input, namespace, client, context));
    return { namespaces };
  } finally {
    await client.close();
  }
};
