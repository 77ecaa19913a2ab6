/** What the user can set. */
import { z } from 'zod';
import { toolNameSchema } from './toolchain';

export const storeSchema = z.object({
  id: z.string(),
  name: z.string().min(1),
  path: z.string().min(1),
});
export type Store = z.infer<typeof storeSchema>;

export const storeStatusSchema = storeSchema.extend({
  available: z.boolean(),
  writable: z.boolean(),
  freeBytes: z.number().nullable(),
  problem: z.string().nullable(),
  /** The opened-files store of "open a backup file": emptied when Lifeboat ends. */
  temporary: z.boolean(),
});
export type StoreStatus = z.infer<typeof storeStatusSchema>;

/** gzip's level 4 takes half the time of 6 and a few per cent more room: reading a production server ends sooner. */
export const defaultCompressionLevel = 4;

export const themes = ['system', 'dark', 'light'] as const;

/** How often deployments are sampled while the window is open. */
const healthIntervalSeconds = z.number().int().min(1).max(60);

export const settingsSchema = z.object({
  formatVersion: z.literal(1),
  theme: z.enum(themes),
  stores: z.array(storeSchema).min(1),
  defaultStoreId: z.string(),
  toolPaths: z.partialRecord(toolNameSchema, z.string()),
  /** Collections read at the same time, per job. */
  parallelCollections: z.number().int().min(1).max(16),
  compressionLevel: z.number().int().min(1).max(9),
  /** Bytes of memory a diff may use before it partitions to disk. */
  diffMemoryBytes: z
    .number()
    .int()
    .min(16 * 1024 * 1024),
  healthIntervalSeconds: healthIntervalSeconds.default(5),
  /** Closing the window leaves Lifeboat in the tray, watching. */
  watchInBackground: z.boolean().default(false),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Without defaults: what a patch does not name stays as it is. */
export const settingsPatchSchema = settingsSchema
  .extend({ healthIntervalSeconds, watchInBackground: z.boolean() })
  .omit({ formatVersion: true })
  .partial();
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
