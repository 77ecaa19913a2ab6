/**
 * The database profiler of the chosen members: what it is set to, and time-boxed changes of it. The level and the filter
 * belong to one database of one member; `slowms` and the sample rate to the whole process, whose log they rule as well.
 */
import { z } from 'zod';
import { appErrorSchema } from './result';
import { memberStates } from './connections';

export const profilingLevelSchema = z.union([z.literal(0), z.literal(1), z.literal(2)]);
export type ProfilingLevel = z.infer<typeof profilingLevelSchema>;

/** What holds for a whole mongod or mongos process, its log included. */
export const processProfilingSchema = z.object({
  /** Milliseconds from which on an operation is slow. */
  slowms: z.number().int(),
  /** Share of the slow operations that is recorded, 0 to 1. */
  sampleRate: z.number().min(0).max(1),
});
export type ProcessProfiling = z.infer<typeof processProfilingSchema>;

export const databaseProfilingSchema = z.object({
  level: profilingLevelSchema,
  /** Extended JSON of the filter; with one, `slowms` and the sample rate are not looked at. Null without. */
  filter: z.string().nullable(),
});
export type DatabaseProfiling = z.infer<typeof databaseProfilingSchema>;

/** `system.profile` of one database on one member. */
export const profileCollectionSchema = z.object({
  documents: z.number(),
  /** Of its documents, uncompressed. */
  bytes: z.number(),
  /** Beyond it the oldest are overwritten; null when it is not capped. */
  maxBytes: z.number().nullable(),
});
export type ProfileCollection = z.infer<typeof profileCollectionSchema>;

export const profiledDatabaseSchema = databaseProfilingSchema.extend({
  name: z.string(),
  /** Null where there is none yet. */
  collection: profileCollectionSchema.nullable(),
  /** The time-box it is in. */
  boxId: z.string().nullable(),
  /** ISO 8601; when it will be put back to what it was. */
  until: z.string().nullable(),
});
export type ProfiledDatabase = z.infer<typeof profiledDatabaseSchema>;

export const profiledMemberSchema = z.object({
  host: z.string(),
  state: z.enum(memberStates),
  /** Null when the member could not be asked: see `error`. */
  process: processProfilingSchema.nullable(),
  databases: z.array(profiledDatabaseSchema),
  error: appErrorSchema.nullable(),
});
export type ProfiledMember = z.infer<typeof profiledMemberSchema>;

/**
 * Where one database of one member stands in its time-box: `pending` (noted, not set yet), `active`, `restored`,
 * `left` (somebody else changed it meanwhile: what they set stays), `waiting` (could not be restored yet; tried again).
 */
export const boxedStateSchema = z.enum(['pending', 'active', 'restored', 'left', 'waiting']);
export type BoxedState = z.infer<typeof boxedStateSchema>;

export const boxedDatabaseSchema = z.object({
  host: z.string(),
  database: z.string(),
  state: boxedStateSchema,
  former: databaseProfilingSchema,
  set: databaseProfilingSchema,
  /** Why it waits, or what was left alone. */
  note: z.string().nullable(),
});
export type BoxedDatabase = z.infer<typeof boxedDatabaseSchema>;

/** A member that was not set although none was chosen in particular: it did not answer. */
export const leftOutMemberSchema = z.object({ host: z.string(), message: z.string() });
export type LeftOutMember = z.infer<typeof leftOutMemberSchema>;

/** A change of profilers with the time it is taken back. */
export const timeBoxSchema = z.object({
  id: z.string(),
  connectionId: z.string(),
  connectionName: z.string(),
  startedAt: z.string(),
  until: z.string(),
  /** Null while it is open. */
  endedAt: z.string().nullable(),
  /** `open` until everything is put back or left; `waiting` when its time is over and a member could not be reached. */
  status: z.enum(['open', 'waiting', 'restored', 'left']),
  slowms: z.number().int(),
  sampleRate: z.number(),
  databases: z.array(boxedDatabaseSchema),
  /** Profile as they did before: what they do in this time is missing. */
  leftOut: z.array(leftOutMemberSchema).default([]),
});
export type TimeBox = z.infer<typeof timeBoxSchema>;

export interface ProfilingStatus {
  connectionId: string;
  members: ProfiledMember[];
  /** Databases that may be chosen: those the user may list but `admin`, `config`, `local`. */
  databases: string[];
  /** Open ones and the last few that ended, newest first. */
  boxes: TimeBox[];
}

/** What profilers are set to, where, and for how long. */
export const profilingRequestSchema = z.object({
  connectionId: z.string().min(1),
  /** `host:port` as the status tells them; null: every member that holds data. */
  hosts: z.array(z.string()).min(1).nullable(),
  /** Null: all that can be chosen. */
  databases: z.array(z.string().min(1)).min(1).nullable(),
  level: profilingLevelSchema,
  slowms: z.number().int().min(-1).max(86_400_000),
  sampleRate: z.number().min(0).max(1),
  /** Extended JSON; null takes a filter away. */
  filter: z.string().nullable(),
  /** After which everything is put back. */
  minutes: z
    .number()
    .positive()
    .max(24 * 60),
});
export type ProfilingRequest = z.input<typeof profilingRequestSchema>;

/** With the connection's name as typed, which production asks for. */
export const guardedProfilingRequestSchema = profilingRequestSchema.extend({ typedName: z.string().nullable() });
export type GuardedProfilingRequest = z.input<typeof guardedProfilingRequestSchema>;

/** What a request would do; nothing has been set. */
export interface ProfilingPreview {
  /** `shop on a:27017: level 0 → 1`, one each. */
  changes: string[];
  /** What it costs and whom else it touches, a sentence each. */
  costs: string[];
  /** What would keep it from being done: a chosen member that does not answer, or none that does. */
  problems: string[];
  /** Where every member was asked for: those that do not answer. The others are set all the same. */
  leftOut: LeftOutMember[];
  /** The typed name is asked for. */
  guarded: boolean;
}

/** Another size for `system.profile` of one database of one member: what it holds is lost. */
export const profileResizeSchema = z.object({
  connectionId: z.string().min(1),
  host: z.string().min(1),
  database: z.string().min(1),
  /** MongoDB rounds up to a multiple of 256. */
  bytes: z
    .number()
    .int()
    .min(4096)
    .max(16 * 1024 ** 3),
});
export type ProfileResize = z.input<typeof profileResizeSchema>;

export interface ProfileResizePreview {
  current: ProfileCollection | null;
  bytes: number;
  /** The commands in order. */
  steps: string[];
  /** A sentence each: what is lost, when nothing is recorded. */
  costs: string[];
  guarded: boolean;
}
