/** Numbers as bytes: rows of all metrics of one moment, and columns of one metric over time. NaN stands for null. Pure. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { metricNames, type Metrics } from '../../../shared/health';

/** All metrics of a moment, or of a bucket, each with its least, greatest and mean value. */
export interface PackedRow {
  at: number;
  min: Float32Array;
  max: Float32Array;
  mean: Float32Array;
}

/** One metric over time. */
export interface Column {
  at: Float64Array;
  min: Float32Array;
  max: Float32Array;
  mean: Float32Array;
}

export const metricCount = metricNames.length;

export function packMetrics(metrics: Metrics): Float32Array {
  return Float32Array.from(metricNames, (name) => metrics[name] ?? Number.NaN);
}

export function bytesOfFloats(...parts: readonly Float32Array[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 4));
}

/** A row as it was written; by an older Lifeboat with fewer metrics, whose missing ones are NaN. */
export function unpackRow(at: number, bytes: Uint8Array, isAggregate: boolean): PackedRow {
  const floats = floatsOf(bytes);
  const width = isAggregate ? floats.length / 3 : floats.length;
  const part = (index: number): Float32Array => {
    const full = new Float32Array(metricCount).fill(Number.NaN);
    full.set(floats.subarray(index * width, index * width + Math.min(width, metricCount)));
    return full;
  };
  const min = part(0);
  return isAggregate ? { at, min, max: part(1), mean: part(2) } : { at, min, max: min, mean: min };
}

/** One row of many: least, greatest and mean of what is known in them. */
export function aggregateRows(at: number, rows: readonly PackedRow[]): PackedRow {
  const min = new Float32Array(metricCount).fill(Number.NaN);
  const max = new Float32Array(metricCount).fill(Number.NaN);
  const mean = new Float32Array(metricCount).fill(Number.NaN);
  for (let metric = 0; metric < metricCount; metric++) {
    let sum = 0;
    let known = 0;
    let least = Infinity;
    let greatest = -Infinity;
    for (const row of rows) {
      const value = row.mean[metric] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      known++;
      sum += value;
      least = Math.min(least, row.min[metric] ?? value);
      greatest = Math.max(greatest, row.max[metric] ?? value);
    }
    if (known === 0) continue;
    min[metric] = least;
    max[metric] = greatest;
    mean[metric] = sum / known;
  }
  return { at, min, max, mean };
}

/** One metric of many rows as compressed bytes; null when nothing is known in any of them. */
export function sealColumn(rows: readonly PackedRow[], metric: number, isAggregate: boolean): Uint8Array | null {
  const column = (kind: 'min' | 'max' | 'mean') => Float32Array.from(rows, (row) => row[kind][metric] ?? Number.NaN);
  const mean = column('mean');
  if (mean.every((value) => Number.isNaN(value))) return null;
  return deflateRawSync(bytesOfFloats(...(isAggregate ? [column('min'), column('max'), mean] : [mean])));
}

export function sealTimes(rows: readonly PackedRow[]): Uint8Array {
  const times = Float64Array.from(rows, ({ at }) => at);
  return deflateRawSync(Buffer.from(times.buffer));
}

export function openTimes(bytes: Uint8Array): Float64Array {
  const inflated = Uint8Array.from(inflateRawSync(bytes));
  return new Float64Array(inflated.buffer, 0, Math.floor(inflated.byteLength / 8));
}

/** `bytes` null: a stretch in which the metric was never known. */
export function openColumn(at: Float64Array, bytes: Uint8Array | null, isAggregate: boolean): Column {
  if (bytes === null) {
    const none = new Float32Array(at.length).fill(Number.NaN);
    return { at, min: none, max: none, mean: none };
  }
  const floats = floatsOf(Uint8Array.from(inflateRawSync(bytes)));
  const part = (index: number): Float32Array => floats.subarray(index * at.length, (index + 1) * at.length);
  return isAggregate
    ? { at, min: part(0), max: part(1), mean: part(2) }
    : { at, min: floats, max: floats, mean: floats };
}
