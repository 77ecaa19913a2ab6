/** Backups: the manifest beside each archive (docs/formats.md), the catalogue made of them, and what making one takes. */
import { z } from 'zod';

/** `undo`: what a restore was about to overwrite or delete; never whole collections, unless it dropped them. */
export const backupTypes = ['full', 'database', 'collections', 'imported', 'undo'] as const;
export const backupTypeSchema = z.enum(backupTypes);
export type BackupType = z.infer<typeof backupTypeSchema>;

export const backupCategories = ['critical', 'user', 'operational', 'auxiliary'] as const;
export const backupCategorySchema = z.enum(backupCategories);
export type BackupCategory = z.infer<typeof backupCategorySchema>;

/** Recovery point and time objectives in minutes, by category. */
export const categoryObjectives: Record<BackupCategory, { rpoMinutes: number; rtoMinutes: number }> = {
  critical: { rpoMinutes: 5, rtoMinutes: 60 },
  user: { rpoMinutes: 60, rtoMinutes: 240 },
  operational: { rpoMinutes: 24 * 60, rtoMinutes: 8 * 60 },
  auxiliary: { rpoMinutes: 24 * 60, rtoMinutes: 12 * 60 },
};

/** Canonical Extended JSON of a BSON document, as a plain JSON object. */
export const extendedJsonDocumentSchema = z.record(z.string(), z.unknown());
export type ExtendedJsonDocument = z.infer<typeof extendedJsonDocumentSchema>;

/** `seconds.increment` of a BSON timestamp. */
export const clusterTimeSchema = z.object({ seconds: z.number().int(), increment: z.number().int() });
export type ClusterTime = z.infer<typeof clusterTimeSchema>;

/** A place in a replica set's history: an oplog entry by its time and the term of the primary that wrote it. */
export const opTimeSchema = z.object({ time: clusterTimeSchema, term: z.number().int() });
export type OpTime = z.infer<typeof opTimeSchema>;

/**
 * Between which places of the oplog something was read from one member: everything up to `start` had been applied when
 * it began, and `end` was reached when it was over. While both are in an oplog, nothing that was read was rolled back.
 */
export const oplogSpanSchema = z.object({ start: opTimeSchema, end: opTimeSchema });
export type OplogSpan = z.infer<typeof oplogSpanSchema>;

export const manifestNamespaceSchema = z.object({
  database: z.string(),
  collection: z.string(),
  type: z.enum(['collection', 'view', 'timeseries']),
  /** Hex without dashes; null for views and for dumps of old tools. */
  uuid: z.string().nullable(),
  options: extendedJsonDocumentSchema,
  indexes: z.array(extendedJsonDocumentSchema),
  documents: z.number().int(),
  /** BSON bytes of its documents. */
  bytes: z.number().int(),
  /** Hex; order-independent hash of all documents, null for views. */
  contentHash: z.string().nullable(),
  /** CRC-64 of the documents in archive order, hex, as the archive itself states it; null for views. */
  crc64: z.string().nullable(),
});
export type ManifestNamespace = z.infer<typeof manifestNamespaceSchema>;

export const manifestFormatVersion = 1;

export const manifestSchema = z.object({
  formatVersion: z.literal(manifestFormatVersion),
  id: z.string(),
  type: backupTypeSchema,
  parent: z.string().nullable(),
  plan: z.string().nullable(),
  category: backupCategorySchema,
  status: z.enum(['complete', 'complete-with-warnings']),
  pinned: z.boolean(),
  note: z.string(),
  /** What is the latest backup goes by it. */
  createdAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  clusterTimeStart: clusterTimeSchema.nullable(),
  clusterTimeEnd: clusterTimeSchema.nullable(),
  /** Null or absent where it is not known for certain: such a backup is never compared by the oplog. */
  oplogSpan: oplogSpanSchema.nullable().optional(),
  source: z.object({
    name: z.string(),
    connectionId: z.string().nullable(),
    topology: z.enum(['standalone', 'replica set', 'sharded', 'unknown']),
    setName: z.string().nullable(),
    setId: z.string().nullable(),
    hosts: z.array(z.string()),
    serverVersion: z.string().nullable(),
    featureCompatibilityVersion: z.string().nullable(),
    memberReadFrom: z.string().nullable(),
    /** For imports: the file or folder it came from. */
    importedFrom: z.string().nullable(),
  }),
  tools: z.object({ lifeboat: z.string(), mongodump: z.string().nullable() }),
  /** The command as it ran, an argument each, secrets and machine paths masked. */
  command: z.array(z.string()),
  oplog: z
    .object({ first: clusterTimeSchema.nullable(), last: clusterTimeSchema.nullable(), entries: z.number().int() })
    .nullable(),
  file: z.object({
    name: z.string(),
    bytes: z.number().int(),
    sha256: z.string(),
    compression: z.literal('gzip-blocks'),
    blocks: z.number().int(),
    /** Bytes of the archive before compression. */
    uncompressedBytes: z.number().int(),
  }),
  digest: z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() }).nullable(),
  blockIndex: z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() }).nullable(),
  namespaces: z.array(manifestNamespaceSchema),
  usersAndRoles: z.boolean(),
  warnings: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Kept beside the manifest (verification.json), so that verifying never rewrites the manifest. */
export const verificationSchema = z.object({
  level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  ok: z.boolean(),
  at: z.string(),
  elapsedMs: z.number(),
  problems: z.array(
    z.object({
      message: z.string(),
      block: z.number().nullable(),
      namespaces: z.array(z.string()),
      documentsLost: z.number().nullable(),
      documentsSaved: z.number().nullable(),
    }),
  ),
});
export type Verification = z.infer<typeof verificationSchema>;

/** `incomplete`: an archive without manifest. `damaged`: its newest verification failed. `unreadable`: see `problem`. */
export const backupStatuses = ['complete', 'complete-with-warnings', 'incomplete', 'damaged', 'unreadable'] as const;
export const backupStatusSchema = z.enum(backupStatuses);
export type BackupStatus = z.infer<typeof backupStatusSchema>;

/** A row of the catalogue; `manifest` parts are null while a backup is incomplete or unreadable. */
export const catalogueEntrySchema = z.object({
  id: z.string(),
  storeId: z.string(),
  storeName: z.string(),
  temporary: z.boolean(),
  path: z.string(),
  status: backupStatusSchema,
  problem: z.string().nullable(),
  type: backupTypeSchema.nullable(),
  category: backupCategorySchema.nullable(),
  sourceName: z.string().nullable(),
  connectionId: z.string().nullable(),
  createdAt: z.string().nullable(),
  completedAt: z.string().nullable(),
  /** "shop", "whole deployment", "3 collections". */
  scope: z.string().nullable(),
  documents: z.number().nullable(),
  /** Bytes on disk. */
  bytes: z.number().nullable(),
  pinned: z.boolean(),
  note: z.string(),
  verification: verificationSchema.nullable(),
});
export type CatalogueEntry = z.infer<typeof catalogueEntrySchema>;

export const backupDetailsSchema = z.object({
  entry: catalogueEntrySchema,
  manifest: manifestSchema.nullable(),
  /** Newest first. */
  verifications: z.array(verificationSchema),
});
export type BackupDetails = z.infer<typeof backupDetailsSchema>;

export const backupScopeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('deployment') }),
  z.object({ kind: z.literal('databases'), databases: z.array(z.string()).min(1) }),
  z.object({
    kind: z.literal('collections'),
    namespaces: z.array(z.string()).min(1),
    /** Query per `database.collection`, Extended JSON text. */
    queries: z.record(z.string(), z.string()).optional(),
  }),
]);
export type BackupScope = z.infer<typeof backupScopeSchema>;

export const backupRequestSchema = z.object({
  connectionId: z.string(),
  scope: backupScopeSchema,
  storeId: z.string().nullable(),
  /** Consistent snapshot; only for a whole replica set. null: where the topology and scope allow it. */
  oplog: z.boolean().nullable(),
  readPreference: z.enum(['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest']),
  compressionLevel: z.number().int().min(1).max(9),
  parallelCollections: z.number().int().min(1).max(16),
  usersAndRoles: z.boolean(),
  digest: z.boolean(),
  category: backupCategorySchema,
  pinned: z.boolean(),
  note: z.string().max(500),
  plan: z.string().nullable(),
});
export type BackupRequest = z.infer<typeof backupRequestSchema>;

/** Before anything runs: what it will take, and the exact commands with secrets masked. */
export const backupEstimateSchema = z.object({
  documents: z.number().nullable(),
  bytes: z.number().nullable(),
  /** Compressed size by the ratio of past backups of this source; null without history. */
  compressedBytes: z.number().nullable(),
  seconds: z.number().nullable(),
  freeBytes: z.number().nullable(),
  storePath: z.string(),
  commands: z.array(z.string()),
  memberReadFrom: z.string().nullable(),
  oplog: z.boolean(),
  problems: z.array(
    z.object({ severity: z.enum(['warning', 'error']), message: z.string(), hint: z.string().nullable() }),
  ),
});
export type BackupEstimate = z.infer<typeof backupEstimateSchema>;
