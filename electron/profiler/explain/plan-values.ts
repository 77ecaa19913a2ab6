/** Reads members of an explain answer, which differ between versions and may be of any type. */
import { Long, type Document } from 'bson';

export function documentAt(from: unknown, name: string): Document | null {
  return asDocument(isDocument(from) ? from[name] : undefined);
}

export function asDocument(value: unknown): Document | null {
  return isDocument(value) ? value : null;
}

export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Long.isLong(value);
}

export function documentsAt(from: unknown, name: string): Document[] {
  const list: unknown = isDocument(from) ? from[name] : undefined;
  return Array.isArray(list) ? list.filter(isDocument) : [];
}

export function numberAt(from: unknown, name: string): number | null {
  const value: unknown = isDocument(from) ? from[name] : undefined;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || Long.isLong(value)) return Number(value);
  return null;
}

export function textAt(from: unknown, name: string): string | null {
  const value: unknown = isDocument(from) ? from[name] : undefined;
  return typeof value === 'string' ? value : null;
}

export function flagAt(from: unknown, name: string): boolean {
  return isDocument(from) && from[name] === true;
}

export function stringsAt(from: unknown, name: string): string[] {
  const list: unknown = isDocument(from) ? from[name] : undefined;
  return Array.isArray(list) ? list.filter((member): member is string => typeof member === 'string') : [];
}

/** Milliseconds: in the finest unit that is told. */
export function millisecondsOf(stage: Document): number | null {
  const nanoseconds = numberAt(stage, 'executionTimeNanos');
  if (nanoseconds !== null) return nanoseconds / 1e6;
  const microseconds = numberAt(stage, 'executionTimeMicros');
  if (microseconds !== null) return microseconds / 1000;
  return numberAt(stage, 'executionTimeMillisEstimate');
}
