/** What came of tries, on disk: a file each, the newest hundred. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { IndexBounds, PlanNode } from '../../../../shared/advice';
import { fail } from '../../../../shared/result';
import type { TriedShape, TryMeasure, TryResult } from '../../../../shared/tries';
import { toStoreFailure } from '../../../platform/failures';
import { readJsonFile, writeJsonFile } from '../../../platform/json-file';
import type { Logger } from '../../../platform/logger';

const number = z.number().nullable();
const text = z.string().nullable();
const boundsSchema: z.ZodType<IndexBounds> = z.object({
  field: z.string(),
  intervals: z.array(z.string()),
  kind: z.enum(['points', 'range', 'full']),
});
const planSchema: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    id: z.string(),
    stage: z.string(),
    shard: text,
    ns: text,
    index: z
      .object({
        name: z.string(),
        keyText: z.string(),
        bounds: z.array(boundsSchema),
        direction: z.enum(['forward', 'backward']).nullable(),
        unique: z.boolean(),
        sparse: z.boolean(),
        partial: z.boolean(),
        multikey: z.boolean(),
        multikeyFields: z.array(z.string()),
      })
      .nullable(),
    filter: text,
    specification: text,
    documentsIn: number,
    documentsOut: number,
    docsExamined: number,
    keysExamined: number,
    works: number,
    ms: number,
    ownMs: number,
    memoryBytes: number,
    usedDisk: z.boolean(),
    notable: z.enum(['collection-scan', 'in-memory-sort', 'full-index-scan', 'discards-most', 'spills']).nullable(),
    details: z.array(z.object({ name: z.string(), value: z.string() })),
    children: z.array(planSchema),
  }),
);
const measureSchema: z.ZodType<TryMeasure> = z.object({
  ms: z.number(),
  docsExamined: z.number(),
  keysExamined: z.number(),
  returned: z.number(),
  planSummary: z.string(),
  collectionScan: z.boolean(),
  inMemorySort: z.boolean(),
  covered: z.boolean(),
  indexes: z.array(z.string()),
  plan: planSchema,
});
const triedShapeSchema: z.ZodType<TriedShape> = z.object({
  id: z.string(),
  before: measureSchema.nullable(),
  after: measureSchema.nullable(),
  problem: text,
  uses: z.array(z.string()),
  verdict: z.enum(['better', 'same', 'worse', 'failed']),
});
const resultSchema: z.ZodType<TryResult> = z.object({
  id: z.string(),
  connectionId: z.string(),
  captureId: text,
  ns: z.string(),
  madeAt: z.string(),
  elapsedMs: z.number(),
  source: z.string(),
  documents: z.number(),
  bytes: z.number(),
  sampledOf: number,
  serverVersion: z.string(),
  indexes: z.array(
    z.object({
      name: z.string(),
      keyText: z.string(),
      bytes: z.number(),
      wholeBytes: number,
      buildMs: z.number(),
      used: z.boolean(),
    }),
  ),
  shapes: z.array(triedShapeSchema),
  notes: z.array(z.string()),
});
const storedSchema = z.object({ formatVersion: z.literal(1), try: resultSchema });

const idPattern = /^try-[0-9]{8}T[0-9]{9}Z-[0-9a-f]{8}$/;
const mostKept = 100;

export class TryStore {
  constructor(
    private readonly folder: string,
    private readonly logger: Logger,
  ) {}

  /** Ids sort by time. */
  newId(): string {
    return `try-${new Date().toISOString().replace(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
  }

  /** Durably; the oldest beyond a hundred go. */
  async keep(result: TryResult): Promise<void> {
    const path = this.#pathOf(result.id);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw toStoreFailure(error, this.folder);
    }
    await writeJsonFile(path, { formatVersion: 1, try: result });
    for (const id of (await this.#ids()).slice(mostKept)) await this.remove(id);
  }

  /** Throws 'not-found', 'stored-file-damaged', 'unsupported'. */
  async load(id: string): Promise<TryResult> {
    const stored = await readJsonFile(this.#pathOf(id), storedSchema, { absent: () => this.#missing() });
    return stored.try;
  }

  /** Newest first; what cannot be read is left out and logged. */
  async list(): Promise<TryResult[]> {
    const results: TryResult[] = [];
    for (const id of await this.#ids()) {
      try {
        results.push(await this.load(id));
      } catch (error) {
        this.logger.warn({ try: id, error }, 'The record of a try cannot be read');
      }
    }
    return results;
  }

  /** What is not there is no failure. */
  async remove(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  #pathOf(id: string): string {
    // So that no id leads elsewhere.
    return idPattern.test(id) ? join(this.folder, `${id}.json`) : this.#missing();
  }

  #missing(): never {
    return fail('not-found', 'There is no such try.', 'It may have been deleted; try it again.');
  }

  /** Newest first. */
  async #ids(): Promise<string[]> {
    const entries = await readdir(this.folder).catch(() => []);
    const ids = entries.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
    return ids
      .filter((id) => idPattern.test(id))
      .sort()
      .reverse();
  }
}
