/** The whole answer of explain as one tree: queries, aggregations, and both on many shards. */
import type { Document } from 'bson';
import type { PlanNode } from '../../../shared/advice';
import { finish, nothingCounted, numbered, pipelineNode, planNode } from './plan-node';
import { documentAt, documentsAt, flagAt, isDocument, numberAt, stringsAt, textAt } from './plan-values';
import { executedTree, isSlotBased, plannedTree } from './query-tree';

/** A planner's decision, of a shard or of all there is. */
export interface PlannerSection {
  shard: string | null;
  winningPlan: Document;
  rejectedPlans: Document[];
  /** Trials of the candidates, the winner's first; empty where they did not run. */
  trials: Document[];
  queryHash: string | null;
  planCacheKey: string | null;
  indexFilterSet: boolean;
  /** Servers since 8.0 tell whether the plan came from the cache. */
  isCached: boolean;
}

export interface PlanTree {
  root: PlanNode;
  sections: PlannerSection[];
  slotBased: boolean;
  execution: Document | null;
}

/** Null when the answer holds no plan that is known. */
export function planTree(answer: Document, database: string): PlanTree | null {
  const made = sharded(answer, database) ?? single(answer, null, database);
  return made ? { ...made, root: numbered(made.root) } : null;
}

/** `{ queryPlanner, executionStats }` or `{ stages: [{ $cursor: … }, …] }`. */
function single(answer: Document, shard: string | null, database: string): PlanTree | null {
  const stages = documentsAt(answer, 'stages');
  if (stages.length > 0) return pipelineTree(stages, shard, database);
  const planner = documentAt(answer, 'queryPlanner');
  const winning = documentAt(planner, 'winningPlan');
  if (!planner || !winning) return null;
  const execution = documentAt(answer, 'executionStats');
  const byShard = documentsAt(winning, 'shards');
  if (byShard.length > 0) return mergedTree(planner, winning, byShard, execution);
  const executed = documentAt(execution, 'executionStages');
  return {
    root: executed ? executedTree(winning, executed) : plannedTree(winning),
    sections: [sectionOf(planner, winning, execution, shard)],
    slotBased: isSlotBased(winning),
    execution,
  };
}

function sectionOf(
  planner: Document,
  winningPlan: Document,
  execution: Document | null,
  shard: string | null,
): PlannerSection {
  return {
    shard,
    winningPlan,
    rejectedPlans: documentsAt(planner, 'rejectedPlans'),
    trials: documentsAt(execution, 'allPlansExecution'),
    queryHash: textAt(planner, 'planCacheShapeHash') ?? textAt(planner, 'queryHash'),
    planCacheKey: textAt(planner, 'planCacheKey'),
    indexFilterSet: flagAt(planner, 'indexFilterSet'),
    isCached: flagAt(winningPlan, 'isCached'),
  };
}

/** A find over several shards: `SHARD_MERGE` and the like over a plan of each shard. */
function mergedTree(planner: Document, winning: Document, byShard: Document[], execution: Document | null): PlanTree {
  const executed = documentAt(execution, 'executionStages');
  const ran = documentsAt(executed, 'shards');
  const trials = documentsAt(execution, 'allPlansExecution');
  const sections: PlannerSection[] = [];
  let slotBased = false;
  const children = byShard.flatMap((part) => {
    const shard = textAt(part, 'shardName');
    const plan = documentAt(part, 'winningPlan');
    if (!plan) return [];
    const own = ran.find((each) => textAt(each, 'shardName') === shard);
    const stages = documentAt(own, 'executionStages');
    const tried = trials.find((each) => textAt(each, 'shardName') === shard);
    sections.push({ ...sectionOf(part, plan, null, shard), trials: documentsAt(tried, 'allPlans') });
    slotBased ||= isSlotBased(plan);
    const tree = stages ? executedTree(plan, stages) : plannedTree(plan);
    return [{ ...tree, shard }];
  });
  if (sections.length === 0) sections.push(sectionOf(planner, winning, execution, null));
  const counts = executed
    ? {
        ...nothingCounted,
        documentsOut: numberAt(executed, 'nReturned'),
        ms: numberAt(executed, 'executionTimeMillis'),
      }
    : nothingCounted;
  const named = { stage: textAt(winning, 'stage') ?? 'SHARD_MERGE', sortPattern: winning['sortPattern'] as unknown };
  return { root: planNode(named, counts, children), sections, slotBased, execution };
}

/** A pipeline: each stage over the one before it, the first over the query that feeds it. */
function pipelineTree(stages: Document[], shard: string | null, database: string): PlanTree | null {
  let below: PlanTree | null = null;
  let node: PlanNode | null = null;
  for (const stage of stages) {
    const cursor = documentAt(stage, '$cursor') ?? documentAt(stage, '$geoNearCursor');
    if (cursor) {
      below = single(cursor, shard, database);
      node = below?.root ?? node;
    } else {
      node = withBranches(stage, pipelineNode(stage, database, node ? [node] : []));
    }
  }
  if (!node) return null;
  return {
    root: node,
    sections: below?.sections ?? [],
    slotBased: below?.slotBased ?? false,
    execution: below?.execution ?? null,
  };
}

/** The pipelines of a `$facet`, told in words: each reads what comes in. */
function withBranches(stage: Document, node: PlanNode): PlanNode {
  const facets = documentAt(stage, '$facet');
  if (!facets) return node;
  const details = Object.keys(facets).map((name) => {
    const parts = documentsAt(facets, name);
    const names = parts.map((part) => Object.keys(part).find((key) => key.startsWith('$')) ?? '?');
    const last = numberAt(parts[parts.length - 1], 'nReturned');
    const shown = names.filter((each) => each !== '$internalFacetTeeConsumer').join(' → ');
    return { name, value: last === null ? shown : `${shown} (${last})` };
  });
  return { ...node, specification: null, details: [...node.details, ...details] };
}

/** An aggregation over several shards: `{ shards: { name: { stages | queryPlanner } }, splitPipeline }`. */
function sharded(answer: Document, database: string): PlanTree | null {
  const shards = documentAt(answer, 'shards');
  if (!shards) return null;
  const trees = Object.keys(shards).flatMap((shard) => {
    const part: unknown = shards[shard];
    const tree = isDocument(part) ? single(part, shard, database) : null;
    return tree ? [{ ...tree, root: { ...tree.root, shard } }] : [];
  });
  if (trees.length === 0) return null;
  const merge = documentAt(answer, 'splitPipeline');
  const roots = trees.map(({ root }) => root);
  let root = finish({
    ...planNode({ stage: trees.length > 1 ? 'SHARD_MERGE' : 'SINGLE_SHARD' }, nothingCounted, roots),
    documentsOut: sumOf(roots.map(({ documentsOut }) => documentsOut)),
  });
  for (const stage of documentsAt(merge, 'mergerPart')) {
    if (!('$mergeCursors' in stage)) root = pipelineNode(stage, database, [root]);
  }
  return {
    root,
    sections: trees.flatMap(({ sections }) => sections),
    slotBased: trees.some(({ slotBased }) => slotBased),
    execution: mergedExecution(trees.flatMap(({ execution }) => (execution ? [execution] : []))),
  };
}

function sumOf(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (value === null ? sum : (sum ?? 0) + value), null);
}

/** The shards work at the same time: the slowest decides. */
function mergedExecution(parts: Document[]): Document | null {
  if (parts.length === 0) return null;
  const sum = (name: string): number => sumOf(parts.map((part) => numberAt(part, name))) ?? 0;
  const failed = parts.find((part) => part['executionSuccess'] === false);
  return {
    executionSuccess: !failed,
    ...(failed ? { errorMessage: textAt(failed, 'errorMessage') ?? '' } : {}),
    nReturned: sum('nReturned'),
    executionTimeMillis: Math.max(...parts.map((part) => numberAt(part, 'executionTimeMillis') ?? 0)),
    totalKeysExamined: sum('totalKeysExamined'),
    totalDocsExamined: sum('totalDocsExamined'),
  };
}

/** Indexes that stages of an aggregation name without a tree of their own (`$lookup`). */
export function indexesOfStages(answer: Document): string[] {
  return documentsAt(answer, 'stages').flatMap((stage) => stringsAt(stage, 'indexesUsed'));
}
