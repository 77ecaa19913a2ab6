import { describe, expect, it } from 'vitest';
import type { PlanNode } from '../../../../shared/advice';
import { planRows } from './plan-rows';

function node(id: string, patch: Partial<PlanNode>): PlanNode {
  return {
    id,
    stage: 'FETCH',
    shard: null,
    ns: null,
    index: null,
    filter: null,
    specification: null,
    documentsIn: null,
    documentsOut: null,
    docsExamined: null,
    keysExamined: null,
    works: null,
    ms: null,
    ownMs: null,
    memoryBytes: null,
    usedDisk: false,
    notable: null,
    details: [],
    children: [],
    ...patch,
  };
}

describe('the rows of a plan', () => {
  const scan = node('0.0', { stage: 'COLLSCAN', documentsOut: 200, ms: 30, ownMs: 30 });
  const sort = node('0', { stage: 'SORT', documentsIn: 200, documentsOut: 50, ms: 40, ownMs: 10, children: [scan] });

  it('go from the result to what it is made of, with the share of time and documents', () => {
    expect(
      planRows(sort).map(({ node: { stage }, depth, timeShare, flowShare }) => [stage, depth, timeShare, flowShare]),
    ).toEqual([
      ['SORT', 0, 0.25, 0.25],
      ['COLLSCAN', 1, 0.75, 1],
    ]);
  });

  it('tell no shares where nothing ran', () => {
    expect(planRows(node('0', {}))).toMatchObject([{ timeShare: null, flowShare: null }]);
    expect(planRows(node('0', { ms: 0, ownMs: 0, documentsOut: 0 }))).toMatchObject([{ timeShare: 0, flowShare: 0 }]);
  });
});
