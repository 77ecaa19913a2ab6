/** One stage of a plan as a node of the tree, with what was counted in it. */
import type { Document } from 'bson';
import type { IndexBounds, PlanNode } from '../../../shared/advice';
import { documentAt, flagAt, isDocument, millisecondsOf, numberAt, stringsAt, textAt } from './plan-values';
import { shellText } from './shell-value';

/** What running a stage counted; of plans that were not run all is null. */
export interface StageCounts {
  documentsOut: number | null;
  docsExamined: number | null;
  keysExamined: number | null;
  works: number | null;
  ms: number | null;
  memoryBytes: number | null;
  usedDisk: boolean;
}

export const nothingCounted: StageCounts = {
  documentsOut: null,
  docsExamined: null,
  keysExamined: null,
  works: null,
  ms: null,
  memoryBytes: null,
  usedDisk: false,
};

const longestSpecification = 2000;

/** Told in members of their own, or of no use to a reader. */
const shownElsewhere = new Set([
  'stage',
  'planNodeId',
  'inputStage',
  'inputStages',
  'shards',
  'filter',
  'keyPattern',
  'indexName',
  'isMultiKey',
  'multiKeyPaths',
  'isUnique',
  'isSparse',
  'isPartial',
  'indexVersion',
  'direction',
  'indexBounds',
  'sortPattern',
  'transformBy',
  'nReturned',
  'advanced',
  'executionTimeMillisEstimate',
  'executionTimeMicros',
  'executionTimeNanos',
  'works',
  'needTime',
  'needYield',
  'saveState',
  'restoreState',
  'isEOF',
  'isCached',
  'docsExamined',
  'keysExamined',
  'usedDisk',
  'totalDataSizeSorted',
  'slotBasedPlan',
  'queryPlan',
]);

/** Counters of a stage of the classic engine. */
export function classicCounts(stage: Document): StageCounts {
  return {
    documentsOut: numberAt(stage, 'nCounted') ?? numberAt(stage, 'nReturned') ?? numberAt(stage, 'advanced'),
    docsExamined: numberAt(stage, 'docsExamined'),
    keysExamined: numberAt(stage, 'keysExamined'),
    works: numberAt(stage, 'works'),
    ms: millisecondsOf(stage),
    memoryBytes: numberAt(stage, 'totalDataSizeSorted') ?? numberAt(stage, 'memUsage'),
    usedDisk: flagAt(stage, 'usedDisk'),
  };
}

/** A node of `stage`, as query plans and execution stages describe it, over `children` (their ids are given later). */
export function planNode(stage: Document, counts: StageCounts, children: PlanNode[]): PlanNode {
  const name = textAt(stage, 'stage') ?? 'UNKNOWN';
  const sort = documentAt(stage, 'sortPattern');
  const projection = documentAt(stage, 'transformBy');
  const filter = documentAt(stage, 'filter');
  const foreign = textAt(stage, 'foreignCollection');
  return finish({
    id: '',
    stage: name,
    shard: null,
    ns: foreign,
    index: indexOf(stage),
    filter: filter && Object.keys(filter).length > 0 ? shellText(filter, longestSpecification) : null,
    specification: sort ? shellText(sort) : projection ? shellText(projection, longestSpecification) : null,
    documentsIn: null,
    ...counts,
    ownMs: null,
    notable: null,
    details: detailsOf(stage, shownElsewhere),
    children,
  });
}

/** A node of an aggregation's stage, `{ $group: …, nReturned: 3 }`, over what comes before it. */
export function pipelineNode(stage: Document, database: string, children: PlanNode[]): PlanNode {
  const name = Object.keys(stage).find((key) => key.startsWith('$')) ?? 'UNKNOWN';
  const specification: unknown = stage[name];
  const from = textAt(specification, 'from') ?? textAt(specification, 'coll');
  const memory = documentAt(stage, 'maxAccumulatorMemoryUsageBytes');
  const accumulated = memory
    ? Object.keys(memory).reduce((sum, key) => sum + (numberAt(memory, key) ?? 0), 0)
    : numberAt(stage, 'totalDataSizeSortedBytesEstimate');
  return finish({
    id: '',
    stage: name,
    shard: null,
    ns:
      from !== null && (name === '$lookup' || name === '$graphLookup' || name === '$unionWith')
        ? `${database}.${from}`
        : null,
    index: null,
    filter: name === '$match' ? shellText(specification, longestSpecification) : null,
    specification: name === '$match' ? null : shellText(specificationOf(name, specification), longestSpecification),
    documentsIn: null,
    documentsOut: numberAt(stage, 'nReturned'),
    docsExamined: numberAt(stage, 'totalDocsExamined'),
    keysExamined: numberAt(stage, 'totalKeysExamined'),
    works: null,
    ms: millisecondsOf(stage),
    ownMs: null,
    memoryBytes: accumulated,
    usedDisk: flagAt(stage, 'usedDisk'),
    notable: null,
    details: detailsOf(
      stage,
      new Set([...shownElsewhere, name, 'totalDocsExamined', 'totalKeysExamined', 'totalDataSizeSortedBytesEstimate']),
    ),
    children,
  });
}

/** A `$sort` is told with the planner's own members. */
function specificationOf(name: string, specification: unknown): unknown {
  return name === '$sort' ? (documentAt(specification, 'sortKey') ?? specification) : specification;
}

/** Fills in what follows from the children: what came in, the time of its own, and what to draw attention to. */
export function finish(node: PlanNode): PlanNode {
  const { children, documentsOut, docsExamined, keysExamined } = node;
  const reading = children.length === 0;
  const fromBelow = reading ? (docsExamined ?? keysExamined) : sumOrNull(children.map((child) => child.documentsOut));
  const documentsIn = documentsOut === null ? null : fromBelow;
  const below = sumOrNull(children.map((child) => child.ms)) ?? 0;
  const ownMs = node.ms === null ? null : Math.max(0, node.ms - below);
  const finished = { ...node, documentsIn, ownMs };
  return { ...finished, notable: notableOf(finished) };
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  let sum: number | null = null;
  for (const value of values) if (value !== null) sum = (sum ?? 0) + value;
  return sum;
}

const inMemorySorts = new Set(['SORT', '$sort']);

function notableOf(node: PlanNode): PlanNode['notable'] {
  if (node.stage === 'COLLSCAN') return 'collection-scan';
  if (node.usedDisk) return 'spills';
  if (inMemorySorts.has(node.stage)) return 'in-memory-sort';
  const bounds = node.index?.bounds ?? [];
  if (bounds.length > 0 && bounds.every(({ kind }) => kind === 'full')) return 'full-index-scan';
  const { documentsIn, documentsOut, filter } = node;
  const discards =
    documentsIn !== null && documentsOut !== null && documentsIn >= 100 && documentsOut < documentsIn / 10;
  return discards && filter !== null ? 'discards-most' : null;
}

function indexOf(stage: Document): PlanNode['index'] {
  const name = textAt(stage, 'indexName');
  const keys = documentAt(stage, 'keyPattern') ?? documentAt(stage, 'indexKeyPattern');
  if (name === null && !keys) return null;
  const direction = textAt(stage, 'direction');
  const multikey = documentAt(stage, 'multiKeyPaths') ?? {};
  return {
    name: name ?? '',
    keyText: shellText(keys ?? {}),
    bounds: boundsOf(stage, keys),
    direction: direction === 'backward' ? 'backward' : direction === 'forward' ? 'forward' : null,
    unique: flagAt(stage, 'isUnique'),
    sparse: flagAt(stage, 'isSparse'),
    partial: flagAt(stage, 'isPartial'),
    multikey: flagAt(stage, 'isMultiKey'),
    multikeyFields: Object.keys(multikey).filter((field) => stringsAt(multikey, field).length > 0),
  };
}

function boundsOf(stage: Document, keys: Document | null): IndexBounds[] {
  const bounds = documentAt(stage, 'indexBounds');
  if (!bounds) return [];
  const start = documentAt(bounds, 'startKey');
  const end = documentAt(bounds, 'endKey');
  if (start && end) {
    const open = bounds['startKeyInclusive'] === false ? '(' : '[';
    const close = bounds['endKeyInclusive'] === false ? ')' : ']';
    return Object.keys(keys ?? start).map((field, index) => {
      // Some versions leave the names of the fields out.
      const low = shellText(Object.values(start)[index]);
      const high = shellText(Object.values(end)[index]);
      return {
        field,
        intervals: [`${open}${low}, ${high}${close}`],
        kind: low === high ? 'points' : kindOf([`[${low}, ${high}]`]),
      };
    });
  }
  return Object.keys(bounds).map((field) => {
    const intervals = stringsAt(bounds, field);
    return { field, intervals, kind: kindOf(intervals) };
  });
}

const everything = /^[[(](MinKey|MaxKey), (MinKey|MaxKey)[\])]$/;

function kindOf(intervals: readonly string[]): IndexBounds['kind'] {
  if (intervals.some((interval) => everything.test(interval))) return 'full';
  return intervals.length > 0 && intervals.every(isPoint) ? 'points' : 'range';
}

/** `["a", "a"]`: both ends the same. */
function isPoint(interval: string): boolean {
  const inside = interval.slice(1, -1);
  const half = (inside.length - 2) / 2;
  return Number.isInteger(half) && inside.slice(0, half) === inside.slice(half + 2) && inside.startsWith(', ', half);
}

function detailsOf(stage: Document, hidden: ReadonlySet<string>): PlanNode['details'] {
  return Object.keys(stage)
    .filter((key) => !hidden.has(key))
    .map((key) => ({ name: key, value: detailText(stage[key]) }))
    .filter(({ value }) => value !== '');
}

function detailText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '' : shellText(value, 500);
  if (isDocument(value)) return Object.keys(value).length === 0 ? '' : shellText(value, 500);
  return typeof value === 'string' ? value.slice(0, 500) : shellText(value, 500);
}

/** Ids in the order of a walk from the root: '0', '0.0', '0.1'…; shards are handed down. */
export function numbered(node: PlanNode, id = '0', shard: string | null = null): PlanNode {
  const own = node.shard ?? shard;
  return {
    ...node,
    id,
    shard: own,
    children: node.children.map((child, index) => numbered(child, `${id}.${index}`, own)),
  };
}

/** Every node, the root first. */
export function walk(node: PlanNode): PlanNode[] {
  return [node, ...node.children.flatMap(walk)];
}
