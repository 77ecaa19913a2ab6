/**
 * Keys of any number of documents, brought together where they are equal, within bounded memory: records in files by the
 * upper bits of the keys' hashes, then one file at a time.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PartWriter } from '../../diff/part-files';

/** What becomes of a document in a mode: it is there, it gives way to another version, or it comes. */
export type KeyKind = 'present' | 'leaving' | 'coming';

export interface KeyRecord {
  kind: KeyKind;
  /** The modes it holds for, as bits. */
  modes: number;
  /** The document has other keys beside this one. */
  isMultiple: boolean;
  /** The index cannot take the document at all. */
  isRefused: boolean;
  /** Packed `_id`. */
  id: Buffer;
  /** The key, to be shown. */
  text: string;
}

const kinds: readonly KeyKind[] = ['present', 'leaving', 'coming'];
const hashWords = 4;
/** Hash; kind, flags and modes; bytes of `_id` and text. */
const headWords = hashWords + 3;
const recordsTogether = 200_000;
const mostParts = 64;

export class KeyParts {
  readonly #folder: string;
  readonly #parts: PartWriter[];
  readonly #shift: number;

  /** `expected`: how many keys there will be, about. */
  constructor(folder: string, expected: number) {
    let parts = 2;
    while (parts < mostParts && parts * recordsTogether < expected) parts *= 2;
    this.#folder = folder;
    this.#shift = 32 - Math.log2(parts);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#parts = Array.from({ length: parts }, (_, part) => new PartWriter(this.#path(part)));
  }

  #path(part: number): string {
    return join(this.#folder, `keys.${part}`);
  }

  /** `hash`: 16 bytes. */
  add(hash: Buffer, { kind, modes, isMultiple, isRefused, id, text }: KeyRecord): void {
    const part = this.#parts[hash.readUInt32LE(0) >>> this.#shift];
    if (!part) return;
    const shown = Buffer.from(text, 'utf8');
    const at = part.reserve(headWords + ((id.length + 3) >> 2) + ((shown.length + 3) >> 2));
    for (let word = 0; word < hashWords; word++) part.words[at + word] = hash.readUInt32LE(word * 4);
    const flags = (isMultiple ? 4 : 0) | (isRefused ? 8 : 0);
    part.words[at + hashWords] = kinds.indexOf(kind) | flags | (modes << 8);
    part.words[at + hashWords + 1] = id.length;
    part.words[at + hashWords + 2] = shown.length;
    const byte = (at + headWords) * 4;
    id.copy(part.bytes, byte);
    shown.copy(part.bytes, byte + ((id.length + 3) & ~3));
  }

  /** Calls `visit` with the records of each key that has more than one, or one that is refused. */
  async forEachGroup(visit: (records: readonly KeyRecord[]) => void): Promise<void> {
    for (const part of this.#parts) part.close();
    for (const part of this.#parts.keys()) {
      groupsOf(readFileSync(this.#path(part)), visit);
      await nextTurn();
    }
  }

  async remove(): Promise<void> {
    for (const part of this.#parts) part.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function groupsOf(bytes: Buffer, visit: (records: readonly KeyRecord[]) => void): void {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length;) {
    starts.push(at);
    const [id, text] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24)];
    at += headWords * 4 + ((id + 3) & ~3) + ((text + 3) & ~3);
  }
  const compare = (a: number, b: number): number => bytes.compare(bytes, b, b + hashWords * 4, a, a + hashWords * 4);
  starts.sort(compare);
  for (let first = 0; first < starts.length;) {
    let next = first + 1;
    while (next < starts.length && compare(starts[first] ?? 0, starts[next] ?? 0) === 0) next++;
    const group = starts.slice(first, next);
    const isRefused = ((bytes[(group[0] ?? 0) + hashWords * 4] ?? 0) & 8) !== 0;
    if (group.length > 1 || isRefused) visit(group.map((at) => recordAt(bytes, at)));
    first = next;
  }
}

function recordAt(bytes: Buffer, at: number): KeyRecord {
  const [head, idLength, textLength] = [
    bytes.readUInt32LE(at + 16),
    bytes.readUInt32LE(at + 20),
    bytes.readUInt32LE(at + 24),
  ];
  const idAt = at + headWords * 4;
  const textAt = idAt + ((idLength + 3) & ~3);
  return {
    kind: kinds[head & 3] ?? 'present',
    modes: head >>> 8,
    isMultiple: (head & 4) !== 0,
    isRefused: (head & 8) !== 0,
    id: bytes.subarray(idAt, idAt + idLength),
    text: bytes.toString('utf8', textAt, textAt + textLength),
  };
}
