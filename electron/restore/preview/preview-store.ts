/** Previews on disk: a folder each, gone when closed, or at the next start once their process is. */
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isProcessAlive, processIdentity, processIdentitySchema } from '../../platform/process-identity';
import { oplogSpanSchema, type OplogSpan } from '../../../shared/backups';
import { previewSchema, type Preview } from '../../../shared/restore';
import { fail } from '../../../shared/result';

/**
 * `swap`: built beside the collection, then they exchange their names. `anew`: dropped and made again, since servers
 * rename no time series. `refused`: it would have to be `anew`, but holds what others wrote since.
 */
export const rebuildWays = ['swap', 'anew', 'refused'] as const;
export type RebuildWay = (typeof rebuildWays)[number];

const planNamespaceSchema = z.object({
  index: z.number(),
  ns: z.string(),
  targetNs: z.string(),
  /** Where its documents are in the archive; null: only the target has it. */
  backupNamespace: z.string().nullable(),
  type: z.enum(['collection', 'view', 'timeseries']),
  /** As it lived in the target; null: nothing there. */
  target: z
    .object({
      database: z.string(),
      collection: z.string(),
      type: z.enum(['collection', 'view', 'timeseries']),
      uuid: z.string().nullable(),
    })
    .nullable(),
  /** Of an undo: it is built anew, since servers do not change in place what differs. */
  rebuild: z.enum(rebuildWays).nullable().default(null),
});
/** A namespace of a preview with what is needed to write it; `index` names its folder. */
export type PlanNamespace = z.infer<typeof planNamespaceSchema>;

const storedPreviewSchema = z.object({
  preview: previewSchema,
  plan: z.array(planNamespaceSchema),
  digest: z.string(),
  span: oplogSpanSchema.nullable().default(null),
});
export interface StoredPreview {
  preview: Preview;
  plan: PlanNamespace[];
  /** The digest that was used: the backup's own, or one made for this preview. */
  digest: string;
  /** Between which places of its oplog the target was read; null where that is not certain. */
  span?: OplogSpan | null;
}

const idPattern = /^preview-[0-9a-f]{16}$/;

export class PreviewStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  newId(): string {
    return `preview-${randomBytes(8).toString('hex')}`;
  }

  /** Throws 'not-found' for what is no preview's id, so that no id leads elsewhere. */
  folderOf(id: string): string {
    if (!idPattern.test(id))
      fail('not-found', 'There is no such preview.', 'Compare the backup with the target again.');
    return join(this.#folder, id);
  }

  async create(id: string): Promise<string> {
    const folder = this.folderOf(id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'owner.json'), JSON.stringify(processIdentity()), { mode: 0o600 });
    return folder;
  }

  async save(stored: StoredPreview): Promise<void> {
    const path = join(this.folderOf(stored.preview.id), 'preview.json');
    await writeFile(path, JSON.stringify(stored), { mode: 0o600 });
  }

  /** Throws 'not-found' when it was closed or never finished. */
  async load(id: string): Promise<StoredPreview> {
    return loadPreview(this.folderOf(id));
  }

  async close(id: string): Promise<void> {
    await rm(this.folderOf(id), { recursive: true, force: true });
  }

  /** Removes the previews of processes that are gone. */
  async recover(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (!idPattern.test(name)) continue;
      const folder = join(this.#folder, name);
      const owner = await readFile(join(folder, 'owner.json'), 'utf8').then(
        (text) => processIdentitySchema.safeParse(JSON.parse(text)),
        () => null,
      );
      if (owner?.success && isProcessAlive(owner.data)) continue;
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Removes the previews of this process. */
  async closeOwn(): Promise<void> {
    const own = JSON.stringify(processIdentity());
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (!idPattern.test(name)) continue;
      const owner = await readFile(join(this.#folder, name, 'owner.json'), 'utf8').catch(() => '');
      if (owner === own) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }
}

/** The preview in a folder of its own, wherever that is. Throws 'not-found' or 'stored-file-damaged'. */
export async function loadPreview(folder: string): Promise<StoredPreview> {
  const path = join(folder, 'preview.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    fail('not-found', 'This preview is no longer there.', 'Compare the backup with the target again.');
  }
  const parsed = storedPreviewSchema.safeParse(JSON.parse(text));
  if (!parsed.success) fail('stored-file-damaged', `The preview in ${path} cannot be read.`, 'Compare again.');
  return parsed.data;
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
