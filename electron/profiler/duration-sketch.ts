/** Quantiles of durations in bounded memory. */

/** Durations kept as they are, until there are more. */
const exactValues = 256;
/** Buckets per doubling: the middle of one is at most 0.4 % away from anything in it. */
const perDoubling = 128;
/** Below it every whole number has a bucket of its own. */
const linear = 128;

/**
 * Non-negative durations in milliseconds. Up to 256 of them are kept; from then on they are counted in buckets that grow
 * with the value, at most 1 % from the truth (whole milliseconds below 128 stay exact). Sketches can be merged, in any order.
 */
export class DurationSketch {
  private values: number[] | null = [];
  private buckets: Map<number, number> | null = null;
  count = 0;
  max = 0;

  add(duration: number): void {
    this.count += 1;
    if (duration > this.max) this.max = duration;
    if (this.values) {
      this.values.push(duration);
      if (this.values.length > exactValues) this.spill();
    } else this.addToBucket(bucketOf(duration), 1);
  }

  merge(other: DurationSketch): void {
    if (other.values) {
      for (const value of other.values) this.add(value);
      return;
    }
    this.spill();
    this.count += other.count;
    this.max = Math.max(this.max, other.max);
    for (const [bucket, count] of other.buckets ?? []) this.addToBucket(bucket, count);
  }

  /** The smallest duration that at least `quantile` (0 to 1) of all do not exceed; 0 without any. */
  quantile(quantile: number): number {
    const rank = Math.max(1, Math.ceil(quantile * this.count));
    if (this.values) return [...this.values].sort((a, b) => a - b)[rank - 1] ?? 0;
    let seen = 0;
    for (const [bucket, count] of [...(this.buckets ?? [])].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= rank) return Math.min(middleOf(bucket), this.max);
    }
    return this.max;
  }

  private spill(): void {
    if (!this.values) return;
    const { values } = this;
    this.values = null;
    this.buckets = new Map();
    for (const value of values) this.addToBucket(bucketOf(value), 1);
  }

  private addToBucket(bucket: number, count: number): void {
    this.buckets?.set(bucket, (this.buckets.get(bucket) ?? 0) + count);
  }
}

function bucketOf(value: number): number {
  if (value < linear) return Math.round(value);
  const doubling = Math.floor(Math.log2(value / linear));
  const base = linear * 2 ** doubling;
  return linear + doubling * perDoubling + Math.floor(((value - base) / base) * perDoubling);
}

function middleOf(bucket: number): number {
  if (bucket < linear) return bucket;
  const doubling = Math.floor((bucket - linear) / perDoubling);
  const base = linear * 2 ** doubling;
  const within = (bucket - linear) % perDoubling;
  const width = base / perDoubling;
  // Whole milliseconds: the middle of those that fall into the bucket.
  return base + within * width + (width - 1) / 2;
}
