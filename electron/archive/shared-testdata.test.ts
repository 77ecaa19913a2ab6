import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test-support/temporary-folder';
import { type BsonStreamCounts, readBsonStream } from './bson-stream';
import { openDump } from './detect-format';
import { OpenArchive } from './open-archive';
import { iterateDocuments } from './raw-bson';
import { toExtendedJson } from './extended-json';
import { scanArchive } from './scan-archive';
import { type BlockedArchiveResult, writeBlockedArchive } from './write-blocked-archive';

const testdata = fileURLToPath(new URL('../../../shared/testdata/mongo-tools/', import.meta.url));
const absent = !existsSync(testdata);
const why = absent ? ' (skipped: ../shared/testdata is not there)' : '';

async function imported(
  name: string,
): Promise<BlockedArchiveResult & { notices: string[]; paths: { archivePath: string; blocksPath: string } }> {
  const folder = temporaryFolder('import');
  const paths = { archivePath: join(folder, 'a.gz'), digestPath: join(folder, 'd'), blocksPath: join(folder, 'b') };
  const dump = await openDump(join(testdata, name));
  const result = await writeBlockedArchive(dump.chunks, paths);
  return { ...result, notices: dump.notices.map(({ message }) => message), paths };
}

async function readFileDocuments(
  name: string,
  strictArrays = false,
): Promise<{ documents: Buffer[]; counts: BsonStreamCounts }> {
  const counts: BsonStreamCounts = { documents: 0, bytes: 0, oddArrayDocuments: 0 };
  const path = join(testdata, 'bsondump', name);
  const documents: Buffer[] = [];
  for await (const chunk of readBsonStream(createReadStream(path), counts, { name, strictArrays }))
    documents.push(chunk);
  return { documents, counts };
}

describe.skipIf(absent)(`dumps made by MongoDB's own tools${why}`, () => {
  it('an archive of an old version with an oplog', async () => {
    const result = await imported('dump-w-oplog.archive');
    expect(result.namespaces.map(({ namespace, documents, checksum }) => [namespace, documents, checksum])).toEqual([
      ['admin.system.version', 1, 'ok'],
      ['test.foo', 25, 'ok'],
      ['.oplog', 18, 'ok'],
    ]);
    expect(result.prelude?.header).toMatchObject({ serverVersion: '4.0.2', toolVersion: 'r4.1.3-4-gd9eefb54' });
    expect(result.oplog).toEqual({
      first: { seconds: 0x5bb4fd18, increment: 1 },
      last: { seconds: 0x5bb4fd27, increment: 1 },
      entries: 18,
    });
    const opened = await OpenArchive.open(result.paths);
    const last = await opened.readDocument('test.foo', 24);
    expect(last && deserialize(last)).toMatchObject({ a: 25 });
    await opened.close();
  });

  it('a folder with indexes of an old version', async () => {
    const result = await imported('indextestdump');
    expect(result.namespaces).toMatchObject([{ namespace: 'indextest.test_collection', documents: 100 }]);
    expect(result.namespaces[0]?.metadata?.indexes.map(({ name }) => name)).toEqual(['_id_', 'a_1_b_true']);
    expect(result.namespaces[0]?.metadata?.indexes[1]).toMatchObject({
      key: { a: { $numberDouble: '1.0' }, b: true, c: { $numberDecimal: '0' }, d: '' },
    });
    expect(result.notices).toEqual([]);
  });

  it('a folder with a name that needs escaping', async () => {
    const result = await imported('specialcharacter');
    expect(result.namespaces).toMatchObject([{ namespace: 'db1.cafés', documents: 1 }]);
  });

  it('a folder with a TTL index and without options', async () => {
    const result = await imported('coll_with_ttl_index');
    expect(result.namespaces).toMatchObject([{ namespace: 'test.foo', documents: 1 }]);
    expect(result.namespaces[0]?.metadata?.indexes[1]).toMatchObject({ expireAfterSeconds: { $numberInt: '1000' } });
  });

  it('cut off at any byte gives a clear error', async () => {
    const bytes = await readFile(join(testdata, 'dump-w-oplog.archive'));
    for (let length = 0; length < bytes.length; length += 97) {
      await expect(scanArchive([bytes.subarray(0, length)])).rejects.toMatchObject({
        error: { code: expect.stringMatching(/archive-truncated|not-a-dump/) as string },
      });
    }
  });
});

describe.skipIf(absent)(`BSON files of MongoDB's own tests${why}`, () => {
  it('with all types parse', async () => {
    const { documents, counts } = await readFileDocuments('all_types.bson');
    expect(counts).toMatchObject({ documents: 20, oddArrayDocuments: 0 });
    const texts = [...iterateDocuments(Buffer.concat(documents))].map((document) => toExtendedJson(document));
    expect(texts.every((text) => JSON.parse(text) !== null)).toBe(true);
    expect(texts.join('\n')).toContain('"$dbPointer"');
  });

  it('with a broken field name say which document and why', async () => {
    await expect(readFileDocuments('bad_cstring.bson')).rejects.toMatchObject({
      kind: 'document',
      offset: 0,
      message: expect.stringMatching(
        /^Document 0 of bad_cstring\.bson \(at byte 0\) is broken: .+ at byte \d+\.$/,
      ) as string,
    });
  });

  it('that are cut off say where', async () => {
    await expect(readFileDocuments('partial_file.bson')).rejects.toMatchObject({
      kind: 'truncated',
      message: 'partial_file.bson ends in the middle of document 2 (at byte 177).',
    });
  });

  it('with array keys out of order are read as MongoDB reads them, and refused where order is asked for', async () => {
    const { counts } = await readFileDocuments('broken_array.bson');
    expect(counts).toMatchObject({ documents: 20, oddArrayDocuments: 1 });
    await expect(readFileDocuments('broken_array.bson', true)).rejects.toMatchObject({
      message: 'broken_array.bson holds an array whose keys are out of order.',
    });
  });
});
