/** The canonical text of a command, the same whichever source told of it. See docs/query-shapes.md. */
import type { JsonDocument, JsonValue, OperationKind } from '../../../shared/profiler';
import { projectionShape } from './expression-shape';
import { filterShape } from './filter-shape';
import { pipelineShape, readsEverything, readsNoDocuments } from './pipeline-shape';
import { arrayFiltersShape, updateShape } from './update-shape';
import {
  anyValue,
  documentText,
  firstKey,
  isDocument,
  isScalar,
  isTrue,
  keyText,
  literalText,
  numberOf,
  sortedLiteralText,
} from './values';

export interface CommandShape {
  text: string;
  /** Reads without any condition an index could serve. */
  fullRead: boolean;
}

/**
 * Writes the shape of an operation of `kind` from the command as a log, `system.profile` or `currentOp` has it; update
 * and delete take the single statement (`{ q, u }`) or the fields of servers before 3.6 (`{ query, update }`). A
 * `truncated` command is a shape of its own, since what is missing is unknown: it ends in `…`.
 */
export function commandShape(kind: OperationKind, command: JsonDocument, truncated: boolean): CommandShape {
  const entries: string[] = [];
  let fullRead = false;
  const filter = (value: JsonValue | undefined): void => {
    const text = filterShape(value);
    fullRead = text === '{}';
    entries.push(`filter: ${text}`);
  };
  switch (kind) {
    case 'find':
      addFind(command, entries, filter);
      break;
    case 'count':
      filter(field(command, 'query'));
      addOptions(command, entries);
      break;
    case 'distinct':
      entries.push(`key: ${literalText(field(command, 'key'))}`);
      filter(field(command, 'query'));
      addOptions(command, entries);
      break;
    case 'aggregate': {
      const pipeline = field(command, 'pipeline');
      fullRead = readsEverything(pipeline) && !readsNoDocuments(pipeline);
      entries.push(`pipeline: ${pipelineShape(pipeline)}`);
      addOptions(command, entries);
      break;
    }
    case 'update':
      filter(field(command, 'q') ?? field(command, 'query'));
      addUpdate(command, field(command, 'u') ?? field(command, 'updateobj') ?? field(command, 'update'), entries);
      addOptions(command, entries);
      break;
    case 'delete':
      filter(field(command, 'q') ?? field(command, 'query'));
      if (numberOf(field(command, 'limit')) === 1) entries.push('limit: 1');
      addHints(command, entries);
      break;
    case 'findAndModify':
      filter(field(command, 'query'));
      addSort(command, entries);
      addProjection(field(command, 'fields'), entries);
      if (isTrue(field(command, 'remove'))) entries.push('remove: true');
      else addUpdate(command, field(command, 'update'), entries);
      if (isTrue(field(command, 'new'))) entries.push('new: true');
      addHints(command, entries);
      break;
    case 'insert':
      entries.push('documents: ?');
      break;
    case 'getMore':
      entries.push('getMore: ?');
      break;
    case 'command':
      addCommand(command, entries);
      break;
  }
  const text = documentText(entries);
  return truncated ? { text: `${text} …`, fullRead: false } : { text, fullRead };
}

/** An own field: a command's keys may be anything. Null is what drivers send for an option that is not set. */
function field(command: JsonDocument, name: string): JsonValue | undefined {
  return Object.prototype.hasOwnProperty.call(command, name) ? (command[name] ?? undefined) : undefined;
}

function addFind(command: JsonDocument, entries: string[], filter: (value: JsonValue | undefined) => void): void {
  const given = field(command, 'filter');
  // Logs before 3.2 tell the query alone; drivers of then put it and its order into one document.
  const query = given ?? field(command, 'query');
  const legacy = isDocument(query) ? field(query, '$query') : undefined;
  if (isDocument(query) && isDocument(legacy)) {
    filter(legacy);
    const order = field(query, '$orderby');
    if (order !== undefined) entries.push(`sort: ${literalText(order)}`);
  } else filter(query);
  addSort(command, entries);
  addProjection(field(command, 'projection'), entries);
  for (const name of ['min', 'max']) {
    const bound = field(command, name);
    if (isDocument(bound)) entries.push(`${name}: { ${Object.keys(bound).map(keyText).join(', ')} }`);
  }
  for (const name of ['tailable', 'returnKey', 'showRecordId'])
    if (isTrue(field(command, name))) entries.push(`${name}: true`);
  addOptions(command, entries);
}

function addSort(command: JsonDocument, entries: string[]): void {
  const sort = field(command, 'sort');
  if (isDocument(sort) && firstKey(sort) !== undefined) entries.push(`sort: ${sortText(sort)}`);
}

function sortText(sort: JsonDocument): string {
  return documentText(
    Object.keys(sort).map((key) => {
      const direction = numberOf(sort[key]);
      return `${keyText(key)}: ${direction === null ? literalText(sort[key]) : direction < 0 ? -1 : 1}`;
    }),
  );
}

function addProjection(projection: JsonValue | undefined, entries: string[]): void {
  if (isDocument(projection) && firstKey(projection) !== undefined)
    entries.push(`projection: ${projectionShape(projection)}`);
}

function addUpdate(command: JsonDocument, update: JsonValue | undefined, entries: string[]): void {
  entries.push(`update: ${updateShape(update)}`);
  if (isTrue(field(command, 'multi'))) entries.push('multi: true');
  if (isTrue(field(command, 'upsert'))) entries.push('upsert: true');
  const filters = field(command, 'arrayFilters');
  if (Array.isArray(filters) && filters.length > 0) entries.push(`arrayFilters: ${arrayFiltersShape(filters)}`);
}

function addOptions(command: JsonDocument, entries: string[]): void {
  for (const name of ['limit', 'skip']) {
    const amount = numberOf(field(command, name));
    if (amount !== null && amount !== 0) entries.push(`${name}: ${anyValue}`);
  }
  addHints(command, entries);
}

function addHints(command: JsonDocument, entries: string[]): void {
  const hint = field(command, 'hint');
  if (typeof hint === 'string' || (isDocument(hint) && firstKey(hint) !== undefined))
    entries.push(`hint: ${literalText(hint)}`);
  const collation = field(command, 'collation');
  if (isDocument(collation) && firstKey(collation) !== undefined)
    entries.push(`collation: ${sortedLiteralText(collation)}`);
  const variables = field(command, 'let');
  if (isDocument(variables) && firstKey(variables) !== undefined)
    entries.push(`let: { ${Object.keys(variables).map(keyText).sort().join(', ')} }`);
}

/** What drivers and servers add to every command. */
export const genericArguments: ReadonlySet<string> = new Set([
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'stmtId',
  'stmtIds',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'maxTimeMSOpOnly',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'clientOperationKey',
  'databaseVersion',
  'shardVersion',
  'mayBypassWriteBlocking',
]);

/** Any other command: its name, and the names of its arguments in alphabetical order. */
function addCommand(command: JsonDocument, entries: string[]): void {
  const name = firstKey(command);
  if (name === undefined) return;
  const inner = command[name];
  if (name === 'explain' && isDocument(inner) && !isScalar(inner)) {
    entries.push(`explain: { ${firstKey(inner) ?? ''}: ?, filter: ${filterShape(inner['filter'] ?? inner['query'])} }`);
    return;
  }
  entries.push(`${keyText(name)}: ${anyValue}`);
  for (const key of Object.keys(command).sort())
    if (key !== name && !key.startsWith('$') && !genericArguments.has(key))
      entries.push(`${keyText(key)}: ${anyValue}`);
  if (entries.length > 20) entries.splice(20, entries.length - 20, '…');
}
