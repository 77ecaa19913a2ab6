/** Saved connections. Passwords are never part of these shapes. */
import { z } from 'zod';
import { appErrorSchema } from './result';

export const environments = ['production', 'staging', 'development', 'sandbox'] as const;
export const environmentSchema = z.enum(environments);
export type Environment = z.infer<typeof environmentSchema>;

/**
 * Where the password is: `none` (no password), `keychain` (encrypted by the operating system), `ask` (typed each time,
 * kept in memory of the main process only), `passphrase` (encrypted with a passphrase, for the command line).
 */
export const secretPlaces = ['none', 'keychain', 'ask', 'passphrase'] as const;
export const secretPlaceSchema = z.enum(secretPlaces);
export type SecretPlace = z.infer<typeof secretPlaceSchema>;

/** One of Mantine's colour names, so that a connection can be told apart at a glance. */
export const connectionColours = [
  'gray',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'violet',
  'pink',
] as const;

export const connectionSchema = z.object({
  id: z.string(),
  name: z.string().min(1).max(80),
  colour: z.enum(connectionColours),
  environment: environmentSchema,
  readOnly: z.boolean(),
  /** A standard connection string without user name and password; TLS files, authSource, replicaSet… are its options. */
  uri: z.string(),
  username: z.string().nullable(),
  secretPlace: secretPlaceSchema,
  /** Set while the connection belongs to a sandbox that Lifeboat started itself. */
  sandboxId: z.string().nullable(),
  createdAt: z.string(),
});
export type Connection = z.infer<typeof connectionSchema>;

/** What the form sends: `password` undefined keeps the saved one, '' removes it. */
export const connectionInputSchema = z.object({
  name: z.string().trim().min(1, 'Give the connection a name').max(80),
  colour: z.enum(connectionColours),
  environment: environmentSchema,
  readOnly: z.boolean(),
  uri: z.string().trim().min(1, 'Enter a connection string'),
  username: z.string().nullable(),
  password: z.string().optional(),
  secretPlace: secretPlaceSchema,
});
export type ConnectionInput = z.infer<typeof connectionInputSchema>;

export const memberStates = [
  'STARTUP',
  'PRIMARY',
  'SECONDARY',
  'RECOVERING',
  'STARTUP2',
  'UNKNOWN',
  'ARBITER',
  'DOWN',
  'ROLLBACK',
  'REMOVED',
] as const;

export const memberSchema = z.object({
  host: z.string(),
  state: z.enum(memberStates),
  /** How long the oldest write has been waiting that it lacks; null for the primary itself or when unknown. */
  lagSeconds: z.number().nullable(),
  hidden: z.boolean(),
});
export type Member = z.infer<typeof memberSchema>;

export const deploymentSchema = z.object({
  topology: z.enum(['standalone', 'replica set', 'sharded']),
  setName: z.string().nullable(),
  setId: z.string().nullable(),
  members: z.array(memberSchema),
  serverVersion: z.string(),
  featureCompatibilityVersion: z.string().nullable(),
  /** The host this answer came from. */
  host: z.string(),
  /** True when the connection reaches a secondary directly: it can be read, never written. */
  directToSecondary: z.boolean(),
  oplogWindowHours: z.number().nullable(),
});
export type Deployment = z.infer<typeof deploymentSchema>;

/** One thing Lifeboat does, and whether the user's privileges suffice. */
export const privilegeCheckSchema = z.object({
  feature: z.string(),
  granted: z.boolean(),
  missing: z.array(z.string()),
});
export type PrivilegeCheck = z.infer<typeof privilegeCheckSchema>;

export const connectionTestSchema = z.object({
  reachable: z.boolean(),
  error: appErrorSchema.nullable(),
  deployment: deploymentSchema.nullable(),
  authenticatedAs: z.string().nullable(),
  privileges: z.array(privilegeCheckSchema),
  warnings: z.array(z.string()),
  elapsedMs: z.number(),
});
export type ConnectionTest = z.infer<typeof connectionTestSchema>;

/** Databases and collections of a deployment, for choosing the scope of a backup. */
export const collectionInfoSchema = z.object({
  database: z.string(),
  collection: z.string(),
  type: z.enum(['collection', 'view', 'timeseries']),
  documents: z.number().nullable(),
  bytes: z.number().nullable(),
});
export type CollectionInfo = z.infer<typeof collectionInfoSchema>;

/** Whether secrets can be kept by the operating system here. */
export const secretStoreStatusSchema = z.object({
  keychain: z.boolean(),
  /** Why not, for the user: "no keyring is running (basic_text)". */
  reason: z.string().nullable(),
});
export type SecretStoreStatus = z.infer<typeof secretStoreStatusSchema>;
