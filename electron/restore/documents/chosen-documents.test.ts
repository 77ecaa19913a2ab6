import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'bson';
import { beforeEach, expect, it } from 'vitest';
import type { ArchivedDocument } from '../../archive/open-archive';
import { temporaryFolder } from '../../test-support/temporary-folder';
import { KeepingDocuments, KeptDocuments, type BackupDocuments } from './chosen-documents';

const size = (ordinal: number): number => (ordinal % 7 === 3 ? 700_000 : 10);
const documentOf = (ordinal: number): Buffer =>
  Buffer.from(serialize({ _id: ordinal, text: 'x'.repeat(size(ordinal)) }));

/** Stands for an archive that tells what it was asked for. */
class Source implements BackupDocuments {
  readonly asked: number[] = [];
  keepAlong(): void {}

  async *readGroups(_namespace: string, ordinals: Iterable<number>): AsyncGenerator<ArchivedDocument[]> {
    const sorted = [...new Set(ordinals)].sort((a, b) => a - b);
    this.asked.push(...sorted);
    for (let at = 0; at < sorted.length; at += 3) {
      yield sorted.slice(at, at + 3).map((ordinal) => ({ ordinal, document: documentOf(ordinal) }));
    }
  }
}

let folder: string;
let source: Source;

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, '0'));
  source = new Source();
});

async function read(documents: Pick<BackupDocuments, 'readGroups'>, ordinals: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for await (const group of documents.readGroups('shop.orders', ordinals)) {
    for (const { ordinal, document } of group) {
      expect(document.equals(documentOf(ordinal))).toBe(true);
      found.push(ordinal);
    }
  }
  return found;
}

async function keep(...lists: number[][]): Promise<void> {
  const keeping = new KeepingDocuments(source, folder);
  keeping.begin(0);
  for (const list of lists) await read(keeping, list);
  keeping.end();
  source.asked.length = 0;
}

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);

it('hands out what was kept, without asking the archive again', async () => {
  await keep(numbers(0, 20), numbers(5, 9));
  const kept = await KeptDocuments.open(source, folder, 0);
  expect(await read(kept, numbers(0, 20))).toEqual(numbers(0, 20));
  expect(await read(kept, numbers(5, 9).reverse())).toEqual(numbers(5, 9));
  await kept.close();
  expect(source.asked).toEqual([]);
});

it('goes on with the archive where another document is asked for', async () => {
  await keep(numbers(0, 10));
  const kept = await KeptDocuments.open(source, folder, 0);
  expect(await read(kept, [0, 1, 2, 40, 50])).toEqual([0, 1, 2, 40, 50]);
  expect(await read(kept, [3, 4])).toEqual([3, 4]);
  await kept.close();
  expect(source.asked).toEqual([40, 50, 3, 4]);
});

it('goes on with the archive where the file was cut off, is damaged, or is not there', async () => {
  await keep(numbers(0, 10));
  const file = join(folder, '0', 'chosen.documents');
  truncateSync(file, 100);
  const cut = await KeptDocuments.open(source, folder, 0);
  expect(await read(cut, numbers(0, 10))).toEqual(numbers(0, 10));
  await cut.close();
  expect(source.asked.length).toBeGreaterThan(0);
  writeFileSync(file, Buffer.alloc(64));
  for (let time = 0; time < 2; time++) {
    const other = await KeptDocuments.open(source, folder, 0);
    expect(await read(other, numbers(0, 4))).toEqual(numbers(0, 4));
    await other.close();
  }
});

it('keeps nothing where there is no place to keep it', async () => {
  const keeping = new KeepingDocuments(source, join(folder, 'gone'));
  keeping.begin(0);
  expect(await read(keeping, numbers(0, 5))).toEqual(numbers(0, 5));
  keeping.end();
});
