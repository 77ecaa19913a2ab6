/** The programs of MongoDB's that Lifeboat drives, and the sandboxes it starts with them. */
import { z } from 'zod';
import { appErrorSchema } from './result';

export const toolNames = ['mongodump', 'mongorestore', 'mongod'] as const;
export const toolNameSchema = z.enum(toolNames);
export type ToolName = z.infer<typeof toolNameSchema>;

export const toolSchema = z.object({
  name: toolNameSchema,
  path: z.string().nullable(),
  version: z.string().nullable(),
  /** Which place it was found in. */
  foundIn: z.enum(['settings', 'environment', 'path', 'install-folder', 'runtime-folder']).nullable(),
  /** Set when it is missing, not executable or too old; names the place and what to do. */
  problem: appErrorSchema.nullable(),
});
export type Tool = z.infer<typeof toolSchema>;

export const sandboxMemberSchema = z.object({ host: z.string(), pid: z.number() });

export const sandboxSchema = z.object({
  id: z.string(),
  /** `demo` holds the online shop with its workload; `scratch` is empty. */
  purpose: z.enum(['demo', 'scratch']),
  uri: z.string(),
  members: z.array(sandboxMemberSchema),
  folder: z.string(),
  startedAt: z.string(),
  /** The process that owns it: the sandbox ends with it. */
  ownerProcessId: z.number(),
});
export type Sandbox = z.infer<typeof sandboxSchema>;

export const demoStatusSchema = z.object({
  state: z.enum(['stopped', 'starting', 'running', 'failed']),
  connectionId: z.string().nullable(),
  workload: z.enum(['running', 'paused', 'stopped']),
  error: appErrorSchema.nullable(),
});
export type DemoStatus = z.infer<typeof demoStatusSchema>;

export const doctorCheckSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['ok', 'warning', 'failed']),
  summary: z.string(),
  hint: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof doctorCheckSchema>;

export const doctorReportSchema = z.object({
  healthy: z.boolean(),
  tools: z.array(toolSchema),
  checks: z.array(doctorCheckSchema),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
