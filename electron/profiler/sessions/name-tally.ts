/** How often each name of a column occurs, and how long those operations took. */
import type { Facet } from '../../../shared/slow-queries';
import type { InternedNames } from './interned-names';

/** Counts by the numbers of interned names; {@link take} empties it, in time that depends on the names seen alone. */
export class NameTally {
  readonly #table: InternedNames;
  readonly #counts: Uint32Array;
  readonly #totals: Float64Array;
  /** Numbers of the names that were seen. */
  readonly #seen: Uint32Array;
  #seenCount = 0;

  /** For names that `table` has by now. */
  constructor(table: InternedNames) {
    const size = table.names.length;
    this.#table = table;
    this.#counts = new Uint32Array(size);
    this.#totals = new Float64Array(size);
    this.#seen = new Uint32Array(size);
  }

  /** `number` in the table; 0 for an operation without a name. `durationMs` in milliseconds. */
  add(number: number, durationMs: number): void {
    const count = this.#counts[number] ?? 0;
    if (count === 0) this.#seen[this.#seenCount++] = number;
    this.#counts[number] = count + 1;
    this.#totals[number] = (this.#totals[number] ?? 0) + durationMs;
  }

  /** At most `most`, by total time; operations without a name are left out unless `unnamed` says how to call them. */
  take(most: number, unnamed: string | null = null): Facet[] {
    const numbers = Array.from(this.#seen.subarray(0, this.#seenCount));
    const countOf = (number: number): number => this.#counts[number] ?? 0;
    const totalOf = (number: number): number => this.#totals[number] ?? 0;
    const facets = numbers
      .filter((number) => number !== 0 || unnamed !== null)
      .sort((a, b) => totalOf(b) - totalOf(a) || countOf(b) - countOf(a) || a - b)
      .slice(0, most)
      .map((number) => ({
        name: this.#table.nameOf(number) ?? unnamed ?? '',
        count: countOf(number),
        totalMs: totalOf(number),
      }));
    for (const number of numbers) this.#counts[number] = this.#totals[number] = 0;
    this.#seenCount = 0;
    return facets;
  }
}

/** The names of some operations: `members` are their places in `column` and `durations`. See {@link NameTally.take}. */
export function facetsOf(
  members: Uint32Array,
  column: ArrayLike<number>,
  durations: Float64Array,
  table: InternedNames,
  most: number,
  unnamed: string | null = null,
): Facet[] {
  const tally = new NameTally(table);
  for (let place = 0; place < members.length; place++) {
    const at = members[place] ?? 0;
    tally.add(column[at] ?? 0, durations[at] ?? 0);
  }
  return tally.take(most, unnamed);
}
