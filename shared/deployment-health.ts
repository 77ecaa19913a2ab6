/** How a deployment is doing, for the window: the newest sample, what is wrong, since when. Times are milliseconds since 1970. */
import { z } from 'zod';
import type { Incident } from './alerts';
import type { DeploymentSample } from './health';

/** 'unknown': nothing was sampled yet, or nobody answers and no rule says so. From worst to best. */
export const healthVerdicts = ['critical', 'warning', 'unknown', 'healthy'] as const;
export type HealthVerdict = (typeof healthVerdicts)[number];

export interface DeploymentHealth {
  connectionId: string;
  verdict: HealthVerdict;
  /** Since when the verdict holds, as far back as is known. */
  since: number | null;
  /** The gravest problem in one sentence; null while there is none. */
  problem: string | null;
  /** Null until the first sample. */
  sample: DeploymentSample | null;
  /** Open ones, gravest first. */
  incidents: Incident[];
  intervalMs: number;
  /** Whether the history is written by this process; another Lifeboat (a `health watch`) may do so. */
  recordedHere: boolean;
}

/** One member as `replSetGetConfig` tells it. */
export interface ConfiguredMember {
  id: number;
  host: string;
  priority: number;
  votes: number;
  hidden: boolean;
  arbiterOnly: boolean;
  buildIndexes: boolean;
  delaySeconds: number;
  tags: Record<string, string>;
}

/** `rs.conf()`, readable. */
export interface ReplicaSetConfiguration {
  set: string;
  version: number;
  term: number | null;
  members: ConfiguredMember[];
  /** Settings that matter in operation, by MongoDB's names: `electionTimeoutMillis`, `chainingAllowed`, … */
  settings: { name: string; value: string }[];
  /** What a reader should know of it: an even number of votes, no electable secondary, … */
  remarks: string[];
  /** As the server gave it: relaxed Extended JSON, indented. */
  text: string;
}

/** `set` null: the only set of the deployment. */
export const setRequestSchema = z.object({ connectionId: z.string().min(1), set: z.string().nullable() });
export type SetRequest = z.output<typeof setRequestSchema>;

export const eventsRequestSchema = z
  .object({ connectionId: z.string().min(1), from: z.number(), to: z.number() })
  .refine(({ from, to }) => to > from, 'The end comes after the beginning');
