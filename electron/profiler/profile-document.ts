/** Documents of `system.profile` and entries of `$currentOp` as operations. */
import { EJSON, type Document } from 'bson';
import type { JsonDocument, JsonValue, Operation } from '../../shared/profiler';
import { documentOrNull, normaliseOperation, sumOf, type OperationFacts } from './normalise-operation';
import { parseShellDocument } from './shell-text';
import { firstKey } from './shape/values';

/** Null for a document that is no operation. */
export function operationOfProfileDocument(profiled: Document): Operation | null {
  const document = relaxed(profiled);
  const time = timeOf(profiled['ts']);
  const durationMs = numberOf(document, 'millis');
  const ns = textOf(document, 'ns');
  if (time === null || durationMs === null || ns === null) return null;
  return normaliseOperation({
    ...commonFacts(document, 'profile'),
    time,
    ns,
    durationMs,
    responseBytes: numberOf(document, 'responseLength'),
    yields: numberOf(document, 'numYield') ?? numberOf(document, 'numYields'),
    // Servers before 3.6 wrote the query and the update beside each other.
    ...legacyCommand(document),
  });
}

/** `seenAt` is milliseconds since 1970. Null for what is idle or has no duration yet. */
export function operationOfCurrentOp(entry: Document, seenAt: number): Operation | null {
  const document = relaxed(entry);
  const microseconds = numberOf(document, 'microsecs_running');
  const ns = textOf(document, 'ns');
  if (document['active'] !== true || microseconds === null || ns === null) return null;
  const cursor = documentOrNull(document['cursor']);
  const facts = commonFacts(document, 'currentOp');
  return normaliseOperation({
    ...facts,
    time: seenAt,
    ns,
    durationMs: Math.round(microseconds / 1000),
    yields: numberOf(document, 'numYields'),
    context: textOf(document, 'desc'),
    planSummary: facts.planSummary ?? (cursor ? textOf(cursor, 'planSummary') : null),
    originatingCommand: facts.originatingCommand ?? (cursor ? documentOrNull(cursor['originatingCommand']) : null),
  });
}

type CommonFacts = Omit<OperationFacts, 'time' | 'ns' | 'durationMs'>;

function commonFacts(document: JsonDocument, source: Operation['source']): CommonFacts {
  const command = commandOf(document['command']);
  const opened = commandOf(document['originatingCommand']);
  return {
    source,
    type: textOf(document, 'op') ?? 'command',
    command: command.document,
    originatingCommand: opened.document,
    truncated: command.truncated || opened.truncated,
    docsExamined: numberOf(document, 'docsExamined'),
    keysExamined: numberOf(document, 'keysExamined'),
    returned: numberOf(document, 'nreturned'),
    written: sumOf(
      numberOf(document, 'ninserted'),
      numberOf(document, 'nModified'),
      numberOf(document, 'nUpserted'),
      numberOf(document, 'ndeleted'),
    ),
    planSummary: textOf(document, 'planSummary'),
    sortStage: document['hasSortStage'] === true,
    usedDisk: document['usedDisk'] === true,
    yields: null,
    responseBytes: null,
    app: textOf(document, 'appName'),
    client: textOf(document, 'client') ?? textOf(document, 'client_s'),
    context: null,
    queryHash: textOf(document, 'queryHash'),
    planCacheShapeHash: textOf(document, 'planCacheShapeHash'),
    queryShapeHash: textOf(document, 'queryShapeHash'),
    planCacheKey: textOf(document, 'planCacheKey'),
    errorCode: numberOf(document, 'errCode'),
    errorName: textOf(document, 'errName'),
    shards: numberOf(document, 'nShards'),
  };
}

function legacyCommand(document: JsonDocument): Partial<OperationFacts> {
  const query = documentOrNull(document['query']);
  if (document['command'] !== undefined || query === null) return {};
  const update = document['updateobj'];
  const name = textOf(document, 'op') === 'query' && firstKey(query) !== 'find' ? 'query' : null;
  if (name !== null) return { command: { [name]: query } };
  return { command: update === undefined ? query : { q: query, u: update } };
}

/** Commands over the server's limit come as text: `{ $truncated: "{ find: …" }`. */
function commandOf(value: JsonValue | undefined): { document: JsonDocument | null; truncated: boolean } {
  const document = documentOrNull(value);
  const cut = document ? document['$truncated'] : undefined;
  if (typeof cut !== 'string') return { document, truncated: false };
  return { document: parseShellDocument(cut)?.document ?? null, truncated: true };
}

/** Long, and told by no other source. */
const unused = new Set(['execStats', 'locks', 'storage', 'flowControl', 'lockStats', 'waitingForLatch']);

/** Extended JSON as the server writes it into logs, so that one normaliser does for all. */
function relaxed(document: Document): JsonDocument {
  const wanted = Object.fromEntries(Object.entries(document).filter(([key]) => !unused.has(key)));
  return EJSON.serialize(wanted, { relaxed: true }) as JsonDocument;
}

function numberOf(document: JsonDocument, name: string): number | null {
  const value = document[name];
  if (typeof value === 'number') return value;
  const long = documentOrNull(value)?.['$numberLong'];
  return typeof long === 'string' ? Number(long) : null;
}

function textOf(document: JsonDocument, name: string): string | null {
  const value = document[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function timeOf(value: unknown): number | null {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : null;
}
