/** Lines of the structured log of 4.4 and newer. */
import type { JsonValue, Operation, UnreadableKind } from '../../../shared/profiler';
import { normaliseOperation, sumOf } from '../normalise-operation';
import { isDocument } from '../shape/values';
import { ByteStrings } from './byte-strings';
import { CommandSkeletons, type KnownCommand } from './command-skeletons';
import { JsonScanner, MemberTable } from './json-scanner';
import { parseLogTime } from './log-time';

/** A line that is read but is no slow operation. */
export type OtherLine = 'other';
export type LineResult = Operation | OtherLine | UnreadableKind;

const lineNames = ['t', 'id', 'ctx', 'msg', 'attr', 'truncated'] as const;
const attributeNames = [
  'type',
  'ns',
  'appName',
  'command',
  'originatingCommand',
  'planSummary',
  'keysExamined',
  'docsExamined',
  'hasSortStage',
  'usedDisk',
  'numYields',
  'nreturned',
  'reslen',
  'queryHash',
  'planCacheShapeHash',
  'queryShapeHash',
  'planCacheKey',
  'remote',
  'errCode',
  'errName',
  'durationMillis',
  'ninserted',
  'nModified',
  'nUpserted',
  'ndeleted',
  'nShards',
  'truncated',
] as const;

const lineIndex = indexOf(lineNames);
const attributeIndex = indexOf(attributeNames);

/** Positions of a name's span. */
function indexOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, 2 * index])) as Record<Name, number>;
}

/** "Slow query". */
const slowQueryId = 51803;

export class JsonLineReader {
  private readonly scanner = new JsonScanner();
  private readonly strings = new ByteStrings();
  private readonly skeletons = new CommandSkeletons();
  private readonly lineTable = new MemberTable(lineNames);
  private readonly attributeTable = new MemberTable(attributeNames);
  private readonly line = new Int32Array(2 * lineNames.length);
  private readonly attributes = new Int32Array(2 * attributeNames.length);
  private bytes: Buffer = Buffer.alloc(0);
  /** The attributes' spans are those of this line. */
  private walked = false;

  /** Reads the line `bytes[start, end)`, which begins with `{`. */
  read(bytes: Buffer, start: number, end: number): LineResult {
    this.bytes = bytes;
    this.scanner.reset(bytes, start, end);
    this.walked = false;
    if (!this.scanner.object(this.lineTable, this.line, this.walkAttributes)) return 'broken-json';
    if (this.scanner.position < end) return 'broken-json';
    const time = this.time();
    // Valid JSON of something else than a server.
    if (Number.isNaN(time)) return 'unknown-format';
    if (!this.walked) {
      if (!this.isSlow()) return 'other';
      const from = this.line[lineIndex.attr] ?? -1;
      if (from < 0) return 'incomplete-operation';
      this.scanner.reset(bytes, from, end);
      if (!this.scanner.object(this.attributeTable, this.attributes)) return 'broken-json';
    }
    try {
      return this.operation(time);
    } catch (error) {
      if (error instanceof SyntaxError) return 'broken-json';
      throw error;
    }
  }

  /** Servers write the id before the attributes, so that those of slow operations need be walked only once. */
  private readonly walkAttributes = (index: number): boolean | null => {
    if (index * 2 !== lineIndex.attr || !this.isSlow()) return null;
    this.walked = true;
    return this.scanner.object(this.attributeTable, this.attributes);
  };

  private operation(time: number): LineResult {
    const durationMs = this.number('durationMillis');
    const ns = this.string('ns');
    if (durationMs === null || ns === null) return 'incomplete-operation';
    const command = this.command('command');
    const opened = this.command('originatingCommand');
    return normaliseOperation({
      source: 'log',
      time,
      type: this.string('type') ?? 'command',
      ns,
      command: command?.command ?? null,
      commandText: this.json('command'),
      originatingCommand: opened?.command ?? null,
      originatingText: this.json('originatingCommand'),
      memo: (opened ?? command)?.memo ?? null,
      truncated: this.isTruncated(),
      durationMs,
      docsExamined: this.number('docsExamined'),
      keysExamined: this.number('keysExamined'),
      returned: this.number('nreturned'),
      written: sumOf(
        this.number('ninserted'),
        this.number('nModified'),
        this.number('nUpserted'),
        this.number('ndeleted'),
      ),
      planSummary: this.string('planSummary'),
      sortStage: this.flag('hasSortStage'),
      usedDisk: this.flag('usedDisk'),
      yields: this.number('numYields'),
      responseBytes: this.number('reslen'),
      app: this.string('appName'),
      client: this.rare(this.attributes, attributeIndex.remote),
      context: this.rare(this.line, lineIndex.ctx),
      queryHash: this.string('queryHash'),
      planCacheShapeHash: this.string('planCacheShapeHash'),
      queryShapeHash: this.string('queryShapeHash'),
      planCacheKey: this.string('planCacheKey'),
      errorCode: this.number('errCode'),
      errorName: this.string('errName'),
      shards: this.number('nShards'),
    });
  }

  private time(): number {
    const from = this.line[0] ?? -1;
    // {"$date":"2023-…
    return from < 0 ? Number.NaN : parseLogTime(this.bytes, from + 10);
  }

  private isSlow(): boolean {
    const at = lineIndex.id;
    if (integer(this.bytes, this.line[at] ?? -1, this.line[at + 1] ?? -1) === slowQueryId) return true;
    return this.lineString('msg') === 'Slow query';
  }

  /** Whether what was cut is the command: locks are cut without harm. */
  private isTruncated(): boolean {
    const inLine = lineIndex.truncated;
    const inAttributes = attributeIndex.truncated;
    const spans = (this.line[inLine] ?? -1) >= 0 ? this.line : this.attributes;
    const at = spans === this.line ? inLine : inAttributes;
    const from = spans[at] ?? -1;
    if (from < 0) return false;
    const cut = this.parse(from, spans[at + 1] ?? -1);
    if (!isDocument(cut)) return true;
    const within = isDocument(cut['attr']) ? cut['attr'] : cut;
    return within['command'] !== undefined || within['originatingCommand'] !== undefined;
  }

  /** The command itself, or one that differs in nothing but values. */
  private command(name: 'command' | 'originatingCommand'): KnownCommand | null {
    const at = attributeIndex[name];
    const from = this.attributes[at] ?? -1;
    if (from < 0) return null;
    const to = this.attributes[at + 1] ?? -1;
    return this.skeletons.find(this.bytes, from, to, () => {
      const value = this.parse(from, to);
      return isDocument(value) ? value : null;
    });
  }

  private json(name: 'command' | 'originatingCommand'): string | null {
    const at = attributeIndex[name];
    const from = this.attributes[at] ?? -1;
    return from < 0 ? null : this.bytes.toString('utf8', from, this.attributes[at + 1]);
  }

  private parse(from: number, to: number): JsonValue {
    return JSON.parse(this.bytes.toString('utf8', from, to)) as JsonValue;
  }

  private string(name: (typeof attributeNames)[number]): string | null {
    const at = attributeIndex[name];
    return this.text(this.attributes[at] ?? -1, this.attributes[at + 1] ?? -1);
  }

  private lineString(name: (typeof lineNames)[number]): string | null {
    const at = lineIndex[name];
    return this.text(this.line[at] ?? -1, this.line[at + 1] ?? -1);
  }

  /** Of addresses and connections there are more than are worth remembering. */
  private rare(spans: Int32Array, at: number): string | null {
    const from = spans[at] ?? -1;
    return from < 0 || this.bytes[from] !== 34
      ? null
      : this.bytes.toString('latin1', from + 1, (spans[at + 1] ?? 0) - 1);
  }

  private text(from: number, to: number): string | null {
    if (from < 0 || this.bytes[from] !== 34) return null;
    const text = this.strings.text(this.bytes, from + 1, to - 1);
    if (!text.includes('\\')) return text;
    const value = this.parse(from, to);
    return typeof value === 'string' ? value : null;
  }

  private number(name: (typeof attributeNames)[number]): number | null {
    const at = attributeIndex[name];
    return integer(this.bytes, this.attributes[at] ?? -1, this.attributes[at + 1] ?? -1);
  }

  private flag(name: (typeof attributeNames)[number]): boolean {
    const from = this.attributes[attributeIndex[name]] ?? -1;
    const byte = from < 0 ? 0 : (this.bytes[from] ?? 0);
    // `true`, or a count as some versions write it.
    return byte === 116 || (byte > 48 && byte < 58);
  }
}

/** A number as the server writes counters; null when there is none. */
function integer(bytes: Buffer, from: number, to: number): number | null {
  if (from < 0) return null;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return otherNumber(bytes.toString('latin1', from, to));
    value = value * 10 + digit;
  }
  return value;
}

function otherNumber(text: string): number | null {
  const value = Number(text);
  return text !== '' && Number.isFinite(value) && value >= 0 ? value : null;
}
