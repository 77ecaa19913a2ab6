/** Captures: sets of operations gathered from one source, kept until they are deleted. */
import { z } from 'zod';
import { guardedProfilingRequestSchema } from './profiling';
import type { AppError } from './result';

const hosts = z.array(z.string()).min(1).nullable();
const connectionId = z.string().min(1);

/** Where operations come from. `hosts` null: every member that holds data. */
export const captureSourceSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('profiler'),
    connectionId,
    hosts,
    /** Null: all but `local` and `config`. */
    databases: z.array(z.string().min(1)).min(1).nullable(),
    /** What is recorded already, from this time (milliseconds since 1970) on; null: all of it. */
    since: z.number().nullable(),
    /** For how long to go on collecting what is recorded from now on; 0: only what there is. */
    minutes: z
      .number()
      .min(0)
      .max(24 * 60),
    /** Sets the profilers for the time of the capture and puts them back; null leaves them as they are. */
    profiling: guardedProfilingRequestSchema.nullable(),
  }),
  z.object({
    /** The last lines of its log that a server keeps in memory. */
    type: z.literal('server-log'),
    connectionId,
    hosts,
    minutes: z
      .number()
      .min(0)
      .max(24 * 60),
  }),
  /** Log files, gzip or not, and folders of them. */
  z.object({ type: z.literal('log-files'), paths: z.array(z.string().min(1)).min(1) }),
  z.object({
    /** Looks again and again at what runs: finds long operations, misses short ones. */
    type: z.literal('current-operations'),
    connectionId,
    hosts,
    minutes: z
      .number()
      .positive()
      .max(24 * 60),
    intervalMs: z.number().int().min(100).max(60_000),
    /** Operations that run for less are left out. */
    slowms: z.number().int().min(0),
  }),
]);
export type CaptureSource = z.input<typeof captureSourceSchema>;
export const captureSourceTypeSchema = z.enum(['profiler', 'server-log', 'log-files', 'current-operations']);
export type CaptureSourceType = CaptureSource['type'];

export const captureRequestSchema = z.object({
  source: captureSourceSchema,
  /** Null: made of the source. */
  title: z.string().min(1).max(120).nullable(),
});
export type CaptureRequest = z.input<typeof captureRequestSchema>;

export interface CaptureStarted {
  captureId: string;
  jobId: string;
}

/** `interrupted`: Lifeboat ended meanwhile; what had been gathered is there. */
export const captureStatusSchema = z.enum(['running', 'complete', 'stopped', 'failed', 'interrupted']);
export type CaptureStatus = z.infer<typeof captureStatusSchema>;

export interface Capture {
  id: string;
  title: string;
  source: CaptureSourceType;
  /** The files or the connection and members, as a person would name them. */
  sourceText: string;
  connectionId: string | null;
  connectionName: string | null;
  status: CaptureStatus;
  jobId: string;
  /** ISO 8601. */
  startedAt: string;
  /** When it will end by itself; null when that is not by time. */
  until: string | null;
  endedAt: string | null;
  /** First and last time of an operation, milliseconds since 1970; null without one. */
  from: number | null;
  to: number | null;
  /** `counted` and those set apart. */
  operations: number;
  counted: number;
  unreadableLines: number;
  /** On disk; null while it is running. */
  bytes: number | null;
  error: AppError | null;
}
