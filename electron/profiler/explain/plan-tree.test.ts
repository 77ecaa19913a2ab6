import { describe, expect, it } from 'vitest';
import { planChoice } from './plan-choice';
import { walk } from './plan-node';
import { planTree } from './plan-tree';

const scan = {
  stage: 'IXSCAN',
  keyPattern: { a: 1 },
  indexName: 'a_1',
  direction: 'forward',
  indexBounds: { a: ['[1, 1]'] },
};
const ran = { ...scan, nReturned: 5, keysExamined: 5, works: 6, executionTimeMillisEstimate: 1 };
const fetch = { stage: 'FETCH', inputStage: scan };
const ranFetch = {
  stage: 'FETCH',
  nReturned: 5,
  docsExamined: 5,
  works: 6,
  executionTimeMillisEstimate: 4,
  inputStage: ran,
};

describe('the tree of an explained plan', () => {
  it('puts the shards of a find side by side', () => {
    const shard = (shardName: string) => ({
      shardName,
      namespace: 'shop.orders',
      queryHash: 'AB',
      winningPlan: fetch,
      rejectedPlans: [],
    });
    const tree = planTree(
      {
        queryPlanner: { winningPlan: { stage: 'SHARD_MERGE_SORT', shards: [shard('one'), shard('two')] } },
        executionStats: {
          nReturned: 10,
          executionTimeMillis: 9,
          executionStages: {
            stage: 'SHARD_MERGE_SORT',
            nReturned: 10,
            executionTimeMillis: 9,
            shards: ['one', 'two'].map((shardName) => ({ shardName, executionStages: ranFetch })),
          },
        },
      },
      'shop',
    );
    expect(tree?.root).toMatchObject({ stage: 'SHARD_MERGE_SORT', documentsIn: 10, documentsOut: 10, ms: 9, ownMs: 1 });
    expect(walk(tree?.root ?? never()).map(({ id, stage, shard: name }) => `${id} ${stage} ${name ?? ''}`)).toEqual([
      '0 SHARD_MERGE_SORT ',
      '0.0 FETCH one',
      '0.0.0 IXSCAN one',
      '0.1 FETCH two',
      '0.1.0 IXSCAN two',
    ]);
    const choice = planChoice({ sections: tree?.sections ?? [], hinted: false, cache: null });
    expect(choice.candidates.map(({ shard: name, chosen }) => [name, chosen])).toEqual([
      ['one', true],
      ['two', true],
    ]);
    expect(choice).toMatchObject({ kind: 'single', queryHash: 'AB' });
  });

  it('puts the stages of a merging shard over an aggregation of several shards', () => {
    const part = {
      host: 'a:1',
      stages: [
        {
          $cursor: {
            queryPlanner: { winningPlan: fetch, rejectedPlans: [] },
            executionStats: {
              nReturned: 5,
              executionTimeMillis: 4,
              totalDocsExamined: 5,
              totalKeysExamined: 5,
              executionStages: ranFetch,
            },
          },
          nReturned: 5,
        },
        { $group: { _id: '$a' }, nReturned: 1 },
      ],
    };
    const tree = planTree(
      {
        shards: { one: part, two: part },
        splitPipeline: {
          shardsPart: [],
          mergerPart: [{ $mergeCursors: {} }, { $group: { _id: '$$ROOT._id', $doingMerge: true } }],
        },
      },
      'shop',
    );
    expect(walk(tree?.root ?? never()).map(({ stage }) => stage)).toEqual([
      '$group',
      'SHARD_MERGE',
      '$group',
      'FETCH',
      'IXSCAN',
      '$group',
      'FETCH',
      'IXSCAN',
    ]);
    expect(tree?.execution).toMatchObject({ nReturned: 10, totalDocsExamined: 10, executionTimeMillis: 4 });
  });

  it('knows plans out of the cache, and those of servers that find one document the short way', () => {
    const express = {
      queryPlanner: {
        planCacheShapeHash: 'CD',
        winningPlan: { stage: 'EXPRESS_IXSCAN', keyPattern: '{ a: 1 }', indexName: 'a_1' },
        rejectedPlans: [],
      },
    };
    const quick = planTree(express, 'shop');
    expect(quick?.root).toMatchObject({ stage: 'EXPRESS_IXSCAN', index: { name: 'a_1' } });
    expect(planChoice({ sections: quick?.sections ?? [], hinted: false, cache: null })).toMatchObject({
      kind: 'by-id',
      queryHash: 'CD',
    });
    const cached = planTree({ queryPlanner: { winningPlan: { isCached: true, ...fetch }, rejectedPlans: [] } }, 'shop');
    expect(planChoice({ sections: cached?.sections ?? [], hinted: false, cache: null }).kind).toBe('cached');
  });

  it('is null for an answer without a plan', () => {
    expect(planTree({ ok: 1 }, 'shop')).toBeNull();
    expect(planTree({ stages: [] }, 'shop')).toBeNull();
  });
});

function never(): never {
  throw new Error('There is no tree');
}
