/** Asks a server how it carries out a command, and puts the answer into one form. */
import { EJSON, type Document } from 'bson';
import { MongoServerError, type MongoClient } from 'mongodb';
import type { ExplainedPlan, PlanChoice } from '../../../shared/advice';
import { fail } from '../../../shared/result';
import type { ExplainableCommand } from './explain-command';
import { cacheEntry, planChoice } from './plan-choice';
import { walk } from './plan-node';
import { indexesOfStages, planTree } from './plan-tree';
import { documentAt, flagAt, numberAt, textAt } from './plan-values';
import { shellText } from './shell-value';

export interface ExplainOptions {
  verbosity: ExplainedPlan['verbosity'];
  maxTimeMs: number;
  /** Where the answer does not tell. */
  host: string;
}

/** Codes of "took too long", of the server and of what stands before it. */
const timeLimitCodes = new Set([50, 262]);

/**
 * Explains within the limit; a run that is cut off by it is told in `execution`. Throws 'timeout' when planning itself
 * takes longer, 'unsupported' for an answer without a known plan; driver errors pass through.
 */
export async function explainOn(
  client: MongoClient,
  { database, collection, command, changes }: ExplainableCommand,
  { verbosity, maxTimeMs, host }: ExplainOptions,
): Promise<ExplainedPlan> {
  const db = client.db(database);
  // The trials of the candidates are run anyway; this verbosity also tells of them.
  const asked = verbosity === 'executionStats' ? 'allPlansExecution' : verbosity;
  let answer: Document;
  try {
    answer = await db.command(
      { explain: command, verbosity: asked, maxTimeMS: maxTimeMs },
      { readPreference: client.readPreference, bsonRegExp: true },
    );
  } catch (error) {
    if (!(error instanceof MongoServerError) || !timeLimitCodes.has(Number(error.code))) throw error;
    return fail(
      'timeout',
      `Explaining took longer than ${maxTimeMs} ms.`,
      'Allow more time, or ask for the plan alone without running it.',
    );
  }
  const tree = planTree(answer, database);
  if (!tree) {
    fail('unsupported', 'The server explained it in a way that is not known here.', undefined, shellText(answer, 4000));
  }
  const nodes = walk(tree.root);
  const cache = await planCacheOf(client, database, collection, tree.sections[0]?.planCacheKey ?? null, maxTimeMs);
  const execution = verbosity === 'executionStats' ? tree.execution : null;
  const scans = nodes.filter(({ stage }) => stage === 'COLLSCAN');
  const named = nodes.flatMap(({ index }) => (index?.name ? [index.name] : []));
  return {
    ns: `${database}.${collection}`,
    host: hostOf(answer) ?? host,
    serverVersion: textAt(documentAt(answer, 'serverInfo'), 'version') ?? '',
    engine: engineOf(answer, tree.slotBased),
    verbosity,
    commandText: shellText(command),
    changes,
    root: tree.root,
    execution: execution ? executionOf(execution) : null,
    collectionScan: scans.length > 0,
    inMemorySort: nodes.some(({ stage }) => stage === 'SORT' || stage === '$sort'),
    covered: isCovered(tree.root),
    indexes: [...new Set([...named, ...indexesOfStages(answer)])],
    choice: planChoice({ sections: tree.sections, hinted: isHinted(command), cache }),
    raw: rawText(answer),
  };
}

function isHinted(command: Document): boolean {
  const statement = (command['updates'] ?? command['deletes']) as Document[] | undefined;
  return (command['hint'] ?? statement?.[0]?.['hint']) !== undefined;
}

function executionOf(execution: Document): NonNullable<ExplainedPlan['execution']> {
  const succeeded = execution['executionSuccess'] !== false;
  return {
    succeeded,
    problem: succeeded ? null : (textAt(execution, 'errorMessage') ?? 'It was cut off.'),
    ms: numberAt(execution, 'executionTimeMillis') ?? 0,
    returned: numberAt(execution, 'nReturned') ?? 0,
    keysExamined: numberAt(execution, 'totalKeysExamined') ?? 0,
    docsExamined: numberAt(execution, 'totalDocsExamined') ?? 0,
  };
}

const indexReading = /^(IXSCAN|COUNT_SCAN|DISTINCT_SCAN)$/;
const documentReading =
  /^(FETCH|COLLSCAN|IDHACK|EXPRESS_|TEXT|GEO_NEAR|CLUSTERED_IXSCAN|\$lookup|\$graphLookup|EQ_LOOKUP)/;

/** Answered from keys alone. */
function isCovered(root: ExplainedPlan['root']): boolean {
  const nodes = walk(root);
  return nodes.some(({ stage }) => indexReading.test(stage)) && !nodes.some(({ stage }) => documentReading.test(stage));
}

function engineOf(answer: Document, slotBased: boolean): ExplainedPlan['engine'] {
  if (slotBased) return 'slot-based';
  const version = textAt(answer, 'explainVersion');
  return version === '2' ? 'slot-based' : version === null && documentAt(answer, 'shards') ? 'unknown' : 'classic';
}

function hostOf(answer: Document): string | null {
  const info = documentAt(answer, 'serverInfo');
  const host = textAt(info, 'host');
  if (host !== null) return `${host}:${numberAt(info, 'port') ?? 27017}`;
  const shards = documentAt(answer, 'shards');
  return shards ? Object.keys(shards).join(', ') : null;
}

/** Null where there is no entry, or the user may not see it. */
async function planCacheOf(
  client: MongoClient,
  database: string,
  collection: string,
  planCacheKey: string | null,
  maxTimeMS: number,
): Promise<PlanChoice['cache']> {
  if (planCacheKey === null) return null;
  try {
    const entries = await client
      .db(database)
      .collection(collection)
      .aggregate<Document>([{ $planCacheStats: {} }, { $match: { planCacheKey } }], { maxTimeMS })
      .toArray();
    const entry = entries.find((each) => flagAt(each, 'isActive')) ?? entries[0];
    return entry ? cacheEntry(entry) : null;
  } catch (error) {
    if (error instanceof MongoServerError) return null;
    throw error;
  }
}

const untold = new Set(['$clusterTime', 'operationTime', 'serverParameters', 'ok']);

function rawText(answer: Document): string {
  const told = Object.fromEntries(Object.entries(answer).filter(([key]) => !untold.has(key)));
  return EJSON.stringify(told, undefined, 2, { relaxed: true });
}
