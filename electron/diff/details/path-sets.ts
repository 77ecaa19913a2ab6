/**
 * Which paths differ in each changed document, on disk: sets of path ids, each written once, and the place of its set for
 * every changed entry, so that the list can be filtered by a path without reading a document.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Appender, namespaceFolder } from '../differing-files';

/** Sets remembered so as not to be written twice. */
const rememberedSets = 50_000;
/** In the place of a set: the document was not read, or is no longer the one that was compared. */
export const noSet = 0xffffffff;

export class PathSetWriter {
  readonly #sets: Appender;
  readonly #places: Appender;
  readonly #known = new Map<string, number>();

  constructor(folder: string) {
    this.#sets = new Appender(join(folder, 'changed.path-sets'));
    this.#places = new Appender(join(folder, 'changed.path-places'));
  }

  /** The place of a set of ids, for {@link PathSetWriter.place}. */
  add(ids: Uint32Array): number {
    ids.sort();
    const key = ids.join(' ');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const place = this.#sets.written / 4;
    const { buffer, at } = this.#sets.reserve(4 + ids.length * 4);
    buffer.writeUInt32LE(ids.length, at);
    ids.forEach((id, index) => buffer.writeUInt32LE(id, at + 4 + index * 4));
    if (this.#known.size < rememberedSets) this.#known.set(key, place);
    return place;
  }

  /** The next changed entry's set. */
  place(place: number): void {
    const { buffer, at } = this.#places.reserve(4);
    buffer.writeUInt32LE(place, at);
  }

  close(): void {
    try {
      this.#sets.close();
    } finally {
      this.#places.close();
    }
  }
}

async function readWords(path: string): Promise<Uint32Array> {
  const bytes = await readFile(path);
  // A copy: the bytes of a small file may lie at any offset of a shared buffer.
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

/** Positions, among the changed entries of a namespace, of those that differ in the path with this id. */
export async function positionsOfPath(previewFolder: string, index: number, id: number): Promise<number[]> {
  const folder = namespaceFolder(previewFolder, index);
  const sets = await readWords(join(folder, 'changed.path-sets'));
  const places = await readWords(join(folder, 'changed.path-places'));
  const holds = new Map<number, boolean>();
  for (let at = 0; at < sets.length;) {
    const count = sets[at] ?? 0;
    holds.set(at, sets.subarray(at + 1, at + 1 + count).includes(id));
    at += 1 + count;
  }
  const positions: number[] = [];
  places.forEach((place, position) => {
    if (holds.get(place) === true) positions.push(position);
  });
  return positions;
}
