/** Numbers that look random and are the same at every start. */
import { Decimal128, ObjectId } from 'mongodb';

export interface Random {
  /** From 0 (included) to 1 (excluded). */
  fraction(): number;
  /** From `low` to `high`, both included. */
  integer(low: number, high: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** An independent sequence for each pair (mulberry32 over a mix of both). */
export function randomOf(stream: number, index: number): Random {
  let state = (Math.imul(stream, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  // The first number of neighbouring seeds is alike.
  fraction();
  return {
    fraction,
    integer: (low, high) => low + Math.floor(fraction() * (high - low + 1)),
    pick: (choices) => {
      const chosen = choices[Math.floor(fraction() * choices.length)];
      if (chosen === undefined) throw new Error('Nothing to pick from');
      return chosen;
    },
  };
}

/** An ObjectId made from the time, the stream and the index, as a driver would from time, machine and counter. */
export function objectIdOf(at: Date, stream: number, index: number): ObjectId {
  const seconds = Math.floor(at.getTime() / 1000);
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return new ObjectId(`${hex(seconds, 8)}5b0a7${hex(stream, 5)}${hex(index, 6)}`);
}

/** Cents as an exact decimal with two places. */
export function money(cents: number): Decimal128 {
  return Decimal128.fromString((cents / 100).toFixed(2));
}
