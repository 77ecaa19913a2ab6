/** What both ways of joining share: the two sides, the promise of a join, the counts at its end. */
import type { DigestFile } from '../archive/digest-file';
import type { DocumentBatch } from '../archive/scan-types';
import type { DocumentCounts } from '../../shared/diff';
import type { DifferingWriter } from './differing-files';
import { pairNumbers } from './pair-numbers';

/** Documents of the live stream. */
export type JoinBatch = Pick<DocumentBatch, 'count' | 'records' | 'positions' | 'input'>;

/** The backup's half of a join. */
export interface BackupSide {
  /** Its documents, known before the digest is. */
  documents: number;
  /** Null: only the target has it. */
  namespace: string | null;
  /** May still be in the making: live documents that come before it are kept until it is there. */
  digest: Promise<DigestFile>;
}

export interface NamespaceJoin {
  /**
   * Synchronous: the views of a batch live only during the call. A promise asks for no more until it has resolved;
   * it rejects when the digest cannot be had.
   */
  add(batch: JoinBatch): Promise<void> | null;
  /** Ends the namespace and writes its differing documents. */
  finish(): Promise<DocumentCounts>;
  /** Lets go of files; for when the diff fails. */
  abandon(): void;
}

/** Bytes of an `_id` element between its type and its value. */
export const idNameBytes = 5;

/** Digest records as words; a copy where they do not lie at a whole one. */
export function wordsOf(bytes: Buffer): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

export async function countsOf(
  writer: DifferingWriter,
  inBackup: number,
  inTarget: number,
  same: number,
): Promise<DocumentCounts> {
  let counts = await writer.finish();
  if (writer.numericExtras > 0 && counts.onlyInBackup > 0) counts = await pairNumbers(writer.folder, counts);
  const { changed, onlyInBackup, onlyInTarget } = counts;
  return { inBackup, inTarget, same, changed, onlyInBackup, onlyInTarget };
}
