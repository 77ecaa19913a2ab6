/** A set of `_id` hashes that millions of digest records are held against: a bitmap turns most of them away. */

const emptyLow = 0;
const emptyHigh = 0;

export class WantedHashes {
  readonly #mask: number;
  readonly #lows: Uint32Array;
  readonly #highs: Uint32Array;
  readonly #bits: Uint32Array;
  readonly #bitMask: number;
  #hasZero = false;
  size = 0;

  /** `most`: how many there will be at most. */
  constructor(most: number) {
    let slots = 64;
    while (slots < most * 2) slots *= 2;
    this.#mask = slots - 1;
    this.#lows = new Uint32Array(slots);
    this.#highs = new Uint32Array(slots);
    // Sixteen bits a slot: about one of thirty records that are not wanted passes.
    this.#bits = new Uint32Array(slots / 2);
    this.#bitMask = slots * 16 - 1;
  }

  add(low: number, high: number): void {
    if (this.has(low, high)) return;
    this.size++;
    const bit = low & this.#bitMask;
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
    if (low === emptyLow && high === emptyHigh) {
      this.#hasZero = true;
      return;
    }
    let slot = high & this.#mask;
    while (this.#lows[slot] !== emptyLow || this.#highs[slot] !== emptyHigh) slot = (slot + 1) & this.#mask;
    this.#lows[slot] = low;
    this.#highs[slot] = high;
  }

  has(low: number, high: number): boolean {
    if (low === emptyLow && high === emptyHigh) return this.#hasZero;
    for (let slot = high & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const foundLow = this.#lows[slot];
      const foundHigh = this.#highs[slot];
      if (foundLow === low && foundHigh === high) return true;
      if (foundLow === emptyLow && foundHigh === emptyHigh) return false;
    }
  }

  /** Calls `visit` for each record (six words, the `_id`'s hash first) that is wanted, in order. */
  forEachWanted(words: Uint32Array, count: number, visit: (record: number) => void): void {
    const bits = this.#bits;
    const bitMask = this.#bitMask;
    for (let record = 0, at = 0; record < count; record++, at += 6) {
      const low = words[at] ?? 0;
      const bit = low & bitMask;
      if ((((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 0) continue;
      if (this.has(low, words[at + 1] ?? 0)) visit(record);
    }
  }
}
