/** What is asked of the history of health, and what it answers. Times are milliseconds since 1970. */
import { z } from 'zod';
import { metricNameSchema, type MetricName } from './health';

export const historyQuerySchema = z
  .object({
    /** A connection's id. */
    deployment: z.string().min(1),
    /** Null: all members ever seen. */
    hosts: z.array(z.string()).nullable(),
    metrics: z.array(metricNameSchema).min(1).max(50),
    from: z.number(),
    to: z.number(),
    /** So many at most per series. */
    points: z.number().int().min(2).max(20_000),
  })
  .refine(({ from, to }) => to > from, 'The end comes after the beginning');
export type HistoryQuery = z.infer<typeof historyQuerySchema>;

/**
 * One metric of one member: least, greatest and mean value of each step. Null: asked, and nothing known. A step that is missing
 * was not sampled: more than two steps between two points are a gap.
 */
export interface HistoryLine {
  host: string;
  set: string | null;
  metric: MetricName;
  at: number[];
  min: (number | null)[];
  max: (number | null)[];
  mean: (number | null)[];
}

export interface HistorySeries {
  from: number;
  to: number;
  stepMs: number;
  /** What it was read from. */
  tier: 'raw' | '1 min' | '10 min';
  series: HistoryLine[];
}
