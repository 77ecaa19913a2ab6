/** An entry of `$currentOp` as the window shows it. */
import type { Document } from 'bson';
import type { LiveOperation } from '../../../shared/live-operations';
import { commandText } from '../command-text';
import { operationOfCurrentOp } from '../profile-document';

/** `seenAt` is milliseconds since 1970. Idle entries have a shape as well: the empty one. */
export function liveOperation(entry: Document, host: string, seenAt: number): LiveOperation {
  const active = entry['active'] === true;
  const normalised = operationOfCurrentOp(
    { ...entry, active: true, microsecs_running: entry['microsecs_running'] ?? 0, ns: entry['ns'] || 'admin' },
    seenAt,
  );
  const microseconds: unknown = entry['microsecs_running'];
  const users: unknown = entry['effectiveUsers'];
  const first: unknown = Array.isArray(users) ? users[0] : undefined;
  const user = typeof first === 'object' && first !== null ? Reflect.get(first, 'user') : undefined;
  const internal = normalised?.setApart === 'internal' || normalised === null || isOurs(entry);
  return {
    host,
    opid: String(entry['opid'] ?? ''),
    ns: textOf(entry, 'ns') ?? '',
    kind: normalised?.kind ?? 'command',
    shapeId: normalised?.shapeId ?? '',
    shape: normalised?.shape ?? '',
    active,
    internal,
    runningMs: active && microseconds !== undefined ? Math.round(Number(microseconds) / 1000) : null,
    planSummary: normalised?.planSummary ?? null,
    collscan: normalised?.collscan ?? false,
    docsExamined: normalised?.docsExamined ?? null,
    keysExamined: normalised?.keysExamined ?? null,
    yields: normalised?.yields ?? null,
    waitingForLock: entry['waitingForLock'] === true,
    message: textOf(entry, 'msg'),
    app: normalised?.app ?? null,
    client: normalised?.client ?? null,
    user: typeof user === 'string' ? user : null,
    connection: textOf(entry, 'desc'),
    command: normalised?.commandText == null ? null : commandText(normalised.commandText, false),
    killPending: entry['killPending'] === true,
    protectedBecause: protectedBecause(entry),
  };
}

/** The look itself. */
function isOurs(entry: Document): boolean {
  return textOf(entry, 'appName') === 'Lifeboat' && textOf(entry, 'ns')?.startsWith('admin') === true;
}

/** Threads of the server, and members reading each other: killing them breaks replication or is undone at once. */
function protectedBecause(entry: Document): string | null {
  const thread = textOf(entry, 'desc') ?? '';
  const ns = textOf(entry, 'ns') ?? '';
  if (ns === 'local.oplog.rs') return 'a member reads the oplog with it.';
  if (textOf(entry, 'client') === null && textOf(entry, 'client_s') === null)
    return `it belongs to the server itself${thread === '' ? '' : ` (${thread})`}.`;
  if (thread.startsWith('repl') || thread.startsWith('Replication')) return 'replication needs it.';
  return null;
}

function textOf(entry: Document, name: string): string | null {
  const value: unknown = entry[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
