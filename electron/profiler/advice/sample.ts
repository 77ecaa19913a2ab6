/** Reads a sample of a collection on the server: which documents meet which condition, and what fields hold. */
import { EJSON, type Document } from 'bson';
import { MongoServerError, type MongoClient } from 'mongodb';
import type { Predicate } from './predicates';
import { measuredSelectivity, notSampled, type FieldFacts, type Selectivity } from './selectivity';

export interface SampleRequest {
  database: string;
  collection: string;
  predicates: readonly Predicate[];
  fields: readonly string[];
  size: number;
  maxTimeMs: number;
}

export interface Sample {
  selectivity: Selectivity;
  ms: number;
  /** Why nothing was measured; null otherwise. */
  problem: string | null;
}

/** A facet each: more than that of one collection stay assumed. */
const mostFacets = 80;

/** One aggregation within its time limit. What the server refuses is told in `problem`; lost connections are thrown. */
export async function sampleCollection(client: MongoClient, request: SampleRequest): Promise<Sample> {
  const started = Date.now();
  const none = (problem: string | null): Sample => ({ selectivity: notSampled, ms: Date.now() - started, problem });
  if (request.size === 0) return none(null);
  const predicates = unique(request.predicates).slice(0, mostFacets);
  const fields = [...new Set(request.fields)].filter((field) => !field.includes('$')).slice(0, mostFacets);
  if (predicates.length + fields.length === 0) return none(null);
  try {
    const answer = await run(client, request, predicates, fields, true).catch((error: unknown) => {
      // Servers before 4.4 cannot tell sizes.
      if (error instanceof MongoServerError && /bsonSize/.test(error.message))
        return run(client, request, predicates, fields, false);
      throw error;
    });
    return { ...read(answer, predicates, fields), ms: Date.now() - started, problem: null };
  } catch (error) {
    if (error instanceof MongoServerError) return none(error.message);
    throw error;
  }
}

function unique(predicates: readonly Predicate[]): Predicate[] {
  return [...new Map(predicates.map((predicate) => [predicate.key, predicate])).values()];
}

async function run(
  client: MongoClient,
  { database, collection, size, maxTimeMs }: SampleRequest,
  predicates: readonly Predicate[],
  fields: readonly string[],
  sizes: boolean,
): Promise<Document> {
  const facets: Document = { all: [{ $project: { _id: 1 } }] };
  predicates.forEach(({ condition }, index) => {
    facets[`p${index}`] = [{ $match: condition }, { $project: { _id: 1 } }];
  });
  fields.forEach((field, index) => {
    facets[`d${index}`] = [{ $group: { _id: `$${field}` } }, { $count: 'values' }];
  });
  if (fields.length > 0) facets['facts'] = [{ $group: { _id: null, ...fieldSums(fields, sizes) } }];
  const kept = shortest([...predicates.map(({ path }) => path), ...fields]);
  const pipeline: Document[] = [
    { $sample: { size } },
    { $project: Object.fromEntries([['_id', 1], ...kept.map((path) => [path, 1] as const)]) },
    { $facet: facets },
  ];
  const [answer] = await client
    .db(database)
    .collection(collection)
    .aggregate<Document>(pipeline, {
      maxTimeMS: maxTimeMs,
      allowDiskUse: false,
      comment: 'Lifeboat: sample for advice',
    })
    .toArray();
  return answer ?? {};
}

/** A path and one below it cannot both be projected. */
function shortest(paths: readonly string[]): string[] {
  const all = [...new Set(paths)].filter((path) => path !== '_id' && !path.startsWith('_id.'));
  return all.filter((path) => !all.some((other) => other !== path && path.startsWith(`${other}.`)));
}

function fieldSums(fields: readonly string[], sizes: boolean): Document {
  const sums: Document = {};
  fields.forEach((field, index) => {
    if (sizes) sums[`b${index}`] = { $avg: { $bsonSize: { v: `$${field}` } } };
    sums[`e${index}`] = {
      $avg: { $cond: [{ $isArray: `$${field}` }, { $max: [1, { $size: { $ifNull: [`$${field}`, []] } }] }, 1] },
    };
    prefixesOf(field).forEach((prefix, depth) => {
      sums[`a${index}_${depth}`] = { $max: { $isArray: `$${prefix}` } };
    });
  });
  // $size is given arrays alone: $cond evaluates the branch it takes.
  return sums;
}

/** `a`, `a.b`, `a.b.c`. */
function prefixesOf(field: string): string[] {
  const parts = field.split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}

/** The frame around a value in `{ v: value }`. */
const frameBytes = 8;

function read(
  answer: Document,
  predicates: readonly Predicate[],
  fields: readonly string[],
): Pick<Sample, 'selectivity'> {
  const ids = (name: string): string[] =>
    ((answer[name] ?? []) as Document[]).map((entry) => EJSON.stringify(entry['_id'] as unknown, { relaxed: false }));
  const numbers = new Map<string, number>();
  for (const id of ids('all')) numbers.set(id, numbers.size);
  const matches = new Map<string, ReadonlySet<number>>();
  predicates.forEach(({ key }, index) => {
    matches.set(key, new Set(ids(`p${index}`).map((id) => numbers.get(id) ?? -1)));
  });
  const facts = ((answer['facts'] ?? []) as Document[])[0] ?? {};
  const known = new Map<string, FieldFacts>();
  fields.forEach((field, index) => {
    const counted = ((answer[`d${index}`] ?? []) as Document[])[0];
    const bytes: unknown = facts[`b${index}`];
    known.set(field, {
      arrayAt: prefixesOf(field).find((_, depth) => facts[`a${index}_${depth}`] === true) ?? null,
      distinctValues: counted ? Number(counted['values']) : 0,
      bytes: typeof bytes === 'number' ? Math.max(0, bytes - frameBytes) : null,
      entries: Number(facts[`e${index}`] ?? 1),
    });
  });
  return { selectivity: measuredSelectivity(numbers.size, matches, known) };
}
