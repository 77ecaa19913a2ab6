/** Someone keeps writing to the target while it is restored: none of these writes is lost without a word. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deserialize } from 'bson';
import type { Collection, Db } from 'mongodb';
import type { RestoreMode } from '../../../shared/diff';
import type { PickedDocuments } from '../../../shared/picks';
import { OpenArchive } from '../../archive/open-archive';
import { startTestMongod, type TestMongod } from '../../test-support/test-mongod';
import { chooseSample } from '../test-support/fault-sample';
import { createRestoreHarness, type RestoreHarness } from '../test-support/restore-harness';

interface Thing {
  _id: number;
  text?: string;
  mark?: number;
}

let server: TestMongod;
let lifeboat: RestoreHarness;
let db: Db;
const count = 8000;

beforeAll(async () => {
  server = await startTestMongod({ replicaSet: true });
  lifeboat = await createRestoreHarness(server.uri);
  db = (await server.connect({ retryWrites: true })).db('busy');
});
afterAll(async () => {
  await lifeboat.close();
  await server.stop();
});

/** Writes at random until stopped; returns the last acknowledged state of each document it touched. */
function keepWriting(things: Collection<Thing>): { stop(): Promise<Map<number, number | null>> } {
  const last = new Map<number, number | null>();
  let stopped = false;
  let mark = 0;
  const work = async (): Promise<void> => {
    while (!stopped) {
      mark++;
      const id = Math.floor(Math.random() * count * 1.2);
      if (Math.random() < 0.2) {
        const { deletedCount } = await things.deleteOne({ _id: id });
        if (deletedCount === 1) last.set(id, null);
      } else {
        const answer = await things.updateOne({ _id: id }, { $set: { mark } }, { upsert: Math.random() < 0.3 });
        if (answer.matchedCount + answer.upsertedCount > 0) last.set(id, mark);
      }
    }
  };
  const running = work();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return last;
    },
  };
}

async function savedMarks(undoId: string | null): Promise<Map<number, number | undefined>> {
  const marks = new Map<number, number | undefined>();
  if (undoId === null) return marks;
  const { archive, blockIndex } = await lifeboat.catalogue.location(undoId);
  const opened = await OpenArchive.open({ archivePath: archive, blocksPath: blockIndex });
  try {
    for await (const { bytes } of opened.iterateNamespace('busy.things')) {
      for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
        const thing = deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))) as Thing;
        marks.set(thing._id, thing.mark);
      }
    }
  } finally {
    await opened.close();
  }
  return marks;
}

const everything: PickedDocuments = {
  ns: 'busy.things',
  changes: ['onlyInBackup', 'changed', 'onlyInTarget'],
  except: [],
  documents: [],
  fields: [],
};

describe('a restore beside a writer', () => {
  const modes = chooseSample<RestoreMode>(
    'modes beside a writer',
    ['exact', 'overwrite', 'merge', 'insert-missing', 'pick', 'drop', 'clone'],
    3,
  );
  it.each(modes)('loses no write (%s)', async (mode) => {
    await db.dropDatabase();
    const things = db.collection<Thing>('things');
    await things.insertMany(Array.from({ length: count }, (_, at) => ({ _id: at, text: 'x'.repeat(120) })));
    const backup = await lifeboat.backUp({ kind: 'databases', databases: ['busy'] });
    await things.deleteMany({ _id: { $mod: [3, 0] } });
    await things.updateMany({ _id: { $mod: [3, 1] } }, { $set: { text: 'changed' } });
    await things.insertMany(Array.from({ length: 500 }, (_, at) => ({ _id: count + at, text: 'new' })));
    const preview = await lifeboat.preview(backup, { mode });
    const order = { previewId: preview.id, mode, namespaces: [], typedName: null };
    const started = await lifeboat.restores.apply({ ...order, picks: mode === 'pick' ? [everything] : [] });
    if (mode === 'drop') {
      // Any earlier, and the preview is refused as stale.
      for (;;) {
        const { progress, endedAt } = await lifeboat.jobs.get(started.id);
        if (endedAt !== null || progress.phase.startsWith('Restoring')) break;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    const writer = keepWriting(things);
    let job = await lifeboat.jobs.wait(started.id);
    if (mode === 'drop' && job.error?.code === 'tool-failed') {
      // The writer was faster: it made the collection again that mongorestore had just dropped.
      const [latest] = await lifeboat.restores.list();
      expect(latest?.state).toBe('failed');
      job = await lifeboat.jobs.wait((await lifeboat.restores.continueRestore('latest')).id);
    }
    const written = await writer.stop();
    expect(job.error).toBeNull();
    const result = await lifeboat.restores.result(job.resultId ?? '');
    expect(written.size).toBeGreaterThan(0);

    const conflicts = new Set(result.conflicts.map(({ id }) => Number(/-?\d+/.exec(id)?.[0])));
    const all = result.effect.conflict <= result.conflicts.length;
    const saved = await savedMarks(result.undoId);
    const now = new Map((await things.find().toArray()).map(({ _id, mark }) => [_id, mark]));
    const lost = [...written].filter(([id, mark]) => {
      const kept = mark === null ? !now.has(id) : now.get(id) === mark;
      return !kept && !conflicts.has(id) && (mark === null || saved.get(id) !== mark);
    });
    if (all) expect(lost).toEqual([]);
  });
});
