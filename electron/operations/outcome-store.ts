/** Outcomes of operations on disk: a file each, written before anything is done and after every step. */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  operationSchema,
  type FailoverReport,
  type OperationKind,
  type OperationOutcome,
} from '../../shared/operations';
import { appErrorSchema, fail } from '../../shared/result';
import { toStoreFailure } from '../platform/failures';
import { readJsonFile, writeJsonFile } from '../platform/json-file';
import type { Logger } from '../platform/logger';
import { isProcessAlive, processIdentity, processIdentitySchema } from '../platform/process-identity';

const kinds = operationSchema.options.map(({ shape }) => shape.kind.value) as [OperationKind, ...OperationKind[]];
const errorsSchema = z.array(z.object({ name: z.string(), count: z.number() }));

const failoverSchema: z.ZodType<FailoverReport> = z.object({
  formerPrimary: z.string(),
  newPrimary: z.string().nullable(),
  electionMs: z.number().nullable(),
  writeOutageMs: z.number(),
  readOutageMs: z.number(),
  writeOutageFromMs: z.number().nullable(),
  readOutageFromMs: z.number().nullable(),
  allHealthyMs: z.number().nullable(),
  writesAcknowledged: z.number(),
  writesFailed: z.number(),
  writesLost: z.number().nullable(),
  reads: z.number(),
  readsFailed: z.number(),
  errors: errorsSchema,
  withRetries: z.object({
    writesAcknowledged: z.number(),
    writesFailed: z.number(),
    reads: z.number(),
    readsFailed: z.number(),
    longestWriteMs: z.number(),
    longestReadMs: z.number(),
    errors: errorsSchema,
  }),
  events: z.array(z.object({ atMs: z.number(), text: z.string() })),
  limitMs: z.number(),
  passed: z.boolean(),
});

const outcomeSchema = z.object({
  id: z.string(),
  connectionId: z.string(),
  connectionName: z.string(),
  set: z.string(),
  kind: z.enum(kinds),
  title: z.string(),
  startedAt: z.number(),
  finishedAt: z.number(),
  user: z.string(),
  origin: z.enum(['window', 'cli']),
  status: z.enum(['succeeded', 'failed', 'cancelled', 'interrupted']),
  text: z.string(),
  steps: z.array(
    z.object({ text: z.string(), status: z.enum(['done', 'failed', 'skipped']), tookMs: z.number().nullable() }),
  ),
  error: appErrorSchema.nullable(),
  failover: failoverSchema.nullable(),
});

const storedSchema = z.object({
  formatVersion: z.literal(1),
  hostname: z.string(),
  identity: processIdentitySchema,
  jobId: z.string(),
  /** While it is, the outcome is what would be told if the process ended now. */
  running: z.boolean(),
  outcome: outcomeSchema,
});
export type StoredOutcome = z.infer<typeof storedSchema>;

const idPattern = /^operation-\d{8}T\d{9}Z-[0-9a-f]{6}$/;
const keptOutcomes = 500;

export class OutcomeStore {
  constructor(
    private readonly folder: string,
    private readonly logger: Logger,
  ) {}

  /** Sorts by time. */
  newId(now = new Date()): string {
    return `operation-${now.toISOString().replace(/[-:.]/g, '')}-${randomBytes(3).toString('hex')}`;
  }

  /** Survives a power cut once resolved. */
  async save(outcome: OperationOutcome, about: { jobId: string; running: boolean }): Promise<void> {
    await this.write({ formatVersion: 1, hostname: hostname(), identity: processIdentity(), ...about, outcome });
  }

  /** Throws 'not-found', also for one that is still running. */
  async get(id: string): Promise<OperationOutcome> {
    const stored = await this.load(id);
    if (!stored) fail('not-found', 'There is no outcome of this operation.', 'See the list of operations.');
    if (stored.running && !isOrphan(stored))
      fail('not-found', `${stored.outcome.title} is still running.`, 'Its job tells how far it is.');
    return stored.outcome;
  }

  /** Those that have ended, newest first. */
  async list(): Promise<OperationOutcome[]> {
    const all = await this.loadAll();
    return all.filter((stored) => !stored.running || isOrphan(stored)).map(({ outcome }) => outcome);
  }

  /** Settles those whose process is gone, and forgets the oldest beyond the newest 500; returns the settled ones. */
  async recover(): Promise<StoredOutcome[]> {
    const all = await this.loadAll();
    const orphans = all.filter((stored) => stored.running && isOrphan(stored));
    for (const orphan of orphans) await this.write({ ...orphan, running: false });
    for (const { outcome } of all.slice(keptOutcomes)) await rm(this.file(outcome.id), { force: true });
    return orphans;
  }

  private file(id: string): string {
    if (!idPattern.test(id)) fail('not-found', 'There is no such operation.');
    return join(this.folder, `${id}.json`);
  }

  private async write(stored: StoredOutcome): Promise<void> {
    await writeJsonFile(this.file(stored.outcome.id), stored);
  }

  private async load(id: string): Promise<StoredOutcome | null> {
    return readJsonFile<StoredOutcome | null>(this.file(id), storedSchema, { absent: () => null });
  }

  private async loadAll(): Promise<StoredOutcome[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw toStoreFailure(error, this.folder);
    });
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
    const found: StoredOutcome[] = [];
    for (const id of ids.filter((name) => idPattern.test(name)).sort((a, b) => b.localeCompare(a))) {
      try {
        const stored = await this.load(id);
        if (stored) found.push(stored);
      } catch (error) {
        this.logger.warn({ operation: id, error }, 'The outcome of an operation cannot be read');
      }
    }
    return found;
  }
}

/** Its process is gone. Of one on another computer with the same data folder nothing is known. */
function isOrphan(stored: StoredOutcome): boolean {
  return stored.hostname === hostname() && !isProcessAlive(stored.identity);
}
