/** A diff and a restore as text for a terminal. */
import type { DiffResult, Effect } from '../../shared/diff';
import { formatCount, formatDuration, formatQuantity } from '../../shared/format';
import type { Estimate, RestoreResult } from '../../shared/restore';
import { formatTable } from './output';

export function describeEffect(effect: Effect): string {
  return (
    `insert ${formatCount(effect.insert)}, replace ${formatCount(effect.replace)}, ` +
    `delete ${formatCount(effect.delete)} and keep ${formatCount(effect.keep)} documents`
  );
}

/** Which namespaces were compared by the oplog, and why others were not; nothing where none was. */
function describeWays({ namespaces }: DiffResult): string[] {
  const byOplog = namespaces.filter(({ comparedBy }) => comparedBy === 'oplog').length;
  if (byOplog === 0) return [];
  const others = namespaces.filter(({ comparedReason }) => comparedReason !== null);
  return [
    `${formatQuantity(byOplog, 'namespace')} compared by the oplog: only what was written since was read.`,
    ...others.map(({ targetNs, comparedReason }) => `${targetNs} was read whole: ${comparedReason ?? ''}.`),
  ];
}

export function describeDiff(result: DiffResult): string {
  const table = formatTable(
    ['namespace', 'status', 'only in backup', 'changed', 'only in target', 'same', 'indexes', 'options'],
    result.namespaces.map(({ ns, targetNs, status, documents, indexes, options }) => [
      ns === targetNs ? ns : `${ns} → ${targetNs}`,
      status,
      formatCount(documents.onlyInBackup),
      formatCount(documents.changed),
      formatCount(documents.onlyInTarget),
      formatCount(documents.same),
      indexes.add.length + indexes.change.length + indexes.remove.length === 0
        ? '='
        : `+${indexes.add.length} ~${indexes.change.length} -${indexes.remove.length}`,
      options.same ? '=' : 'differ',
    ]),
    [2, 3, 4, 5],
  );
  return [
    `${result.backupId} → ${result.target}`,
    table,
    ...result.problems.map((problem) => `${problem.severity}: ${problem.message}`),
    ...describeWays(result),
    `${result.mode} would ${describeEffect(result.totals.effect)} (compared in ${formatDuration(result.elapsedMs / 1000)}).`,
  ].join('\n');
}

export function describeResult(result: RestoreResult): string {
  const lines = [
    `${result.restoreId}: inserted ${formatCount(result.effect.insert)}, replaced ${formatCount(result.effect.replace)}, ` +
      `deleted ${formatCount(result.effect.delete)} in ${formatDuration(result.elapsedMs / 1000)}.`,
  ];
  for (const conflict of result.conflicts) lines.push(`conflict: ${conflict.ns} ${conflict.id}: ${conflict.reason}`);
  for (const failure of result.failures) lines.push(`failed: ${failure.ns} ${failure.id ?? ''}: ${failure.message}`);
  if (result.remaining) {
    const differing = result.remaining.namespaces.filter((namespace) => namespace.status !== 'same');
    lines.push(
      differing.length === 0
        ? 'Proof: the diff after it is empty.'
        : `The diff after it is not empty: ${differing.map((namespace) => namespace.ns).join(', ')}.`,
    );
  }
  return lines.join('\n');
}

/** How long it may take, as a sentence. */
export function describeEstimate({ seconds, restores }: Estimate): string {
  if (seconds === null) return 'How long it takes is not known: nothing was restored to this target in this way yet.';
  return `It would take about ${formatDuration(seconds)}, going by ${formatQuantity(restores, 'earlier restore')}.`;
}
