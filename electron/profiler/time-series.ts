/** Operations per minute, or per more minutes where that would be too many points. */
import type { TimeSeriesReport } from '../../shared/profiler';

const minute = 60_000;

interface Bucket {
  count: number;
  totalMs: number;
  maxMs: number;
}

export class TimeSeries {
  private minutes = 1;
  private buckets = new Map<number, Bucket>();

  /** `most` is how many buckets are kept at most: their width doubles beyond. */
  constructor(private readonly most: number) {}

  /** `time` in milliseconds since 1970. */
  add(time: number, durationMs: number): void {
    this.put(Math.floor(time / (this.minutes * minute)), 1, durationMs, durationMs);
    if (this.buckets.size > this.most) this.widen();
  }

  report(): TimeSeriesReport {
    const width = this.minutes * minute;
    const buckets = [...this.buckets].sort(([a], [b]) => a - b);
    return {
      minutes: this.minutes,
      buckets: buckets.map(([index, bucket]) => ({ time: new Date(index * width).toISOString(), ...bucket })),
    };
  }

  private put(index: number, count: number, totalMs: number, maxMs: number): void {
    const bucket = this.buckets.get(index);
    if (bucket) {
      bucket.count += count;
      bucket.totalMs += totalMs;
      if (maxMs > bucket.maxMs) bucket.maxMs = maxMs;
    } else this.buckets.set(index, { count, totalMs, maxMs });
  }

  private widen(): void {
    while (this.buckets.size > this.most) {
      const narrow = this.buckets;
      this.buckets = new Map();
      this.minutes *= 2;
      for (const [index, { count, totalMs, maxMs }] of narrow) this.put(Math.floor(index / 2), count, totalMs, maxMs);
    }
  }
}
