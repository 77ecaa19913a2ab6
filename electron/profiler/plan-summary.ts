/** Plan summaries as servers write them, in all their forms. */

export interface PlanStage {
  /** `COLLSCAN`, `IXSCAN`, `IDHACK`, `EXPRESS_IXSCAN`, `DISTINCT_SCAN`, `CLUSTERED_IXSCAN`, `COUNT_SCAN`, `EOF`… */
  stage: string;
  /** The index's keys as written, `{ a: 1, b: -1 }`; null where the stage names none. */
  keys: string | null;
}

const stage = /([A-Z][A-Z0-9_]*)(?:\s+(\{[^{}]*\}))?/y;

/** `IXSCAN { a: 1 }, IXSCAN { b: 1 }` as its stages; what is no stage is left out. */
export function parsePlanSummary(summary: string): PlanStage[] {
  const stages: PlanStage[] = [];
  let position = 0;
  while (position < summary.length) {
    stage.lastIndex = position;
    const found = stage.exec(summary);
    if (found?.[1]) {
      stages.push({ stage: found[1], keys: found[2] ?? null });
      position = stage.lastIndex;
    } else position += 1;
  }
  return stages;
}

/** Whether any branch of the plan reads the whole collection. */
export function hasCollectionScan(summary: string | null): boolean {
  if (summary === null || !summary.includes('COLLSCAN')) return false;
  return summary === 'COLLSCAN' || parsePlanSummary(summary).some((each) => each.stage === 'COLLSCAN');
}
