/** Captures on disk: a folder each, with capture.json telling what it is. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { captureStatusSchema, captureSourceTypeSchema, type Capture } from '../../../shared/captures';
import { appErrorSchema, fail } from '../../../shared/result';
import type { Logger } from '../../platform/logger';
import { toStoreFailure } from '../../platform/failures';
import { readJsonFile, writeJsonFile } from '../../platform/json-file';
import { isProcessAlive, processIdentity, processIdentitySchema } from '../../platform/process-identity';

const captureSchema = z.object({
  id: z.string(),
  title: z.string(),
  source: captureSourceTypeSchema,
  sourceText: z.string(),
  connectionId: z.string().nullable(),
  connectionName: z.string().nullable(),
  status: captureStatusSchema,
  jobId: z.string(),
  startedAt: z.string(),
  until: z.string().nullable(),
  endedAt: z.string().nullable(),
  from: z.number().nullable(),
  to: z.number().nullable(),
  operations: z.number(),
  counted: z.number(),
  unreadableLines: z.number(),
  bytes: z.number().nullable(),
  error: appErrorSchema.nullable(),
});
const storedSchema = z.object({ formatVersion: z.literal(1), owner: processIdentitySchema, capture: captureSchema });

const idPattern = /^capture-[0-9TZ]+-[0-9a-f]{8}$/;

export class CaptureStore {
  constructor(
    private readonly folder: string,
    private readonly logger: Logger,
  ) {}

  newId(): string {
    const stamp = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    return `capture-${stamp}-${randomBytes(4).toString('hex')}`;
  }

  /** Throws 'not-found' for what is no capture's id, so that no id leads elsewhere. */
  folderOf(id: string): string {
    if (!idPattern.test(id)) fail('not-found', 'There is no such capture.');
    return join(this.folder, id);
  }

  async save(capture: Capture): Promise<void> {
    const folder = this.folderOf(capture.id);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw toStoreFailure(error, folder);
    }
    await writeJsonFile(join(folder, 'capture.json'), { formatVersion: 1, owner: processIdentity(), capture });
  }

  /** Throws 'not-found'. One that runs in a process that is gone is told as interrupted. */
  async load(id: string): Promise<Capture> {
    const { owner, capture } = await readJsonFile(join(this.folderOf(id), 'capture.json'), storedSchema, {
      absent: () => fail('not-found', 'There is no such capture.', 'It may have been deleted.'),
    });
    if (capture.status !== 'running' || isProcessAlive(owner)) return capture;
    return { ...capture, status: 'interrupted' };
  }

  /** Newest first. */
  async list(): Promise<Capture[]> {
    const entries = await readdir(this.folder).catch(() => []);
    const captures: Capture[] = [];
    for (const id of entries.filter((entry) => idPattern.test(entry))) {
      try {
        captures.push(await this.load(id));
      } catch (error) {
        this.logger.warn({ capture: id, error }, 'The record of a capture cannot be read');
      }
    }
    // Ids tell the second alone.
    return captures.sort((left, right) => Date.parse(right.startedAt) - Date.parse(left.startedAt));
  }

  async remove(id: string): Promise<void> {
    await rm(this.folderOf(id), { recursive: true, force: true });
  }
}
