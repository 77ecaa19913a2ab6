/** Lines of the text log that mongod and mongos wrote up to 4.2. */
import type { JsonDocument, Operation } from '../../../shared/profiler';
import { normaliseOperation, sumOf } from '../normalise-operation';
import { firstKey } from '../shape/values';
import { parseShellDocument } from '../shell-text';
import type { LineResult } from './json-line';
import { parseLogTime } from './log-time';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// `2019-05-21T13:42:01.123+0000 I COMMAND  [conn1] …`; before 3.0 without severity and component.
const isoHeader = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:?\d\d) (?:[A-Z]\d? +[A-Z_-]+ +)?\[([^\]]*)\] ?/;
// `Thu Jan 10 12:00:00.123 [conn1] …`
const oldHeader = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)\.(\d{3}) \[([^\]]*)\] ?/;
// Versions of 2.4 and before have no year; the ISO forms were `iso8601-utc` and `iso8601-local` since 2.6.
const tooLong =
  /^(?:warning: )?log line attempted \(\d+\s?kB?\) over max size \(\d+\s?kB?\), printing beginning and end \.\.\. /;
const slow = /^(command|query|getmore|update|remove|insert) (\S+) /;
const leftOut = ' .......... ';
const duration = / (\d+)ms$/;

export interface TextLineOptions {
  /** Of the file's last change, for times without a year; milliseconds since 1970. */
  lastChange: number;
}

/** Whether a line begins as one of a text log does. */
export function looksLikeTextLine(line: string): boolean {
  return isoHeader.test(line) || oldHeader.test(line);
}

/** Reads a line without its end; the slow operations among them, 'other' for the rest, 'unknown-format' for no log. */
export function readTextLine(line: string, options: TextLineOptions): LineResult {
  const header = readHeader(line, options);
  if (header === null) return 'unknown-format';
  const { time, context } = header;
  let body = line.slice(header.length);
  const ended = duration.exec(body);
  if (!ended) return 'other';
  body = body.slice(0, ended.index).replace(tooLong, '');
  const start = slow.exec(body);
  if (!start?.[1] || !start[2]) return 'other';
  return operationOf({
    time,
    context,
    type: start[1],
    ns: start[2],
    rest: body.slice(start[0].length),
    durationMs: Number(ended[1]),
  });
}

/** The time of a line, NaN when it has none. */
export function textLineTime(line: string, options: TextLineOptions): number {
  return readHeader(line, options)?.time ?? Number.NaN;
}

function readHeader(line: string, options: TextLineOptions): { time: number; context: string; length: number } | null {
  const iso = isoHeader.exec(line);
  if (iso) return { time: parseLogTime(Buffer.from(iso[0]), 0), context: iso[1] ?? '', length: iso[0].length };
  const old = oldHeader.exec(line);
  if (!old) return null;
  const [, month, day, hour, minute, second, millisecond] = old;
  const at = (year: number): number =>
    Date.UTC(
      year,
      months.indexOf(month ?? ''),
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      Number(millisecond),
    );
  // The latest year that does not lie after the file's last change, with a day for time zones.
  const year = new Date(options.lastChange).getUTCFullYear();
  const time = at(year) > options.lastChange + 86_400_000 ? at(year - 1) : at(year);
  return { time, context: old[7] ?? '', length: old[0].length };
}

interface TextOperation {
  time: number;
  context: string;
  type: string;
  ns: string;
  rest: string;
  durationMs: number;
}

function operationOf(line: TextOperation): Operation {
  const fields = readFields(line.rest);
  const write = line.type === 'update' || line.type === 'remove';
  const query = fields.documents.get('query');
  // 3.2 wrote the find command where older versions have the query itself.
  const isCommand = query !== undefined && ['find', 'aggregate'].includes(firstKey(query) ?? '');
  const told = fields.documents.get('command') ?? (isCommand ? query : renamed(query, write ? 'q' : 'query'));
  const command = write ? withUpdate(told, fields) : told;
  const opened = line.type === 'getmore' ? command : null;
  const number = (name: string): number | null => {
    const value = fields.words.get(name);
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
  };
  const text = (name: string): string | null => fields.words.get(name) ?? null;
  const flag = (name: string): boolean => fields.words.get(name) === '1' || fields.words.get(name) === 'true';
  return normaliseOperation({
    source: 'log',
    time: line.time,
    type: line.type,
    ns: line.ns,
    command,
    originatingCommand: fields.documents.get('originatingCommand') ?? opened,
    truncated: fields.cut,
    durationMs: line.durationMs,
    docsExamined: number('docsExamined') ?? number('nscannedObjects'),
    keysExamined: number('keysExamined') ?? number('nscanned'),
    returned: number('nreturned'),
    written: sumOf(number('ninserted'), number('nModified'), number('nUpserted'), number('ndeleted')),
    planSummary: fields.planSummary,
    sortStage: flag('hasSortStage') || flag('scanAndOrder'),
    usedDisk: flag('usedDisk'),
    yields: number('numYields'),
    responseBytes: number('reslen'),
    app: fields.app,
    client: null,
    context: line.context,
    queryHash: text('queryHash'),
    planCacheShapeHash: null,
    queryShapeHash: null,
    planCacheKey: text('planCacheKey'),
    errorCode: number('errCode') ?? number('code'),
    errorName: text('errName'),
    shards: number('nShards'),
  });
}

/** Before 3.6 the parts of a write stood beside each other: `query: { … } update: { … }`. */
function withUpdate(command: JsonDocument | null, fields: TextFields): JsonDocument | null {
  const update = fields.documents.get('update');
  return command && update && command['u'] === undefined ? { ...command, u: update } : command;
}

function renamed(query: JsonDocument | undefined, name: string): JsonDocument | null {
  return query ? { [name]: query } : null;
}

interface TextFields {
  documents: Map<string, JsonDocument>;
  words: Map<string, string>;
  planSummary: string | null;
  app: string | null;
  /** A command lost its end. */
  cut: boolean;
}

const documentNames = new Set(['command', 'originatingCommand', 'query', 'update', 'updateobj']);
const nextField = /([A-Za-z]+):\s?/y;
const commandName = /([A-Za-z]+) (?=\{)/y;
const planSummaryText = /[A-Z][A-Z0-9_]*(?: \{[^{}]*\})?(?:, [A-Z][A-Z0-9_]*(?: \{[^{}]*\})?)*/y;

/** `appName: "x" command: find { … } planSummary: IXSCAN { a: 1 } keysExamined:1 … locks:{ … } protocol:op_msg`. */
function readFields(text: string): TextFields {
  const fields: TextFields = { documents: new Map(), words: new Map(), planSummary: null, app: null, cut: false };
  let at = 0;
  while (at < text.length) {
    nextField.lastIndex = at;
    const found = nextField.exec(text);
    const name = found?.[1];
    if (name === undefined) {
      const space = text.indexOf(' ', at);
      at = space < 0 ? text.length : space + 1;
    } else at = readField(text, name, nextField.lastIndex, fields);
  }
  return fields;
}

/** Reads the value at `at`; returns where the next field may begin. */
function readField(text: string, name: string, at: number, fields: TextFields): number {
  if (name === 'appName') {
    const end = text.indexOf('" ', at + 1);
    if (text.charAt(at) !== '"' || end < 0) return at;
    fields.app = text.slice(at + 1, end);
    return end + 2;
  }
  if (name === 'planSummary') {
    planSummaryText.lastIndex = at;
    const found = planSummaryText.exec(text);
    if (!found) return at;
    // The first counts: what follows the gap of a cut line belongs to the operation as well, but is the same.
    fields.planSummary ??= found[0];
    return planSummaryText.lastIndex;
  }
  let start = at;
  if (documentNames.has(name)) {
    commandName.lastIndex = at;
    if (commandName.test(text)) start = commandName.lastIndex;
  }
  if (text.charAt(start) !== '{') {
    const space = text.indexOf(' ', at);
    const end = space < 0 ? text.length : space;
    if (end > at) fields.words.set(name, text.slice(at, end));
    return end + 1;
  }
  const parsed = parseShellDocument(text, start);
  if (!parsed) return start + 1;
  if (documentNames.has(name) && !fields.documents.has(name)) {
    const document = start > at ? named(text.slice(at, start - 1), parsed.document) : parsed.document;
    fields.documents.set(name, document);
    if (parsed.cut) fields.cut = true;
  }
  return parsed.cut ? afterGap(text, parsed.end) : parsed.end;
}

/** `findAndModify { findandmodify: "c", … }`: the document begins with the command's name in all versions since 2.6. */
function named(name: string, document: JsonDocument): JsonDocument {
  for (const key in document) return key.toLowerCase() === name.toLowerCase() ? document : { [name]: '', ...document };
  return { [name]: '' };
}

/** Behind a cut document the counters begin again with the plan or the first of them. */
function afterGap(text: string, from: number): number {
  const gap = text.indexOf(leftOut, Math.max(0, from - leftOut.length));
  const rest = text.slice(gap < 0 ? from : gap);
  const counters =
    /(?:^| )(planSummary: |cursorid:|keysExamined:|docsExamined:|ninserted:|numYields:|nscanned:|keyUpdates:)/;
  const found = counters.exec(rest);
  return found ? text.length - rest.length + found.index + (rest.charAt(found.index) === ' ' ? 1 : 0) : text.length;
}
