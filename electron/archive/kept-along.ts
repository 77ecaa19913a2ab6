import { documentLength } from './raw-bson';
import type { DocumentRun } from './scan-types';

/**
 * Documents of one namespace that will be asked for later, kept when a block that holds them is inflated for others, so
 * that it need not be inflated twice.
 */
export class KeptAlong {
  readonly #wanted: Set<number>;
  readonly #sorted: Float64Array;
  readonly #documents = new Map<number, Buffer>();
  #room: number;

  /** `bytes` of documents at most. */
  constructor(ordinals: Iterable<number>, bytes: number) {
    this.#wanted = new Set(ordinals);
    this.#sorted = Float64Array.from(this.#wanted).sort();
    this.#room = bytes;
  }

  /** Whether all of these need no block. */
  hasAll(ordinals: readonly number[]): boolean {
    return ordinals.every((ordinal) => this.#documents.has(ordinal));
  }

  /** Hands kept documents over; null when one of them was not kept. */
  takeAll(ordinals: readonly number[]): { ordinal: number; document: Buffer }[] | null {
    const taken: { ordinal: number; document: Buffer }[] = [];
    for (const ordinal of ordinals) {
      const document = this.#documents.get(ordinal);
      if (!document) return null;
      taken.push({ ordinal, document });
    }
    for (const { ordinal, document } of taken) {
      this.#documents.delete(ordinal);
      this.#room += document.length;
    }
    return taken;
  }

  /** Keeps what is wanted of a run in an inflated block. `asked`: what it was inflated for. */
  keep(block: Buffer, run: DocumentRun, asked: readonly number[]): void {
    if (asked.some((ordinal) => this.#wanted.has(ordinal))) return;
    let { offset } = run;
    let current = run.firstOrdinal;
    for (let at = this.#firstAtOrAfter(run.firstOrdinal); at < this.#sorted.length; at++) {
      const ordinal = this.#sorted[at] ?? Infinity;
      if (ordinal >= run.firstOrdinal + run.count) return;
      if (this.#documents.has(ordinal)) continue;
      for (; current < ordinal; current++) offset += documentLength(block, offset);
      const length = documentLength(block, offset);
      if (length > this.#room) return;
      this.#room -= length;
      this.#documents.set(ordinal, Buffer.from(block.subarray(offset, offset + length)));
    }
  }

  #firstAtOrAfter(ordinal: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? Infinity) < ordinal) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
