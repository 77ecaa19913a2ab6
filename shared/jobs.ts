/** Long-running pieces of work, as the window and the command line see them. */
import { z } from 'zod';
import { appErrorSchema } from './result';

export const jobKinds = [
  'backup',
  'verify',
  'import',
  'delete',
  'preview',
  'export',
  'restore',
  'demo',
  'sandbox',
  'advice',
  'index',
  'capture',
  'operation',
] as const;
export const jobKindSchema = z.enum(jobKinds);
export type JobKind = z.infer<typeof jobKindSchema>;

export const jobStatuses = [
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'succeeded-with-warnings',
  'failed',
  'cancelled',
  'interrupted',
] as const;
export const jobStatusSchema = z.enum(jobStatuses);
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** `null` means unknown: nothing invents a total. */
export const progressSchema = z.object({
  /** What is being done now, in the user's words: "Dumping shop.orders". */
  phase: z.string(),
  bytesDone: z.number(),
  bytesTotal: z.number().nullable(),
  documentsDone: z.number(),
  documentsTotal: z.number().nullable(),
  /** Bytes per second over the last seconds; null until known. */
  bytesPerSecond: z.number().nullable(),
  documentsPerSecond: z.number().nullable(),
  /** Seconds left by bytes and documents, the later of both; null when unknown. */
  secondsLeft: z.number().nullable(),
});
export type Progress = z.infer<typeof progressSchema>;

/** What a job reports; the runner adds rates and the time left. */
export interface ProgressUpdate {
  phase: string;
  bytesDone?: number;
  bytesTotal?: number | null;
  documentsDone?: number;
  documentsTotal?: number | null;
}

export const jobSchema = z.object({
  id: z.string(),
  kind: jobKindSchema,
  title: z.string(),
  status: jobStatusSchema,
  /** Names of the phases in order; the current one is `progress.phase`. */
  phases: z.array(z.string()),
  progress: progressSchema,
  /** Who runs it: window or command line, and the process. */
  origin: z.enum(['window', 'cli']),
  processId: z.number(),
  hostname: z.string(),
  connectionId: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  error: appErrorSchema.nullable(),
  warnings: z.array(z.string()),
  /** What the job made: a backup id, a preview id, a restore id. */
  resultId: z.string().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export function isFinished(status: JobStatus): boolean {
  return status !== 'queued' && status !== 'running' && status !== 'cancelling';
}
