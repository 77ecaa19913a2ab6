/** Runs commands in the sandbox and keeps what the server counted. */
import type { MongoClient } from 'mongodb';
import type { ExplainedPlan } from '../../../../shared/advice';
import type { TryMeasure } from '../../../../shared/tries';
import { AppFailure } from '../../../../shared/result';
import { explainOn } from '../../explain/explain';
import type { ExplainableCommand } from '../../explain/explain-command';
import { summaryOf } from '../../explain/plan-choice';

export interface MeasureOptions {
  runs: number;
  maxTimeMs: number;
  isCancelled(): boolean;
}

/** The median of the runs after one that warms up; or why it failed. Lost connections are thrown. */
export async function measure(
  client: MongoClient,
  command: ExplainableCommand,
  { runs, maxTimeMs, isCancelled }: MeasureOptions,
): Promise<{ measure: TryMeasure; problem: null } | { measure: null; problem: string }> {
  const times: number[] = [];
  let plan: ExplainedPlan | null = null;
  for (let run = 0; run <= runs; run++) {
    if (isCancelled()) return { measure: null, problem: 'Cancelled.' };
    try {
      plan = await explainOn(client, command, { verbosity: 'executionStats', maxTimeMs, host: 'sandbox' });
    } catch (error) {
      if (error instanceof AppFailure) return { measure: null, problem: error.message };
      if (error instanceof Error && error.name === 'MongoServerError') return { measure: null, problem: error.message };
      throw error;
    }
    if (plan.execution && !plan.execution.succeeded)
      return { measure: null, problem: plan.execution.problem ?? 'It was cut off.' };
    if (run > 0 || runs === 0) times.push(plan.execution?.ms ?? 0);
  }
  if (!plan) return { measure: null, problem: 'It was not run.' };
  const { execution, root, collectionScan, inMemorySort, covered, indexes } = plan;
  return {
    problem: null,
    measure: {
      ms: median(times),
      docsExamined: execution?.docsExamined ?? 0,
      keysExamined: execution?.keysExamined ?? 0,
      // What the last stage handed on: a count hands on one document, the number.
      returned: root.documentsOut ?? execution?.returned ?? 0,
      planSummary: summaryOf(root),
      collectionScan,
      inMemorySort,
      covered,
      indexes,
      plan: root,
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Documents examined decide; where they are equal, keys, a sort in memory, and time by a wide margin. */
export function verdictOf(before: TryMeasure, after: TryMeasure): 'better' | 'same' | 'worse' {
  const work = ({ docsExamined, keysExamined, inMemorySort }: TryMeasure): number =>
    docsExamined + keysExamined / 5 + (inMemorySort ? 1 : 0);
  const [was, is] = [work(before), work(after)];
  if (is < was * 0.9 || (is < was && before.inMemorySort && !after.inMemorySort)) return 'better';
  if (is > was * 1.1 + 1) return 'worse';
  return 'same';
}
