/** Single operations of a capture as a table shows them. */
import type { OperationRow, OperationSort } from '../../../shared/slow-queries';
import { commandText } from '../command-text';
import type { CommandSpool } from './command-spool';
import { operationFlags, untold, type OperationColumns } from './operation-columns';
import type { Selection } from './select-operations';
import { reasonOf } from './shape-numbers';

export function operationRow(
  operations: OperationColumns,
  at: number,
  { commands, masked }: { commands: CommandSpool; masked: boolean },
): OperationRow {
  const { columns, names, shapes } = operations;
  const flags = columns.flags[at] ?? 0;
  const shape = shapes[columns.shape[at] ?? 0];
  const text = commands.read(columns.commandAt[at] ?? 0, columns.commandBytes[at] ?? 0);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    operation: at,
    time: columns.time[at] ?? 0,
    host: names.host.nameOf(columns.host[at] ?? 0),
    ns: shape?.ns ?? '',
    op: shape?.kind ?? 'command',
    getMore: has(operationFlags.getMore),
    setApart: reasonOf(flags),
    shapeId: shape?.id ?? '',
    shape: shape?.text ?? '',
    durationMs: columns.durationMs[at] ?? 0,
    docsExamined: numberOrNull(columns.docsExamined[at]),
    keysExamined: numberOrNull(columns.keysExamined[at]),
    returned: wholeOrNull(columns.returned[at]),
    written: wholeOrNull(columns.written[at]),
    planSummary: names.plan.nameOf(columns.plan[at] ?? 0),
    collscan: has(operationFlags.collscan),
    sortStage: has(operationFlags.sortStage),
    yields: wholeOrNull(columns.yields[at]),
    responseBytes: wholeOrNull(columns.responseBytes[at]),
    app: names.app.nameOf(columns.app[at] ?? 0),
    client: masked ? null : names.client.nameOf(columns.client[at] ?? 0),
    errorName: names.error.nameOf(columns.error[at] ?? 0)?.trim() ?? null,
    command: text === null ? null : commandText(text, masked),
  };
}

export function numberOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

export function wholeOrNull(value: number | undefined): number | null {
  return value === undefined || value === untold ? null : value;
}

/**
 * Numbers of the operations at `offset` to `offset + limit` in the order of `sort`, without sorting all of them; what the
 * source did not tell comes last.
 */
export function orderedOperations(
  { operations, inOrder }: Selection,
  { sort, descending, offset, limit }: { sort: OperationSort; descending: boolean; offset: number; limit: number },
): number[] {
  const column: ArrayLike<number> = operations.columns[sort];
  const missing = descending ? -Infinity : Infinity;
  const keyOf = (at: number): number => {
    const value = column[at] ?? NaN;
    return Number.isNaN(value) || value === untold ? missing : value;
  };
  const before = (a: number, b: number): boolean => {
    const x = keyOf(a);
    const y = keyOf(b);
    if (x !== y) return descending ? x > y : x < y;
    return a < b;
  };
  return firstOf(inOrder, offset + limit, before).slice(offset);
}

/** The first `most` in order: a heap of the best so far, whose root is the last of them. */
export function firstOf(members: Uint32Array, most: number, before: (a: number, b: number) => boolean): number[] {
  if (members.length <= most * 4) return [...members].sort((a, b) => (before(a, b) ? -1 : 1)).slice(0, most);
  const heap: number[] = [...members.subarray(0, most)];
  const sink = (from: number): void => {
    let at = from;
    for (;;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && before(heap[worst] ?? 0, heap[child] ?? 0)) worst = child;
      if (worst === at) return;
      const swapped = heap[at] ?? 0;
      heap[at] = heap[worst] ?? 0;
      heap[worst] = swapped;
      at = worst;
    }
  };
  for (let at = heap.length >> 1; at >= 0; at--) sink(at);
  for (let place = most; place < members.length; place++) {
    const member = members[place] ?? 0;
    if (!before(member, heap[0] ?? 0)) continue;
    heap[0] = member;
    sink(0);
  }
  return heap.sort((a, b) => (before(a, b) ? -1 : 1));
}
