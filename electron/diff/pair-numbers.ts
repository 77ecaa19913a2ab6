/**
 * `_id`s that are one number under two types. The join goes by the bytes of `_id`s, but Int32 1 and Double 1 are the same
 * key to the server: such a document is a changed one, not one missing and one too many.
 */
import { open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { BsonKernel } from '../archive/kernel/bson-kernel';
import { entryBytes, entryFile, writeCounts, type DifferingCounts } from './differing-files';
import { unpackValue } from './bson-reader';
import { isNumber, otherNumberForms } from './number-values';

/** Entries looked at together: bounds the table of their other forms. */
const chunkEntries = 200_000;
/** Up to so many numbers left over, every spelling of Decimal128 is tried, dozens each. */
const mostThorough = 20_000;
const idName = Buffer.from('_id\0', 'latin1');

async function* entriesOf(path: string): AsyncGenerator<{ first: number; bytes: Buffer }> {
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkEntries * entryBytes);
    for (let first = 0; ;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, first * entryBytes);
      if (bytesRead === 0) return;
      yield { first, bytes: buffer.subarray(0, bytesRead) };
      first += bytesRead / entryBytes;
    }
  } finally {
    await handle.close();
  }
}

/** A stretch of a file in memory: entries name their `_id`s in ascending order, a read for each would take minutes. */
class ReadWindow {
  readonly #handle: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(1024 * 1024);
  #start = 0;
  #length = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  at(offset: number, length: number): Buffer | null {
    const from = offset - this.#start;
    return from >= 0 && from + length <= this.#length ? this.#buffer.subarray(from, from + length) : null;
  }

  async move(offset: number, length: number): Promise<Buffer> {
    this.#start = offset;
    this.#length = (await this.#handle.read(this.#buffer, 0, this.#buffer.length, offset)).bytesRead;
    return this.#buffer.subarray(0, length);
  }
}

/** Beyond so many, knowing which they are takes more memory than it saves time. */
const mostMissingKnown = 500_000;

/** Hashes of the `_id`s that only the backup has; null where they are too many: any may be among them. */
async function missingHashes(backupFile: string, count: number): Promise<ReadonlySet<bigint> | null> {
  if (count > mostMissingKnown) return null;
  const hashes = new Set<bigint>();
  for await (const { bytes } of entriesOf(backupFile)) {
    for (let at = 0; at < bytes.length; at += entryBytes) hashes.add(bytes.readBigUInt64LE(at + 32));
  }
  return hashes;
}

/** The `_id` element of a packed number, in memory that the next call uses again. */
const element = Buffer.concat([Buffer.alloc(1), idName, Buffer.alloc(16)]);
function elementOf(packed: Buffer): Buffer {
  element[0] = packed[0] ?? 0;
  const end = 1 + idName.length + packed.copy(element, 1 + idName.length, 1);
  return element.subarray(0, end);
}

/** Turns pairs of such entries in a namespace's folder into changed ones. Returns the new counts. */
export async function pairNumbers(folder: string, counts: DifferingCounts): Promise<DifferingCounts> {
  const kernel = new BsonKernel();
  const targetFile = entryFile(folder, 'onlyInTarget');
  const backupFile = entryFile(folder, 'onlyInBackup');
  const pairedTargets = new Set<number>();
  const pairedBackups = new Set<number>();
  const changed: Buffer[] = [];
  const ids = await open(join(folder, 'ids'), 'r');
  const window = new ReadWindow(ids);
  const thorough = counts.onlyInTarget <= mostThorough;
  const missing = await missingHashes(backupFile, counts.onlyInBackup);
  try {
    for await (const { first, bytes } of entriesOf(targetFile)) {
      const forms = new Map<bigint, number>();
      for (let at = 0; at < bytes.length; at += entryBytes) {
        const length = bytes.readUInt32LE(at + 4);
        // The longest number, Decimal128, has sixteen bytes.
        if (length === 0 || length > 17) continue;
        const offset = bytes.readDoubleLE(at + 8);
        const packed = window.at(offset, length) ?? (await window.move(offset, length));
        if (!isNumber(packed[0] ?? 0)) continue;
        for (const form of otherNumberForms(unpackValue(packed), thorough)) {
          const hash = kernel.hash64(elementOf(form));
          if (missing?.has(hash) ?? true) forms.set(hash, at);
        }
      }
      if (forms.size === 0) continue;
      for await (const backup of entriesOf(backupFile)) {
        for (let at = 0; at < backup.bytes.length; at += entryBytes) {
          const target = forms.get(backup.bytes.readBigUInt64LE(at + 32));
          const number = backup.first + at / entryBytes;
          if (target === undefined || pairedBackups.has(number) || pairedTargets.has(first + target / entryBytes))
            continue;
          pairedBackups.add(number);
          pairedTargets.add(first + target / entryBytes);
          const entry = Buffer.from(bytes.subarray(target, target + entryBytes));
          backup.bytes.copy(entry, 0, at, at + 4);
          changed.push(entry);
        }
      }
    }
  } finally {
    await ids.close();
  }
  if (changed.length === 0) return counts;
  const changedFile = entryFile(folder, 'changed');
  await writeFile(changedFile, Buffer.concat([await readFile(changedFile), ...changed]), { mode: 0o600 });
  await withoutEntries(targetFile, pairedTargets);
  await withoutEntries(backupFile, pairedBackups);
  const corrected = {
    ...counts,
    changed: counts.changed + changed.length,
    onlyInBackup: counts.onlyInBackup - pairedBackups.size,
    onlyInTarget: counts.onlyInTarget - pairedTargets.size,
  };
  await writeCounts(folder, corrected);
  return corrected;
}

async function withoutEntries(path: string, left: ReadonlySet<number>): Promise<void> {
  const temporary = `${path}.new`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    for await (const { first, bytes } of entriesOf(path)) {
      const kept: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += entryBytes) {
        if (!left.has(first + at / entryBytes)) kept.push(bytes.subarray(at, at + entryBytes));
      }
      await handle.writeFile(Buffer.concat(kept));
    }
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}
