import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startChild } from '../test-support/child-process';
import { temporaryFolder } from '../test-support/temporary-folder';
import { JsonStore, readJsonFile, writeJsonFile } from './json-file';

const schema = z.object({ formatVersion: z.literal(1), name: z.string() });
const absent = (): z.infer<typeof schema> => ({ formatVersion: 1, name: 'default' });

describe('a JSON file', () => {
  it('comes back as it was written, for its owner alone', async () => {
    const path = join(temporaryFolder(), 'x.json');
    await writeJsonFile(path, { formatVersion: 1, name: 'ü' });
    expect(await readJsonFile(path, schema, { absent })).toEqual({ formatVersion: 1, name: 'ü' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['x.json']);
  });

  it('that is absent is what the caller says', async () => {
    expect(await readJsonFile('/nowhere/x.json', schema, { absent })).toEqual(absent());
  });

  it.each([
    ['{"formatVersion": 1,\n "name": }', /x\.json is damaged: it is not JSON from line 2, column 10 on/],
    ['{"formatVersion": 1, "na', /x\.json is damaged: it is not JSON from line 1, column 22 on/],
    ['', /x\.json is damaged: it is not JSON from line 1, column 1 on/],
    ['{"formatVersion": 1, "name": 5}', /x\.json is damaged: name: /],
    ['[]', /x\.json is damaged: /],
  ])('damaged as %j names file and place', async (text, message) => {
    const path = join(temporaryFolder(), 'x.json');
    writeFileSync(path, text);
    await expect(readJsonFile(path, schema, { absent })).rejects.toMatchObject({
      error: { code: 'stored-file-damaged', message: expect.stringMatching(message) as string },
    });
  });

  it('of a newer format is refused, saying so', async () => {
    const path = join(temporaryFolder(), 'x.json');
    writeFileSync(path, '{"formatVersion": 2, "title": "x"}');
    await expect(readJsonFile(path, schema, { absent })).rejects.toMatchObject({
      error: { code: 'unsupported', message: expect.stringContaining('format version 2') as string },
    });
  });

  it('that cannot be written leaves nothing behind', async () => {
    const path = join(temporaryFolder(), 'taken');
    mkdirSync(join(path, 'by-a-folder'), { recursive: true });
    await expect(writeJsonFile(path, {})).rejects.toBeDefined();
    expect(readdirSync(join(path, '..'))).toEqual(['taken']);
  });
});

describe('a JSON store', () => {
  const countSchema = z.object({ count: z.number() });
  const newStore = (path: string): JsonStore<{ count: number }> =>
    new JsonStore({ path, schema: countSchema, absent: () => ({ count: 0 }) });

  it('loses no update of processes that write at the same time', async () => {
    const path = join(temporaryFolder(), 'count.json');
    const children = await Promise.all([1, 2].map(() => startChild('update-json', path, '40')));
    const store = newStore(path);
    for (let turn = 0; turn < 40; turn++) await store.update(({ count }) => ({ count: count + 1 }));
    for (const child of children) expect(await child.ended).toEqual({ code: 0, stderr: '' });
    expect(await store.read()).toEqual({ count: 120 });
    expect(readdirSync(join(path, '..'))).toEqual(['count.json']);
  });

  it('loses no update of one process', async () => {
    const store = newStore(join(temporaryFolder(), 'count.json'));
    await Promise.all(Array.from({ length: 20 }, () => store.update(({ count }) => ({ count: count + 1 }))));
    expect(await store.read()).toEqual({ count: 20 });
  });

  it('stays whole when a writer is killed', async () => {
    const path = join(temporaryFolder(), 'count.json');
    for (let round = 0; round < 3; round++) {
      const child = await startChild('update-json', path, '100000');
      await new Promise((resolve) => setTimeout(resolve, 250 + round * 60));
      await child.kill();
      const { count } = await newStore(path).read();
      expect(await newStore(path).update((value) => ({ count: value.count + 1 }))).toEqual({ count: count + 1 });
    }
  });

  it('keeps the old value when the change throws or does not fit the schema', async () => {
    const path = join(temporaryFolder(), 'count.json');
    const store = newStore(path);
    await store.update(() => ({ count: 1 }));
    await expect(store.update(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(store.update(() => JSON.parse('{"count":"x"}') as { count: number })).rejects.toBeDefined();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ count: 1 });
  });

  it('tells of changes by itself and by others, each once', async () => {
    const path = join(temporaryFolder(), 'count.json');
    const store = newStore(path);
    const seen: number[] = [];
    const stop = store.onChange(({ count }) => seen.push(count));
    await store.update(() => ({ count: 5 }));
    expect(seen).toEqual([5]);
    const child = await startChild('update-json', path, '1');
    await child.ended;
    await expect.poll(() => seen).toEqual([5, 6]);
    stop();
  });

  it('in a folder that may not be written is store-unavailable', async () => {
    if (process.getuid?.() === 0) return;
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    await expect(newStore(join(folder, 'x.json')).update((value) => value)).rejects.toMatchObject({
      error: { code: 'store-unavailable' },
    });
  });
});
