/** A plan's tree as rows from the last stage to the first, and how much of its time each takes. Pure. */
import type { PlanNode } from '../../../../shared/advice';

export interface PlanRow {
  node: PlanNode;
  depth: number;
  /** Share of the time of the whole plan that this stage took itself, 0 to 1; null where the server does not tell. */
  timeShare: number | null;
  /** Share of the largest number of documents that goes from one stage to another, 0 to 1. */
  flowShare: number | null;
}

/** Root first, each followed by what it is fed from. */
export function planRows(root: PlanNode): PlanRow[] {
  const nodes: { node: PlanNode; depth: number }[] = [];
  const walk = (node: PlanNode, depth: number) => {
    nodes.push({ node, depth });
    for (const child of node.children) walk(child, depth + 1);
  };
  walk(root, 0);
  const sum = (values: (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const total = Math.max(root.ms ?? 0, sum(nodes.map(({ node }) => node.ownMs)));
  const largest = Math.max(0, ...nodes.map(({ node }) => Math.max(node.documentsIn ?? 0, node.documentsOut ?? 0)));
  return nodes.map(({ node, depth }) => ({
    node,
    depth,
    timeShare: node.ownMs === null ? null : total === 0 ? 0 : node.ownMs / total,
    flowShare: node.documentsOut === null ? null : largest === 0 ? 0 : node.documentsOut / largest,
  }));
}

export const notableWords: Record<NonNullable<PlanNode['notable']>, string> = {
  'collection-scan': 'reads the whole collection',
  'in-memory-sort': 'sorts in memory',
  'full-index-scan': 'reads the whole index',
  'discards-most': 'throws most of it away',
  spills: 'writes to disk for want of memory',
};
