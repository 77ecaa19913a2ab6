import type { DigestFile } from '../../archive/digest-file';
import { wordsOf } from '../join-sides';
import type { WantedHashes } from './wanted-hashes';

const wordsPerRecord = 6;
const recordsTogether = 32_768;

export interface PickedRecords {
  count: number;
  /** Six a record, as in the digest. */
  words: Uint32Array;
  /** Of each record, ascending. */
  ordinals: number[];
}

/**
 * The records of a namespace whose `_id` is wanted, and those at `ordinals` (ascending). All records pass through once,
 * so that a damaged digest is noticed: throws ArchiveDamage. `verified`: that was done a moment ago.
 */
export async function pickRecords(
  digest: DigestFile,
  namespace: string,
  wanted: WantedHashes,
  ordinals: readonly number[],
  verified: boolean,
): Promise<PickedRecords> {
  const picked: number[] = [];
  const words: number[] = [];
  let next = 0;
  for await (const { firstOrdinal, count, records } of digest.iterate(namespace, recordsTogether, verified)) {
    const source = wordsOf(records);
    const pick = (record: number): void => {
      const ordinal = firstOrdinal + record;
      if (picked[picked.length - 1] === ordinal) return;
      picked.push(ordinal);
      for (let word = 0; word < wordsPerRecord; word++) words.push(source[record * wordsPerRecord + word] ?? 0);
    };
    /** Those asked for by their place before `end`. */
    const pickPlaces = (end: number): void => {
      for (let ordinal = ordinals[next]; ordinal !== undefined && ordinal < end; ordinal = ordinals[++next]) {
        pick(ordinal - firstOrdinal);
      }
    };
    wanted.forEachWanted(source, count, (record) => {
      pickPlaces(firstOrdinal + record);
      pick(record);
    });
    pickPlaces(firstOrdinal + count);
  }
  return { count: picked.length, words: Uint32Array.from(words), ordinals: picked };
}
