/** The operations of a capture that a filter lets through, grouped by shape. */
import type { CaptureFilter } from '../../../shared/slow-queries';
import { operationFlags, type OperationColumns } from './operation-columns';

export interface Selection {
  operations: OperationColumns;
  /** Numbers of the operations in the order they came: columns read this way are read from front to end, which is fast. */
  inOrder: Uint32Array;
  /** Numbers of the operations, shape after shape, those of one shape in the order they came. */
  members: Uint32Array;
  /** Where each shape's begin in `members`; one more than there are shapes. */
  starts: Uint32Array;
  /** Shapes that have any, in the order they were first seen. */
  shapes: number[];
  /** Null when nothing was let through. */
  from: number | null;
  to: number | null;
  totalMs: number;
  maxMs: number;
}

export function selectOperations(operations: OperationColumns, filter: CaptureFilter): Selection {
  const { count, columns, shapes } = operations;
  const { time, durationMs, shape: shapeOf, plan, app, host, flags } = columns;
  const shapeWanted = wantedShapes(operations, filter);
  const planWanted = wantedPlans(operations, filter.plan);
  const appWanted = wantedNames(operations.names.app.names, filter.apps);
  const hostWanted = wantedNames(operations.names.host.names, filter.hosts);
  const from = filter.from ?? -Infinity;
  const to = filter.to ?? Infinity;
  const minMs = filter.minMs ?? -Infinity;
  const maxMs = filter.maxMs ?? Infinity;
  const [mask, wantedFlags] = wantedFlagsOf(filter);

  const found = new Uint32Array(count);
  const sizes = new Uint32Array(shapes.length + 1);
  let foundCount = 0;
  let first = Infinity;
  let last = -Infinity;
  let totalMs = 0;
  let slowest = 0;
  for (let at = 0; at < count; at++) {
    const bits = flags[at] ?? 0;
    if ((bits & mask) !== wantedFlags) continue;
    const shape = shapeOf[at] ?? 0;
    if (shapeWanted[shape] === 0 || planWanted[plan[at] ?? 0] === 0) continue;
    if (appWanted[app[at] ?? 0] === 0 || hostWanted[host[at] ?? 0] === 0) continue;
    const when = time[at] ?? 0;
    if (when < from || when > to) continue;
    const took = durationMs[at] ?? 0;
    if (took < minMs || took > maxMs) continue;
    found[foundCount++] = at;
    sizes[shape] = (sizes[shape] ?? 0) + 1;
    if (when < first) first = when;
    if (when > last) last = when;
    totalMs += took;
    if (took > slowest) slowest = took;
  }
  return {
    operations,
    inOrder: found.subarray(0, foundCount),
    ...grouped(found.subarray(0, foundCount), shapeOf, sizes),
    from: foundCount === 0 ? null : first,
    to: foundCount === 0 ? null : last,
    totalMs,
    maxMs: slowest,
  };
}

const apart = operationFlags.internal | operationFlags.outer;

/** Which flags are looked at, and how they must be. */
function wantedFlagsOf({ setApart, collscan, sortStage }: CaptureFilter): [mask: number, wanted: number] {
  let mask: number = setApart === 'all' ? 0 : apart;
  let wanted = 0;
  if (setApart === 'internal') wanted |= operationFlags.internal;
  if (setApart === 'outer') wanted |= operationFlags.outer;
  if (collscan !== null) {
    mask |= operationFlags.collscan;
    if (collscan) wanted |= operationFlags.collscan;
  }
  if (sortStage !== null) {
    mask |= operationFlags.sortStage;
    if (sortStage) wanted |= operationFlags.sortStage;
  }
  return [mask, wanted];
}

function wantedShapes({ shapes }: OperationColumns, filter: CaptureFilter): Uint8Array {
  const kinds = new Set<string>(filter.kinds);
  const namespaces = new Set(filter.ns);
  const text = filter.text.trim().toLowerCase();
  return Uint8Array.from(shapes, ({ id, ns, kind, text: shape }) => {
    if (filter.shapeId !== null && id !== filter.shapeId) return 0;
    if (kinds.size > 0 && !kinds.has(kind)) return 0;
    if (namespaces.size > 0 && !namespaces.has(ns) && !namespaces.has(databaseOf(ns))) return 0;
    if (text === '' || ns.toLowerCase().includes(text) || id.includes(text)) return 1;
    return shape.toLowerCase().includes(text) ? 1 : 0;
  });
}

function databaseOf(ns: string): string {
  const dot = ns.indexOf('.');
  return dot < 0 ? ns : ns.slice(0, dot);
}

function wantedPlans({ names }: OperationColumns, text: string): Uint8Array {
  const contained = text.trim().toLowerCase();
  return Uint8Array.from(names.plan.names, (plan) => (plan.toLowerCase().includes(contained) ? 1 : 0));
}

/** The name of number 0, an operation that names none, is ''. */
function wantedNames(names: readonly string[], wanted: readonly string[]): Uint8Array {
  const set = new Set(wanted);
  return Uint8Array.from(names, (name) => (set.size === 0 || set.has(name) ? 1 : 0));
}

function grouped(
  found: Uint32Array,
  shapeOf: Uint32Array,
  sizes: Uint32Array,
): Pick<Selection, 'members' | 'starts' | 'shapes'> {
  const starts = new Uint32Array(sizes.length);
  let start = 0;
  const shapes: number[] = [];
  for (let shape = 0; shape < sizes.length; shape++) {
    starts[shape] = start;
    const size = sizes[shape] ?? 0;
    if (size > 0) shapes.push(shape);
    start += size;
  }
  const next = starts.slice();
  const members = new Uint32Array(found.length);
  for (let number = 0; number < found.length; number++) {
    const at = found[number] ?? 0;
    const shape = shapeOf[at] ?? 0;
    const place = next[shape] ?? 0;
    members[place] = at;
    next[shape] = place + 1;
  }
  return { members, starts, shapes };
}

/** The operations of one shape within a selection. */
export function membersOf({ members, starts }: Selection, shape: number): Uint32Array {
  return members.subarray(starts[shape] ?? 0, starts[shape + 1] ?? members.length);
}
