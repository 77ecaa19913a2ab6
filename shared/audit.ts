/** One line of the audit: who did what to which target, with what result. */
import { z } from 'zod';

export const auditCategories = [
  'connection',
  'backup',
  'restore',
  'sandbox',
  'settings',
  'profiler',
  'index',
  'replica-set',
  'alert',
] as const;

export const auditEntrySchema = z.object({
  formatVersion: z.literal(1),
  sequence: z.number().int().min(1),
  time: z.string(),
  user: z.string(),
  host: z.string(),
  origin: z.enum(['window', 'cli']),
  /** `connection.add`, `backup.run`, `backup.delete`, `restore.apply`… */
  operation: z.string(),
  /** The connection, store or namespace it was done to, by the names the user knows. */
  target: z.string(),
  category: z.enum(auditCategories),
  /** Redacted: no value here can hold a secret. */
  parameters: z.record(z.string(), z.unknown()),
  result: z.enum(['started', 'succeeded', 'succeeded-with-warnings', 'failed', 'cancelled', 'refused', 'interrupted']),
  error: z.string().nullable(),
  jobId: z.string().nullable(),
  /** SHA-256 (hex) of the previous line; 64 zeros before the first. */
  previousHash: z.string().length(64),
  /** SHA-256 (hex) of this entry's canonical JSON without this field. */
  hash: z.string().length(64),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What a service says of an operation; the audit adds who, when and the hashes. */
export type AuditRecord = Pick<
  AuditEntry,
  'operation' | 'target' | 'category' | 'parameters' | 'result' | 'error' | 'jobId'
>;

export const auditVerificationSchema = z.object({
  intact: z.boolean(),
  entries: z.number(),
  /** Where the chain breaks first: line (1-based) and what is wrong there. */
  brokenAtLine: z.number().nullable(),
  reason: z.string().nullable(),
});
export type AuditVerification = z.infer<typeof auditVerificationSchema>;
