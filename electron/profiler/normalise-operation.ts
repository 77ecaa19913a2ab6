/** Makes the one record of an operation from what any source tells of it. */
import type {
  JsonDocument,
  JsonValue,
  Operation,
  OperationFigures,
  OperationKind,
  SetApartReason,
} from '../../shared/profiler';
import { bulkStatement, bulkStatementText } from './bulk-write';
import { hasCollectionScan } from './plan-summary';
import { commandShape, type CommandShape } from './shape/command-shape';
import { shapeId } from './shape/shape-id';
import { firstKey, isDocument } from './shape/values';

/** What a source tells, by the names of JSON logs; null where it tells nothing. */
export interface OperationFacts extends OperationFigures {
  /** Extended JSON of `command` and `originatingCommand`, where the source has it as text; otherwise it is made of them. */
  commandText?: string | null;
  originatingText?: string | null;
  /** Of a command that stands for all of the same shape. */
  memo?: ShapeMemo | null;
  source: Operation['source'];
  /** Milliseconds since 1970. */
  time: number;
  /** `command`, `query`, `getmore`, `update`, `remove`, `insert`, also upper-case or as `op` has it. */
  type: string;
  ns: string;
  command: JsonDocument | null;
  originatingCommand: JsonDocument | null;
  truncated: boolean;
  /** Of mongos: on how many shards it ran; null on a mongod. */
  shards: number | null;
}

/** The shape that was last made of a command, so that it need not be made again. */
export interface ShapeMemo {
  /** Namespace, whether it was cut and whether it is an outer command; empty before the first time. */
  key: string;
  kind: OperationKind;
  text: string;
  fullRead: boolean;
  id: string;
}

const kindsByCommand: ReadonlyMap<string, OperationKind> = new Map([
  ['find', 'find'],
  ['aggregate', 'aggregate'],
  ['count', 'count'],
  ['distinct', 'distinct'],
  ['findandmodify', 'findAndModify'],
  ['insert', 'insert'],
  ['update', 'update'],
  ['delete', 'delete'],
  ['getmore', 'getMore'],
]);

export function normaliseOperation(facts: OperationFacts): Operation {
  const opened = openingCommand(facts);
  const bulk = facts.command === null ? null : bulkStatement(facts.command);
  const command = opened ?? bulk?.command ?? facts.command;
  const type = facts.type.toLowerCase();
  const kind = bulk?.kind ?? kindOf(type === 'getmore' && opened ? 'command' : type, command);
  const ns = namespaceOf(facts.ns, kind, command);
  const setApart = reasonToSetApart(facts, ns, kind, command);
  const shape = shapeOf(facts, kind, ns, command, setApart);
  const dot = ns.indexOf('.');
  return {
    source: facts.source,
    time: facts.time,
    ns,
    database: dot < 0 ? ns : ns.slice(0, dot),
    kind,
    getMore: opened !== null || kind === 'getMore',
    setApart,
    shapeId: shape.id,
    shape: shape.text,
    fullRead: shape.fullRead,
    durationMs: facts.durationMs,
    docsExamined: facts.docsExamined,
    keysExamined: facts.keysExamined,
    returned: facts.returned,
    written: facts.written,
    planSummary: facts.planSummary,
    collscan: hasCollectionScan(facts.planSummary),
    sortStage: facts.sortStage,
    usedDisk: facts.usedDisk,
    yields: facts.yields,
    responseBytes: facts.responseBytes,
    app: facts.app,
    client: facts.client,
    context: facts.context,
    queryHash: facts.queryHash,
    planCacheShapeHash: facts.planCacheShapeHash,
    queryShapeHash: facts.queryShapeHash,
    planCacheKey: facts.planCacheKey,
    errorCode: facts.errorCode,
    errorName: facts.errorName,
    truncated: facts.truncated,
    commandText: textOf(command, textToldOf(facts, opened !== null, bulk !== null)),
  };
}

function textToldOf(facts: OperationFacts, isOpened: boolean, isBulk: boolean): string | null | undefined {
  if (isOpened) return facts.originatingText;
  return isBulk && typeof facts.commandText === 'string' ? bulkStatementText(facts.commandText) : facts.commandText;
}

function textOf(command: JsonDocument | null, text: string | null | undefined): string | null {
  return text ?? (command === null ? null : JSON.stringify(command));
}

function shapeOf(
  { memo, truncated }: OperationFacts,
  kind: OperationKind,
  ns: string,
  command: JsonDocument | null,
  setApart: SetApartReason | null,
): { text: string; fullRead: boolean; id: string } {
  const key = `${truncated ? 'cut ' : ''}${setApart === 'outer' ? 'outer ' : ''}${ns}`;
  if (memo && memo.key === key && memo.kind === kind) return memo;
  const { text, fullRead } = makeShape(kind, command, truncated, setApart);
  const id = shapeId(kind, ns, text);
  if (memo) Object.assign(memo, { key, kind, text, fullRead, id });
  return { text, fullRead, id };
}

function makeShape(
  kind: OperationKind,
  command: JsonDocument | null,
  truncated: boolean,
  setApart: SetApartReason | null,
): CommandShape {
  if (command === null) return { text: truncated ? '…' : '{}', fullRead: false };
  // Of an outer write command the statements are not known, only how many milliseconds they took together.
  if (setApart === 'outer') return { text: '{ statements: ? }', fullRead: false };
  return commandShape(kind, command, truncated);
}

/** The command that opened the cursor a getMore reads from; null for anything but such a getMore. */
function openingCommand({ type, command, originatingCommand }: OperationFacts): JsonDocument | null {
  if (originatingCommand === null || firstKey(originatingCommand) === undefined) return null;
  const isGetMore = type.toLowerCase() === 'getmore' || (command !== null && firstKey(command) === 'getMore');
  return isGetMore ? originatingCommand : null;
}

function kindOf(type: string, command: JsonDocument | null): OperationKind {
  switch (type) {
    case 'update':
      return 'update';
    case 'remove':
    case 'delete':
      return 'delete';
    case 'insert':
      return 'insert';
    case 'getmore':
      return 'getMore';
    default: {
      const name = command === null ? undefined : firstKey(command);
      const kind = name === undefined ? undefined : kindsByCommand.get(name.toLowerCase());
      if (kind) return kind;
      // Before find was a command, queries came as documents: `{ a: 1 }`, `{ $query: … }`.
      return type === 'query' ? 'find' : 'command';
    }
  }
}

/** Of commands that were told on `<database>.$cmd` although they are about a collection. */
function namespaceOf(ns: string, kind: OperationKind, command: JsonDocument | null): string {
  if (!ns.endsWith('.$cmd') || command === null || kind === 'command') return ns;
  const name = firstKey(command);
  const collection: JsonValue | undefined =
    name === 'getMore' ? command['collection'] : name === undefined ? undefined : command[name];
  return typeof collection === 'string' ? `${ns.slice(0, -'$cmd'.length)}${collection}` : ns;
}

const internalDatabases = new Set(['local', 'config', 'admin']);

/** What drivers, members and monitoring send by themselves, whatever database they name. */
const internalCommands = new Set([
  'hello',
  'ismaster',
  'ping',
  'buildinfo',
  'hostinfo',
  'serverstatus',
  'connectionstatus',
  'getparameter',
  'getlog',
  'getcmdlineopts',
  'whatsmyuri',
  'endsessions',
  'killcursors',
  'saslstart',
  'saslcontinue',
  'authenticate',
  'logout',
  'startsession',
  'refreshsessions',
  'listcommands',
  'currentop',
  'profile',
]);

/** Threads of the server that work on their own account. */
const internalContexts =
  /^(TTLMonitor|repl|rsSync|rsBackgroundSync|ReplWriter|Replication|Oplog|NoopWriter|IndexBuilds|LogicalSession|conn-replication|monitoring|migrate|Resharding|MirrorMaestro)/;

const outerWrites = new Set(['update', 'delete', 'insert']);

function reasonToSetApart(
  facts: OperationFacts,
  ns: string,
  kind: OperationKind,
  command: JsonDocument | null,
): SetApartReason | null {
  const name = command === null ? undefined : firstKey(command);
  // A mongos has no inner operations of its own: there the command is all that is recorded.
  if (name === 'bulkWrite' && facts.shards === null) return 'outer';
  if (facts.ns.endsWith('.$cmd') && name !== undefined && outerWrites.has(name) && facts.shards === null) {
    if (kind !== 'command') return 'outer';
  }
  const dot = ns.indexOf('.');
  if (internalDatabases.has(dot < 0 ? ns : ns.slice(0, dot))) return 'internal';
  if (kind === 'command' && name !== undefined) {
    if (internalCommands.has(name.toLowerCase()) || name.startsWith('replSet') || name.startsWith('_'))
      return 'internal';
  }
  if (ns.startsWith('system.', dot + 1) && !ns.startsWith('system.buckets.', dot + 1)) return 'internal';
  if (facts.context !== null && internalContexts.test(facts.context)) return 'internal';
  return null;
}

/** The sum of counters a server told, null when it told none of them. */
export function sumOf(...counts: (number | null)[]): number | null {
  let sum: number | null = null;
  for (const count of counts) if (count !== null) sum = (sum ?? 0) + count;
  return sum;
}

/** A document of a field that may hold anything. */
export function documentOrNull(value: JsonValue | undefined): JsonDocument | null {
  return isDocument(value) ? value : null;
}
