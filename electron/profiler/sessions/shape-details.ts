/** One shape of a capture: its numbers over time, its plans, and operations as examples. */
import { fail } from '../../../shared/result';
import type { OperationRow, ShapeDetails, ShapeSeries } from '../../../shared/slow-queries';
import type { CommandSpool } from './command-spool';
import { facetsOf } from './name-tally';
import { firstOf, operationRow, wholeOrNull } from './operation-rows';
import { quantilesOf } from './quantiles';
import { membersOf, type Selection } from './select-operations';
import { shapeNumbers } from './shape-numbers';
import { bucketsOf, completeRows } from './shape-rows';

const examples = 5;
const mostFacets = 50;

/** `selection` holds that shape alone. Throws 'not-found' when it is empty. */
export function shapeDetails(
  selection: Selection,
  { buckets: bucketCount, masked, commands }: { buckets: number; masked: boolean; commands: CommandSpool },
): ShapeDetails {
  const [number] = selection.shapes;
  if (number === undefined)
    return fail('not-found', 'No operation of this shape is left.', 'Widen the period or the filter.');
  const { operations } = selection;
  const { columns, names } = operations;
  const members = membersOf(selection, number);
  const buckets = bucketsOf(selection, bucketCount);
  const [row] = completeRows(selection, shapeNumbers(selection), buckets);
  if (!row) return fail('internal', 'A shape has no numbers.');
  const facets = (column: ArrayLike<number>, table: typeof names.plan): ShapeDetails['plans'] =>
    facetsOf(members, column, columns.durationMs, table, mostFacets);
  const rows = (before: (a: number, b: number) => boolean): OperationRow[] =>
    firstOf(members, examples, before).map((at) => operationRow(operations, at, { commands, masked }));
  const by =
    (column: Float64Array) =>
    (a: number, b: number): boolean => {
      const x = column[a] ?? 0;
      const y = column[b] ?? 0;
      return x === y ? a < b : x > y;
    };
  return {
    row,
    plans: facets(columns.plan, names.plan),
    apps: facets(columns.app, names.app),
    hosts: facets(columns.host, names.host),
    queryHashes: facets(columns.queryHash, names.queryHash).map(({ name }) => name),
    queryShapeHashes: facets(columns.queryShapeHash, names.queryShapeHash).map(({ name }) => name),
    series: seriesOf(selection, members, buckets),
    slowest: rows(by(columns.durationMs)),
    newest: rows(by(columns.time)),
  };
}

function seriesOf(
  { operations }: Selection,
  members: Uint32Array,
  { from, bucketMs, count: length }: { from: number; bucketMs: number; count: number },
): ShapeSeries {
  const { time, durationMs, docsExamined, returned, written } = operations.columns;
  const durations = Array.from({ length }, (): number[] => []);
  const zeros = (): number[] => new Array<number>(length).fill(0);
  const examined = zeros();
  const answered = zeros();
  for (const at of members) {
    const bucket = Math.min(length - 1, Math.floor(((time[at] ?? 0) - from) / bucketMs));
    durations[bucket]?.push(durationMs[at] ?? 0);
    examined[bucket] = (examined[bucket] ?? 0) + (docsExamined[at] || 0);
    answered[bucket] = (answered[bucket] ?? 0) + (wholeOrNull(returned[at]) ?? 0) + (wholeOrNull(written[at]) ?? 0);
  }
  const quantiles = durations.map((values) =>
    values.length === 0 ? null : quantilesOf(Float64Array.from(values), [0.5, 0.95, 1]),
  );
  return {
    from,
    bucketMs,
    count: durations.map((values) => values.length),
    totalMs: durations.map((values) => values.reduce((sum, value) => sum + value, 0)),
    p50Ms: quantiles.map((values) => values?.[0] ?? null),
    p95Ms: quantiles.map((values) => values?.[1] ?? null),
    maxMs: quantiles.map((values) => values?.[2] ?? null),
    docsExamined: examined,
    returned: answered,
  };
}
