/** Indexes of a deployment as Lifeboat shows, plans and changes them. */
import { z } from 'zod';

/** `1`, `-1`, or a kind: `text`, `2d`, `2dsphere`, `hashed`. */
export const indexDirectionSchema = z.union([
  z.literal(1),
  z.literal(-1),
  z.enum(['text', '2d', '2dsphere', 'hashed', 'geoHaystack']),
]);
export type IndexDirection = z.infer<typeof indexDirectionSchema>;

export const indexFieldSchema = z.object({ field: z.string().min(1), direction: indexDirectionSchema });
export type IndexField = z.infer<typeof indexFieldSchema>;

/** What an index is besides its fields; Extended JSON (canonical) where values may be of any type. */
export const indexOptionsSchema = z.object({
  unique: z.boolean().optional(),
  sparse: z.boolean().optional(),
  hidden: z.boolean().optional(),
  expireAfterSeconds: z.number().int().min(0).optional(),
  /** Extended JSON text. */
  partialFilterExpression: z.string().optional(),
  /** Extended JSON text. */
  collation: z.string().optional(),
  /** Extended JSON text of everything else: weights, wildcardProjection, 2dsphereIndexVersion… */
  other: z.string().optional(),
});
export type IndexOptions = z.infer<typeof indexOptionsSchema>;

export const indexDefinitionSchema = z.object({
  name: z.string().min(1),
  key: z.array(indexFieldSchema).min(1),
  options: indexOptionsSchema,
});
export type IndexDefinition = z.infer<typeof indexDefinitionSchema>;

/** Uses of an index on one member, since that member counts: its start, or the index's build. */
export interface IndexUse {
  host: string;
  operations: number;
  /** ISO 8601. */
  since: string;
  /** Seconds the member is up; null where it does not tell. */
  uptimeSeconds: number | null;
}

export interface IndexInfo extends IndexDefinition {
  ns: string;
  /** `{ status: 1, at: -1 }` */
  keyText: string;
  bytes: number | null;
  /** Of every member that answered. */
  uses: IndexUse[];
  /** Being built now. */
  building: boolean;
}
