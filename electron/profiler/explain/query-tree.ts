/** The tree of one query plan, of either engine, with or without what running it counted. */
import type { Document } from 'bson';
import type { PlanNode } from '../../../shared/advice';
import { classicCounts, nothingCounted, planNode, type StageCounts } from './plan-node';
import { documentAt, documentsAt, flagAt, isDocument, millisecondsOf, numberAt, textAt } from './plan-values';

/** Where stages keep their inputs, in the order they are read. */
const inputs = ['inputStage', 'outerStage', 'innerStage', 'thenStage', 'elseStage'] as const;
const inputLists = ['inputStages', 'branches'] as const;

function inputsOf(stage: Document): Document[] {
  const single = inputs.map((name) => documentAt(stage, name)).filter(isDocument);
  return [...single, ...inputLists.flatMap((name) => documentsAt(stage, name))];
}

/** `winningPlan` or one of `rejectedPlans`, whichever engine it is for. */
export function queryPlanOf(plan: Document): Document {
  return documentAt(plan, 'queryPlan') ?? plan;
}

export function isSlotBased(plan: Document): boolean {
  return documentAt(plan, 'slotBasedPlan') !== null;
}

/** A plan that was not run. */
export function plannedTree(plan: Document): PlanNode {
  return build(queryPlanOf(plan), () => nothingCounted);
}

/**
 * A plan that was run: `stages` are its `executionStages`. Of the slot-based engine these are finer than the plan and
 * belong to its stages by number.
 */
export function executedTree(plan: Document, stages: Document): PlanNode {
  if (isSlotBased(plan)) {
    const counted = slotBasedCounts(stages);
    return build(queryPlanOf(plan), (stage) => counted.get(numberAt(stage, 'planNodeId') ?? -1) ?? nothingCounted);
  }
  return build(stages, classicCounts);
}

function build(stage: Document, counts: (stage: Document) => StageCounts): PlanNode {
  const children = inputsOf(stage).map((input) => build(input, counts));
  const node = planNode(stage, counts(stage), children);
  return node;
}

/** What the slot-based engine counted, by the number of the plan's stage. */
function slotBasedCounts(root: Document): Map<number, StageCounts> {
  const counted = new Map<number, StageCounts>();
  const add = (stage: Document): void => {
    const id = numberAt(stage, 'planNodeId');
    if (id !== null) {
      // The outermost of a plan's stage comes first: it tells what is handed on, and the time with its inputs.
      const known = counted.get(id) ?? {
        ...nothingCounted,
        documentsOut: numberAt(stage, 'nReturned'),
        ms: millisecondsOf(stage),
      };
      const name = textAt(stage, 'stage') ?? '';
      const reads = numberAt(stage, 'numReads') ?? 0;
      if (/^ix(seek|scan)/.test(name))
        known.keysExamined = (known.keysExamined ?? 0) + (numberAt(stage, 'keysExamined') ?? reads);
      else if (/^(seek|scan|fetch|pscan)$/.test(name))
        known.docsExamined = (known.docsExamined ?? 0) + (numberAt(stage, 'docsExamined') ?? reads);
      if (name === 'sort') known.memoryBytes = numberAt(stage, 'totalDataSizeSorted');
      if (flagAt(stage, 'usedDisk')) known.usedDisk = true;
      counted.set(id, known);
    }
    inputsOf(stage).forEach(add);
  };
  add(root);
  return counted;
}
