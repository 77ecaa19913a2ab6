/** Every mode over pairs of databases at random: what was foretold is what happens, and undo brings everything back. */
import { EJSON } from 'bson';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, MongoClient } from 'mongodb';
import { changeOrder, type PickedDocuments } from '../../shared/picks';
import { defaultMetadata, type MetadataChoice, type Preview, type RestoreResult } from '../../shared/restore';
import { restoreModes, type RestoreMode } from '../../shared/diff';
import { valueToExtendedJson } from '../archive/extended-json';
import { findId, packValue } from '../diff/bson-reader';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';
import { resultOf } from '../test-support/test-services';
import {
  comparable,
  modelRestore,
  readDatabase,
  type DatabaseState,
  type ModelResult,
} from './test-support/pair-model';
import { pairDatabase, pairs, plant, type Pair } from './test-support/random-pair';
import { createRestoreHarness, type RestoreHarness } from './test-support/restore-harness';
import { parseFields, type Documents, type ModelPicks } from './test-support/slow-model';
import { readState } from './test-support/target-state';

/** Each run takes all seven modes over three collections: a thousand make forty pairs. */
const runs = Math.max(1, Math.ceil(Number(process.env['LIFEBOAT_TEST_RUNS'] ?? 20) / 25));
const hour = 3_600_000;
/** LIFEBOAT_TEST_SEED repeats what failed. */
const seed = process.env['LIFEBOAT_TEST_SEED'];
const repeated = seed === undefined ? {} : { seed: Number(seed) };

let server: TestMongod;
let client: MongoClient;
let lifeboat: RestoreHarness;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  client = await server.connect();
  lifeboat = await createRestoreHarness(server.uri);
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

class Dice {
  #at = 0;
  constructor(private readonly numbers: readonly number[]) {}
  /** True `percent` times of a hundred. */
  falls(percent: number): boolean {
    return (this.numbers[this.#at++ % this.numbers.length] ?? 0) < percent;
  }
}

function counts(backup: Documents, target: Documents) {
  const found = { same: 0, changed: 0, onlyInBackup: 0, onlyInTarget: 0 };
  for (const [key, document] of backup) {
    const other = target.get(key);
    if (!other) found.onlyInBackup++;
    else if (other.equals(document)) found.same++;
    else found.changed++;
  }
  found.onlyInTarget = target.size - found.same - found.changed;
  return { inBackup: backup.size, inTarget: target.size, ...found };
}

const noDocuments: Documents = new Map();

/** Counts of documents of each line are those of the slow comparison. */
function expectCounts(result: Preview['result'], backup: DatabaseState, target: DatabaseState): void {
  for (const { ns, documents } of result.namespaces) {
    const name = ns.slice(pairDatabase.length + 1);
    const sides = [backup, target].map((state) => state.get(name)?.documents ?? noDocuments);
    expect({ ns, ...documents }).toEqual({ ns, ...counts(sides[0] ?? noDocuments, sides[1] ?? noDocuments) });
  }
}

function idText(document: Buffer): string {
  const id = findId(document);
  return id ? valueToExtendedJson(packValue(id)) : '';
}

/** Names of fields that stand once at most on both sides and may be put back by themselves. */
function pickable(backup: Buffer, target: Buffer): string[] {
  const [left, right] = [backup, target].map((document) => parseFields(document).map(([name]) => name));
  const once = (names: string[] = [], name: string): boolean => names.filter((other) => other === name).length <= 1;
  return [...new Set([...(left ?? []), ...(right ?? [])])].filter(
    (name) => name !== '_id' && once(left, name) && once(right, name),
  );
}

interface Picked {
  picks: PickedDocuments[];
  model: Map<string, ModelPicks>;
}

async function choosePicks(
  preview: Preview,
  backup: DatabaseState,
  target: DatabaseState,
  dice: Dice,
): Promise<Picked> {
  const picked: Picked = { picks: [], model: new Map() };
  for (const { ns, type } of preview.result.namespaces) {
    const name = ns.slice(pairDatabase.length + 1);
    if (type === 'view' || dice.falls(15)) continue;
    const [saved, live] = [backup, target].map((state) => state.get(name)?.documents ?? noDocuments);
    const keys = new Map<string, string>();
    for (const documents of [saved, live])
      for (const [key, document] of documents ?? []) keys.set(idText(document), key);
    const page = await lifeboat.restores.documents({ previewId: preview.id, ns, change: null, offset: 0, limit: 500 });
    const pick: PickedDocuments = { ns, changes: [], except: [], documents: [], fields: [] };
    const whole = new Set<string>();
    const fields = new Map<string, string>();
    for (const change of changeOrder) if (dice.falls(30)) pick.changes.push(change);
    for (const { id, index, change } of page.documents) {
      const key = keys.get(id);
      if (key === undefined) throw new Error(`The preview lists ${id}, which is nowhere.`);
      if (pick.changes.includes(change)) {
        if (dice.falls(20)) pick.except.push(index);
        else whole.add(key);
      } else if (dice.falls(30)) {
        pick.documents.push(index);
        whole.add(key);
      } else if (change === 'changed' && dice.falls(50)) {
        const [then, now] = [saved?.get(key), live?.get(key)];
        const names = then && now ? pickable(then, now) : [];
        const chosen = names[index % Math.max(names.length, 1)];
        if (chosen === undefined) continue;
        pick.fields.push({ document: index, paths: [[chosen]] });
        fields.set(key, chosen);
      }
    }
    picked.picks.push(pick);
    picked.model.set(name, { whole, fields });
  }
  return picked;
}

function chooseMetadata(mode: RestoreMode, dice: Dice): MetadataChoice | null {
  if (mode === 'clone' || mode === 'drop' || dice.falls(50)) return null;
  return {
    options: dice.falls(50),
    missingIndexes: dice.falls(70),
    changedIndexes: dice.falls(50),
    extraIndexes: dice.falls(50),
    extraNamespaces: dice.falls(50),
    usersAndRoles: false,
  };
}

function expectTruth(result: RestoreResult, model: ModelResult, backup: DatabaseState, now: DatabaseState): void {
  const { effect, predicted, failures, conflicts } = result;
  const sum = ({ insert, replace, delete: deleted }: typeof effect): number => insert + replace + deleted;
  expect(predicted).toEqual(model.predicted);
  // Which of two documents keeps a value of a unique index depends; that one of them does not is told.
  if (!model.contested) expect({ conflicts, conflict: effect.conflict }).toEqual({ conflicts: [], conflict: 0 });
  expect(conflicts.filter(({ reason }) => !reason.includes('unique index'))).toEqual([]);
  const documents = failures.filter(({ id }) => id !== null).length;
  expect({ failures, lost: documents + effect.conflict }).toEqual({ failures, lost: sum(predicted) - sum(effect) });
  if (!model.contested) {
    expect({ ...effect, keep: 0 }).toEqual({ ...model.effect, keep: 0 });
    expect({ failures, indexes: failures.length - documents }).toEqual({ failures, indexes: model.unbuilt });
    expect(comparable(now)).toEqual(comparable(model.after));
  }
  if (!result.remaining) throw new Error('There is no proof.');
  expectCounts(result.remaining, backup, now);
}

async function undo(restoreId: string) {
  const job = await lifeboat.jobs.wait((await lifeboat.restores.undoPreview(restoreId)).id);
  const preview = await lifeboat.restores.getPreview(resultOf(job));
  const undone = await lifeboat.apply(preview, { mode: 'exact' });
  await lifeboat.restores.closePreview(preview.id);
  return undone;
}

/** Of a clone: the databases it made, and nothing else, hold the backup. */
async function expectClone(preview: Preview, backup: DatabaseState): Promise<void> {
  const clone = await readDatabase(client.db(preview.cloneNames[pairDatabase] ?? ''));
  expect(comparable(clone)).toEqual(comparable(backup));
}

/** Options that servers only take when a collection is created: the undo of a drop cannot give them back. */
function differsForGood(backup: DatabaseState, target: DatabaseState): boolean {
  const fixed = (state: DatabaseState, name: string): string => {
    const { collation, clusteredIndex } = state.get(name)?.options ?? {};
    return EJSON.stringify([collation, clusteredIndex === undefined]);
  };
  return [...backup.keys()].some((name) => target.has(name) && fixed(backup, name) !== fixed(target, name));
}

const documentsOf = (state: DatabaseState): unknown =>
  [...state]
    .map(([name, { documents }]) => [name, [...documents.values()].map((each) => each.toString('hex')).sort()])
    .sort();

async function restoreAndUndo(mode: RestoreMode, backupId: string, backup: DatabaseState, db: Db, dice: Dice) {
  const target = await readDatabase(db);
  const before = await readState(db);
  const preview = await lifeboat.preview(backupId, { mode });
  expectCounts(preview.result, backup, target);
  const metadata = chooseMetadata(mode, dice);
  const picked = mode === 'pick' ? await choosePicks(preview, backup, target, dice) : null;
  const order = {
    mode,
    metadata: metadata ?? defaultMetadata(mode),
    picks: picked?.model ?? new Map<string, ModelPicks>(),
  };
  const model = modelRestore(order, backup, target);
  if (mode !== 'pick' && metadata === null) expect(preview.result.totals.effect).toEqual(model.predicted);

  const { job, result } = await lifeboat.apply(preview, { picks: picked?.picks ?? [], metadata });
  expect(job.error).toBeNull();
  if (mode === 'clone') {
    expect(result.effect).toEqual(model.effect);
    expect(result.failures).toEqual([]);
    await expectClone(preview, backup);
    expect(await readState(db)).toEqual(before);
  } else expectTruth(result, model, backup, await readDatabase(db));
  await lifeboat.restores.closePreview(preview.id);

  let isSame = true;
  if (result.undoId !== null) {
    const undone = await undo(result.restoreId);
    const { failures, conflicts, remaining, effect, predicted } = undone.result;
    const left = remaining?.namespaces.filter(({ status }) => status !== 'same');
    expect({ failures, conflicts, effect }).toEqual({ failures: [], conflicts: [], effect: predicted });
    isSame = !(mode === 'drop' && differsForGood(backup, target));
    if (isSame) {
      expect(left).toEqual([]);
      expect(undone.job.status).toBe('succeeded');
    } else {
      expect(undone.job.status).toBe('succeeded-with-warnings');
      expect(left?.filter(({ options }) => options.same)).toEqual([]);
      expect(documentsOf(await readDatabase(db))).toEqual(documentsOf(target));
    }
    for (const id of [result.undoId, undone.result.undoId]) if (id !== null) await lifeboat.catalogue.delete(id, id);
  }
  if (isSame) expect(await readState(db)).toEqual(before);
  const { databases } = await db.admin().listDatabases({ nameOnly: true });
  expect(databases.map(({ name }) => name).filter((name) => name.includes('_restored_'))).toEqual([]);
  return isSame;
}

async function throughAllModes(pair: Pair): Promise<void> {
  const backup = await readDatabase(await plant(client, pair, 'backup'));
  const backupId = await lifeboat.backUp({ kind: 'databases', databases: [pairDatabase] });
  const db = await plant(client, pair, 'target');
  const dice = new Dice(pair.dice);
  for (const mode of restoreModes) {
    try {
      if (!(await restoreAndUndo(mode, backupId, backup, db, dice))) await plant(client, pair, 'target');
    } catch (error) {
      throw new Error(`${mode}: ${error instanceof Error ? error.message : EJSON.stringify(error)}`, { cause: error });
    }
  }
  await lifeboat.catalogue.delete(backupId, backupId);
}

describe('a restore of any pair of databases', () => {
  it(
    'does what its preview said in every mode, proves it, and is undone byte for byte',
    { timeout: 2 * hour },
    async () => {
      await fc.assert(fc.asyncProperty(pairs, throughAllModes), { numRuns: runs, endOnFailure: true, ...repeated });
    },
  );
});
