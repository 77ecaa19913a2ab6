/** What a reader of a report would otherwise not notice. */
import { formatCount, formatQuantity } from '../../shared/format';
import type { ProfileReport } from '../../shared/profiler';
import type { AggregatedOperations } from './aggregate-operations';

type LogCounts = NonNullable<ProfileReport['log']>;

export function notesOn(aggregated: AggregatedOperations, log: LogCounts | null): string[] {
  const notes: string[] = [];
  if (log) {
    if (log.unreadable > 0) {
      const kinds = log.unreadableByKind.map(({ kind, count }) => `${kind} ${formatCount(count)}`).join(', ');
      notes.push(`${formatQuantity(log.unreadable, 'line')} could not be read (${kinds}).`);
    }
    for (const { path, problem } of log.files) if (problem !== null) notes.push(`${path}: ${problem}`);
    if (aggregated.operations === 0 && log.slowOperations > 0)
      notes.push(
        `None of the ${formatCount(log.slowOperations)} slow operations lies in the period and database asked for.`,
      );
  }
  const { shapesLetGo } = aggregated;
  if (shapesLetGo.shapes > 0)
    notes.push(
      `${formatQuantity(shapesLetGo.shapes, 'shape')} with ${formatQuantity(shapesLetGo.operations, 'operation')} ` +
        'of the least total time are counted but not listed.',
    );
  return [...notes, ...writesWithoutStatements(aggregated)];
}

/** A write command may be slow because it holds many quick statements, none of which is recorded. */
function writesWithoutStatements({ outer, shapes }: AggregatedOperations): string[] {
  return outer.shapes.flatMap(({ ns, op, count, totalMs }) => {
    const inner = shapes.filter((shape) => shape.ns === ns && shape.op === op);
    const recorded = inner.reduce((sum, shape) => sum + shape.count, 0);
    if (recorded >= count) return [];
    return [
      `${formatQuantity(count - recorded, `${op} command`)} on ${ns} held no statement slow enough to be recorded: ` +
        `the ${formatQuantity(count, 'command')} took ${formatCount(Math.round(totalMs))} ms together.`,
    ];
  });
}
