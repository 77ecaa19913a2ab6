/** Careful reading of servers' answers: numbers of any BSON type, missing parts of other versions. */
import { Decimal128, Double, Int32, Long, Timestamp } from 'mongodb';

/** What lies at the end of `path` in a document; undefined where a step is missing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.prototype.hasOwnProperty.call(current, step))
      return undefined;
    current = Reflect.get(current, step);
  }
  return current;
}

/** The finite number at the end of `path`, of whatever BSON type; null when there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number | null {
  const found = valueAt(value, ...path);
  let number: number | null = null;
  if (typeof found === 'number') number = found;
  else if (found instanceof Long) number = found.toNumber();
  else if (found instanceof Double || found instanceof Int32) number = found.value;
  else if (found instanceof Decimal128) number = Number(found.toString());
  else if (typeof found === 'bigint') number = Number(found);
  return number !== null && Number.isFinite(number) ? number : null;
}

export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : null;
}

export function listAt(value: unknown, ...path: readonly string[]): unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? (found as unknown[]) : [];
}

/** Milliseconds since 1970 of a date. */
export function dateAt(value: unknown, ...path: readonly string[]): number | null {
  const found = valueAt(value, ...path);
  return found instanceof Date && !Number.isNaN(found.getTime()) ? found.getTime() : null;
}

/** A place in the oplog and when it was written by the primary's clock. */
export interface OplogPlace {
  seconds: number;
  increment: number;
  /** Milliseconds since 1970; from the timestamp where the server tells no finer time. */
  wallMs: number;
}

/** The place told by an optime (`{ ts, t }`) and its wall time; null for none and for the initial empty one. */
export function placeOf(optime: unknown, wallMs: number | null): OplogPlace | null {
  const timestamp = optime instanceof Timestamp ? optime : valueAt(optime, 'ts');
  if (!(timestamp instanceof Timestamp) || timestamp.getHighBitsUnsigned() === 0) return null;
  const seconds = timestamp.getHighBitsUnsigned();
  return { seconds, increment: timestamp.getLowBitsUnsigned(), wallMs: wallMs ?? seconds * 1000 };
}

/** Below zero when `a` comes before `b`. */
export function comparePlaces(a: OplogPlace, b: OplogPlace): number {
  return a.seconds - b.seconds || a.increment - b.increment;
}
