/** The report of a capture, as `profile report` makes it of its sources. */
import type { Operation, ProfileReport } from '../../../shared/profiler';
import { OperationAggregate } from '../aggregate-operations';
import type { LogTally } from '../logs/log-tally';
import { makeReport } from '../make-report';
import type { CommandSpool } from './command-spool';
import { operationFlags, type OperationColumns } from './operation-columns';
import { numberOrNull, wholeOrNull } from './operation-rows';
import type { Selection } from './select-operations';
import { reasonOf } from './shape-numbers';

export function captureReport(
  { operations, members }: Selection,
  about: { source: string; tally: LogTally | null; ignoredFiles: string[]; commands: CommandSpool; masked: boolean },
): ProfileReport {
  const aggregate = new OperationAggregate({ database: null, since: null, until: null });
  // As they came, not shape after shape: what is let go beyond the kept number must not depend on it.
  for (const at of members.slice().sort()) aggregate.add(storedOperation(operations, at, about.commands));
  const { source, tally, ignoredFiles, masked } = about;
  return makeReport({ source, aggregate, tally, ignoredFiles, obfuscate: masked });
}

/** What is asked of all of them is at hand; the command is read from disk for those that become examples. */
function storedOperation(operations: OperationColumns, at: number, commands: CommandSpool): Operation {
  const { columns, names, shapes } = operations;
  const flags = columns.flags[at] ?? 0;
  const shape = shapes[columns.shape[at] ?? 0];
  const ns = shape?.ns ?? '';
  const dot = ns.indexOf('.');
  const [code = '', ...errorName] = names.error.nameOf(columns.error[at] ?? 0)?.split(' ') ?? [];
  return {
    source: 'log',
    time: columns.time[at] ?? 0,
    ns,
    database: dot < 0 ? ns : ns.slice(0, dot),
    kind: shape?.kind ?? 'command',
    getMore: (flags & operationFlags.getMore) !== 0,
    setApart: reasonOf(flags),
    shapeId: shape?.id ?? '',
    shape: shape?.text ?? '',
    fullRead: shape?.fullRead === true,
    durationMs: columns.durationMs[at] ?? 0,
    docsExamined: numberOrNull(columns.docsExamined[at]),
    keysExamined: numberOrNull(columns.keysExamined[at]),
    returned: wholeOrNull(columns.returned[at]),
    written: wholeOrNull(columns.written[at]),
    planSummary: names.plan.nameOf(columns.plan[at] ?? 0),
    collscan: (flags & operationFlags.collscan) !== 0,
    sortStage: (flags & operationFlags.sortStage) !== 0,
    usedDisk: (flags & operationFlags.usedDisk) !== 0,
    yields: wholeOrNull(columns.yields[at]),
    responseBytes: wholeOrNull(columns.responseBytes[at]),
    app: names.app.nameOf(columns.app[at] ?? 0),
    client: names.client.nameOf(columns.client[at] ?? 0),
    context: null,
    queryHash: names.queryHash.nameOf(columns.queryHash[at] ?? 0),
    planCacheShapeHash: null,
    queryShapeHash: names.queryShapeHash.nameOf(columns.queryShapeHash[at] ?? 0),
    planCacheKey: null,
    errorCode: code === '' ? null : Number(code),
    errorName: errorName.join(' ') || null,
    truncated: (flags & operationFlags.truncated) !== 0,
    get commandText(): string | null {
      return commands.read(columns.commandAt[at] ?? 0, columns.commandBytes[at] ?? 0);
    },
  };
}
