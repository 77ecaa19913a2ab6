/** Why the planner took the plan it took. */
import type { Document } from 'bson';
import type { PlanCandidate, PlanChoice, PlanNode } from '../../../shared/advice';
import { formatCount } from '../../../shared/format';
import { numbered, walk } from './plan-node';
import type { PlannerSection } from './plan-tree';
import { documentAt, numberAt } from './plan-values';
import { plannedTree } from './query-tree';

export interface ChoiceFacts {
  sections: readonly PlannerSection[];
  /** The query named an index. */
  hinted: boolean;
  cache: PlanChoice['cache'];
}

type Candidate = PlanChoice['candidates'][number];

/** Stages that find by `_id` without asking the planner. */
const byId = /^(IDHACK|EXPRESS_|CLUSTERED_IXSCAN)/;

/** `IXSCAN { a: 1 } → FETCH → SORT`, in the order documents go; branches in brackets. */
export function summaryOf(node: PlanNode): string {
  const own = node.index && node.stage !== 'FETCH' ? `${node.stage} ${node.index.keyText}` : node.stage;
  const [only] = node.children;
  if (!only) return own;
  if (node.children.length === 1) return `${summaryOf(only)} → ${own}`;
  return `[${node.children.map(summaryOf).join(', ')}] → ${own}`;
}

export function planChoice({ sections, hinted, cache }: ChoiceFacts): PlanChoice {
  const first = sections[0];
  const candidates = sections.flatMap(candidatesOf);
  const kind = first ? kindOf(first, hinted, cache) : 'single';
  return {
    kind,
    explanation: explain(
      kind,
      candidates.filter(({ shard }) => shard === (first?.shard ?? null)),
      cache,
    ),
    queryHash: first?.queryHash ?? null,
    planCacheKey: first?.planCacheKey ?? null,
    cache,
    indexFilterSet: sections.some(({ indexFilterSet }) => indexFilterSet),
    candidates,
  };
}

function candidatesOf(section: PlannerSection): Candidate[] {
  return [section.winningPlan, ...section.rejectedPlans].map((plan, index) => {
    const tree = numbered(plannedTree(plan));
    return {
      ...trialOf(section.trials[index]),
      plan: tree,
      chosen: index === 0,
      summary: summaryOf(tree),
      shard: section.shard,
    };
  });
}

function trialOf(
  trial: Document | undefined,
): Pick<PlanCandidate, 'works' | 'returned' | 'docsExamined' | 'keysExamined' | 'score'> {
  return {
    works: numberAt(documentAt(trial, 'executionStages'), 'works'),
    returned: numberAt(trial, 'nReturned'),
    docsExamined: numberAt(trial, 'totalDocsExamined'),
    keysExamined: numberAt(trial, 'totalKeysExamined'),
    score: numberAt(trial, 'score'),
  };
}

function kindOf(section: PlannerSection, hinted: boolean, cache: PlanChoice['cache']): PlanChoice['kind'] {
  const tree = plannedTree(section.winningPlan);
  if (tree.stage === 'EOF') return 'no-plan';
  if (walk(tree).some(({ stage }) => byId.test(stage))) return 'by-id';
  if (hinted) return 'hint';
  if (section.isCached || cache?.active) return 'cached';
  return section.rejectedPlans.length > 0 ? 'trial' : 'single';
}

function explain(kind: PlanChoice['kind'], candidates: readonly Candidate[], cache: PlanChoice['cache']): string {
  switch (kind) {
    case 'no-plan':
      return 'There is nothing to read: the collection does not exist or no document can match.';
    case 'by-id':
      return 'An equality that one document at most can meet is looked up straight away: no plans are compared.';
    case 'hint':
      return 'The query names its index with hint, so the planner had no choice.';
    case 'single': {
      const scan = candidates[0]?.summary.startsWith('COLLSCAN');
      return scan
        ? 'No index can serve this query, so all documents are read.'
        : 'It was the only plan: no other index can serve this query.';
    }
    case 'cached': {
      const works =
        cache?.works == null
          ? ''
          : ` It is given up once a run needs more than ten times its ${formatCount(cache.works)} works.`;
      return `The plan cache of this member keeps ${cache?.indexes.join(', ') || 'a plan'} for this shape, so runs take it without comparing.${works}${trialText(candidates)}`;
    }
    case 'trial':
      return (
        trialText(candidates).trim() ||
        'The candidates ran against each other for a moment, and this one found most for its work.'
      );
  }
}

function trialText(candidates: readonly Candidate[]): string {
  const [winner, ...others] = candidates;
  if (!winner || others.length === 0) return '';
  const all = `${candidates.length} candidates ran against each other`;
  if (winner.returned === null) return ` ${all}, and ${winner.summary} won.`;
  const best = others.reduce((a, b) => ((b.score ?? 0) > (a.score ?? 0) ? b : a));
  const second = best.returned === null ? '' : `; the next best, ${best.summary}, found ${foundText(best)}`;
  return ` ${all}: ${winner.summary} found ${foundText(winner)}${second}.`;
}

function foundText({ returned, works }: PlanCandidate): string {
  const found = formatCount(returned ?? 0);
  return works === null ? found : `${found} in ${formatCount(works)} works`;
}

/** An entry of `$planCacheStats`. */
export function cacheEntry(entry: Document): NonNullable<PlanChoice['cache']> {
  const plan = documentAt(entry, 'cachedPlan');
  const created: unknown = entry['timeOfCreation'];
  const indexes = plan ? walk(plannedTree(plan)).flatMap(({ index }) => (index?.name ? [index.name] : [])) : [];
  return {
    active: entry['isActive'] === true,
    works: numberAt(entry, 'works'),
    createdAt: created instanceof Date ? created.toISOString() : null,
    indexes: [...new Set(indexes)],
  };
}
