/**
 * What a collection holds that an undo builds anew: the documents that were saved, but for those that somebody else
 * changed since the restore, and those others' documents as they are now. Two lists in the preview's folder.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { recordBytes } from '../../archive/kernel/bson-kernel';
import { DifferingReader, DifferingWriter, namespaceFolder, writeCounts } from '../../diff/differing-files';

/** A preview's folder of its own, with the saved documents to be written as those that only the backup has. */
export function rebuiltFolder(previewFolder: string): string {
  return join(previewFolder, 'rebuilt');
}

/** The same with others' documents: as changed, or as those that only the target has. */
export function othersFolder(previewFolder: string): string {
  return join(previewFolder, 'others');
}

export class RebuildLists {
  readonly #folder: string;
  readonly #index: number;
  readonly #documents: number;
  readonly #others: DifferingWriter;
  readonly #excluded = new Set<number>();

  /** `documents`: that were saved. */
  constructor(folder: string, index: number, documents: number) {
    this.#folder = folder;
    this.#index = index;
    this.#documents = documents;
    this.#others = new DifferingWriter(othersFolder(folder), index);
  }

  /** Somebody else's document, which stays. `ordinal`: of the saved one that it takes the place of. */
  addOther(change: 'changed' | 'onlyInTarget', ordinal: number | null, id: Buffer, documentHash: Buffer): void {
    const record = Buffer.alloc(recordBytes);
    documentHash.copy(record, 8);
    const packed = { type: id[0] ?? 0, source: id, start: 1, end: id.length };
    this.#others.live(change, ordinal, { source: record, at: 0 }, packed);
    if (ordinal !== null) this.#excluded.add(ordinal);
  }

  async finish(): Promise<void> {
    await this.#others.finish();
    const whole = rebuiltFolder(this.#folder);
    if (this.#excluded.size === 0) {
      const own = namespaceFolder(whole, this.#index);
      mkdirSync(own, { recursive: true, mode: 0o700 });
      const counts = { onlyInBackup: this.#documents, changed: 0, onlyInTarget: 0, wholeBackup: true };
      await writeCounts(own, counts);
      return;
    }
    const writer = new DifferingWriter(whole, this.#index);
    for (let ordinal = 0; ordinal < this.#documents; ordinal++) {
      if (!this.#excluded.has(ordinal)) writer.onlyInBackup(ordinal, 0, 0);
    }
    await writer.finish();
  }

  close(): void {
    this.#others.close();
  }
}

export interface RebuildCounts {
  /** Of what was saved. */
  saved: number;
  others: number;
}

export async function readRebuildCounts(previewFolder: string, index: number): Promise<RebuildCounts> {
  const rebuilt = await DifferingReader.open(rebuiltFolder(previewFolder), index);
  const others = await DifferingReader.open(othersFolder(previewFolder), index);
  try {
    return { saved: rebuilt.counts.onlyInBackup, others: others.counts.changed + others.counts.onlyInTarget };
  } finally {
    await rebuilt.close();
    await others.close();
  }
}
