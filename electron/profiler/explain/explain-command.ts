/** Makes, of the command an operation was recorded with, one that may be explained: only what decides the plan is taken. */
import { EJSON, type Document } from 'bson';
import type { OperationKind } from '../../../shared/profiler';
import { fail } from '../../../shared/result';

export interface ExplainableCommand {
  database: string;
  collection: string;
  /** With the values' types. */
  command: Document;
  /** What differs from what was recorded, a sentence each. */
  changes: string[];
}

/** What each command keeps; sessions, concerns, time limits and what drivers add stay behind. */
const kept = {
  find: [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'singleBatch',
    'max',
    'min',
    'returnKey',
    'showRecordId',
    'collation',
    'allowDiskUse',
    'let',
  ],
  count: ['query', 'limit', 'skip', 'hint', 'collation'],
  distinct: ['key', 'query', 'hint', 'collation'],
  aggregate: ['pipeline', 'allowDiskUse', 'hint', 'collation', 'let'],
  findAndModify: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'arrayFilters',
    'hint',
    'collation',
    'let',
  ],
  update: ['q', 'u', 'c', 'multi', 'upsert', 'collation', 'arrayFilters', 'hint'],
  delete: ['q', 'limit', 'collation', 'hint'],
} as const;

const writingStages = new Set(['$out', '$merge']);
const unexplainedStages = new Set([
  '$changeStream',
  '$currentOp',
  '$listSessions',
  '$listLocalSessions',
  '$planCacheStats',
]);

/** `database.collection` taken apart; throws 'usage'. */
export function splitNamespace(ns: string): { database: string; collection: string } {
  const dot = ns.indexOf('.');
  if (dot < 1 || dot === ns.length - 1)
    fail('usage', `"${ns}" names no collection.`, 'Name it as database.collection.');
  return { database: ns.slice(0, dot), collection: ns.slice(dot + 1) };
}

/**
 * `text` is the Extended JSON of a command as an example of a shape holds it. Throws 'usage' for one that was cut or
 * masked, or of a kind that has no plan.
 */
export function explainableCommand(ns: string, kind: OperationKind, text: string): ExplainableCommand {
  const { database, collection } = splitNamespace(ns);
  const recorded = parseCommand(text);
  const changes: string[] = [];
  const command = commandOf(kind, collection, recorded, changes);
  return { database, collection, command, changes };
}

/** Values get their BSON types. Throws 'usage'. */
export function parseCommand(text: string): Document {
  let parsed: unknown;
  try {
    parsed = EJSON.parse(text, { relaxed: false });
  } catch {
    parsed = null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    fail(
      'usage',
      'The command of this example is not complete: the server or the report has cut it.',
      'Choose another example, or enter the whole command as Extended JSON.',
    );
  }
  return parsed;
}

function commandOf(kind: OperationKind, collection: string, recorded: Document, changes: string[]): Document {
  switch (kind) {
    case 'find':
      return { find: collection, ...pick(legacyFind(recorded), kept.find) };
    case 'count':
      return { count: collection, ...pick(recorded, kept.count) };
    case 'distinct':
      return { distinct: collection, ...pick(recorded, kept.distinct) };
    case 'aggregate':
      return aggregateOf(collection, recorded, changes);
    case 'findAndModify':
      changes.push('The write is explained, not carried out.');
      return { findAndModify: collection, ...pick(recorded, kept.findAndModify) };
    case 'update': {
      changes.push('The write is explained, not carried out.');
      const statement = { u: { $set: {} }, ...pick(statementOf(recorded, 'updates'), kept.update) };
      return { update: collection, updates: [statement] };
    }
    case 'delete': {
      changes.push('The write is explained, not carried out.');
      const statement = pick(statementOf(recorded, 'deletes'), kept.delete);
      return { delete: collection, deletes: [{ ...statement, limit: Number(statement['limit'] ?? 0) === 1 ? 1 : 0 }] };
    }
    case 'getMore':
      return fail(
        'usage',
        'This getMore does not tell the query that opened its cursor, so there is nothing to explain.',
        'Choose an operation whose query was recorded.',
      );
    case 'insert':
      return fail('usage', 'An insert reads nothing: it has no plan.', 'Choose an operation that finds documents.');
    case 'command':
      return fail('usage', 'Only commands that find documents have a plan.', 'Choose another operation.');
  }
}

function pick(from: Document, names: readonly string[]): Document {
  const picked: Document = {};
  for (const name of names) {
    if (Object.prototype.hasOwnProperty.call(from, name) && from[name] !== null) picked[name] = from[name] as unknown;
  }
  return picked;
}

/** Servers before 3.2 wrote the query alone, drivers of then put it and its order into one document. */
function legacyFind(recorded: Document): Document {
  if ('find' in recorded || 'filter' in recorded) return recorded;
  const query = (recorded['query'] ?? recorded) as Document;
  if (!('$query' in query)) return { ...recorded, filter: query };
  return { ...recorded, filter: query['$query'] as unknown, sort: query['$orderby'] as unknown };
}

/** The single statement, also inside the command around it, and as servers before 3.6 wrote it. */
function statementOf(recorded: Document, list: 'updates' | 'deletes'): Document {
  const statements: unknown = recorded[list];
  const first: unknown = Array.isArray(statements) ? statements[0] : undefined;
  const statement = (first ?? recorded) as Document;
  return {
    ...statement,
    q: (statement['q'] ?? statement['query'] ?? {}) as unknown,
    ...(statement['u'] === undefined && statement['updateobj'] !== undefined
      ? { u: statement['updateobj'] as unknown }
      : {}),
  };
}

function aggregateOf(collection: string, recorded: Document, changes: string[]): Document {
  if (typeof recorded['aggregate'] === 'number') {
    fail('usage', 'An aggregation without a collection has no plan.', 'Choose another operation.');
  }
  const given: unknown = recorded['pipeline'];
  const stages = (Array.isArray(given) ? given : []) as Document[];
  const unexplained = stages.map(nameOf).find((name) => unexplainedStages.has(name));
  if (unexplained) fail('usage', `${unexplained} has no plan.`, 'Choose another operation.');
  const pipeline = stages.filter((stage) => {
    const writes = writingStages.has(nameOf(stage));
    if (writes) changes.push(`${nameOf(stage)} was left out: nothing is written.`);
    return !writes;
  });
  return { aggregate: collection, ...pick(recorded, kept.aggregate), pipeline, cursor: {} };
}

function nameOf(stage: Document): string {
  return Object.keys(stage ?? {})[0] ?? '';
}
