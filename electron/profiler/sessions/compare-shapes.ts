/** Two periods or two captures beside each other. */
import type { Facet, ComparedMetrics, ComparedShape, ShapeChange } from '../../../shared/slow-queries';
import type { OperationKind } from '../../../shared/profiler';

/** What one side knows of a shape. */
export interface SideShape extends ComparedMetrics {
  id: string;
  ns: string;
  op: OperationKind;
  shape: string;
}

export interface Side {
  shapes: SideShape[];
  operations: number;
  totalMs: number;
  from: number | null;
  to: number | null;
}

const mostShapes = 1000;
/** Fewer operations than this say nothing about a shape's speed. */
const enough = 5;
/** A fifth, and more than a clock's noise. */
const factor = 1.2;
const noiseMs = 5;
const hour = 3_600_000;

export function compareSides(
  before: Side,
  after: Side,
): { counts: Record<ShapeChange, number>; shapes: ComparedShape[] } {
  const former = new Map(before.shapes.map((shape) => [shape.id, shape]));
  const counts: Record<ShapeChange, number> = { new: 0, gone: 0, slower: 0, faster: 0, same: 0 };
  const shapes: ComparedShape[] = [];
  const add = (one: SideShape | null, other: SideShape | null): void => {
    const named = other ?? one;
    if (!named) return;
    const change = changeOf(one, other);
    counts[change] += 1;
    const { id, ns, op, shape } = named;
    shapes.push({
      id,
      ns,
      op,
      shape,
      change,
      before: one && metricsOf(one),
      after: other && metricsOf(other),
      totalMsPerHourChange: Math.round(perHour(other, after) - perHour(one, before)),
    });
  };
  for (const shape of after.shapes) {
    add(former.get(shape.id) ?? null, shape);
    former.delete(shape.id);
  }
  for (const shape of former.values()) add(shape, null);
  const size = ({ totalMsPerHourChange }: ComparedShape): number => Math.abs(totalMsPerHourChange);
  shapes.sort((a, b) => size(b) - size(a) || (a.id < b.id ? -1 : 1));
  return { counts, shapes: shapes.slice(0, mostShapes) };
}

function changeOf(before: SideShape | null, after: SideShape | null): ShapeChange {
  if (!before) return 'new';
  if (!after) return 'gone';
  if (before.count < enough || after.count < enough) return 'same';
  const grew = (from: number, to: number): boolean => to >= from * factor && to - from >= noiseMs;
  if (grew(before.p50Ms, after.p50Ms) || grew(before.p95Ms, after.p95Ms)) return 'slower';
  if (grew(after.p50Ms, before.p50Ms) || grew(after.p95Ms, before.p95Ms)) return 'faster';
  return 'same';
}

/** Periods shorter than a minute would blow up what a few operations took. */
function perHour(shape: SideShape | null, { from, to }: Side): number {
  if (!shape || from === null || to === null) return 0;
  return shape.totalMs / (Math.max(60_000, to - from) / hour);
}

function metricsOf(shape: SideShape): ComparedMetrics {
  const { count, totalMs, meanMs, p50Ms, p95Ms, maxMs, docsExamined, returned, collscanCount } = shape;
  const plans: Facet[] = shape.plans;
  return { count, totalMs, meanMs, p50Ms, p95Ms, maxMs, docsExamined, returned, collscanCount, plans };
}
