/**
 * Knows commands again that differ in values only, by their bytes, so that few of a log's commands need be parsed: an
 * application sends the same few hundred for ever. What is left of a command, its skeleton, holds everything that a shape is made
 * of; two commands of one skeleton have one shape.
 */
import type { JsonDocument } from '../../../shared/profiler';
import type { ShapeMemo } from '../normalise-operation';
import { genericArguments } from '../shape/command-shape';
import { valueKeys } from '../shape/values';
import { MemberTable } from './json-scanner';

export interface KnownCommand {
  /** The first command of this skeleton: its values are not those of the others. */
  command: JsonDocument;
  memo: ShapeMemo;
}

const mostKnown = 8192;
/** Longer skeletons are not remembered. */
const longest = 4096;

const quote = 34;
const backslash = 92;
const comma = 44;
const colon = 58;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;
const zero = 48;
const dollar = 36;

/** How the value of a member is kept: as it is, not at all, as conditions (documents only, or any value), as a number. */
const exact = 0;
const dropped = 1;
const conditions = 2;
const condition = 3;
const amount = 4;
const stages = 5;

/** Members that are not kept as they are, found by the bytes of their names. */
interface Members {
  table: MemberTable;
  ways: readonly number[];
  /** For any other name. */
  otherwise: number;
}

function membersOf(otherwise: number, ways: readonly (readonly [names: readonly string[], way: number])[]): Members {
  const names = ways.flatMap(([each]) => each);
  return {
    table: new MemberTable(names),
    ways: ways.flatMap(([each, way]) => each.map(() => way)),
    otherwise,
  };
}

const commandMembers = membersOf(exact, [
  [[...genericArguments, '$db', '$clusterTime', '$configTime', '$topologyTime'], dropped],
  [['filter', 'q', 'query', 'u', 'update', 'updateMods'], conditions],
  [['limit', 'skip', 'batchSize', 'getMore'], amount],
  [['pipeline'], stages],
]);

/** Their values decide about a shape even where conditions stand. */
const conditionMembers = membersOf(condition, [
  [
    ['$expr', '$exists', '$options', 'options', 'type', '$orderby', '$sort', '$caseSensitive', '$diacriticSensitive'],
    exact,
  ],
]);

const stageMembers = membersOf(exact, [
  [['$match'], conditions],
  [['$limit', '$skip'], amount],
]);

/** Documents with such a first member are one value. */
const values = new MemberTable([...valueKeys].filter((name) => name !== '$regularExpression'));

class Unusable extends Error {}
const unusable = new Unusable('No skeleton');

export class CommandSkeletons {
  private known = new Map<string, KnownCommand>();
  private readonly out = Buffer.alloc(longest + 64);
  private length = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;
  private hash = 0;

  /**
   * The known command of the same skeleton as the document `bytes[from, to)`, or what `parse` makes of it, which is known
   * from then on. Null when that is null; throws what `parse` throws.
   */
  find(bytes: Buffer, from: number, to: number, parse: () => JsonDocument | null): KnownCommand | null {
    const skeleton = this.skeletonOf(bytes, from, to);
    const known = skeleton === null ? undefined : this.known.get(skeleton);
    if (known) return known;
    const command = parse();
    if (command === null) return null;
    const made = { command, memo: { key: '', kind: 'command', text: '', fullRead: false, id: '' } as const };
    if (skeleton !== null) {
      if (this.known.size >= mostKnown) this.known = new Map();
      this.known.set(skeleton, made);
    }
    return made;
  }

  /** Null when it is too long or not as servers write it. */
  skeletonOf(bytes: Buffer, from: number, to: number): string | null {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.length = 0;
    try {
      this.members(commandMembers, true);
      return this.at === to ? this.out.toString('latin1', 0, this.length) : null;
    } catch (error) {
      if (error instanceof Unusable) return null;
      throw error;
    }
  }

  private members({ table, ways, otherwise }: Members, command = false): void {
    this.expect(openBrace);
    this.put(openBrace);
    for (let first = true; this.bytes[this.at] !== closeBrace; first = false) {
      if (!first) this.expect(comma);
      const start = this.at;
      this.string();
      const keyEnd = this.at;
      this.expect(colon);
      const index = table.find(this.hash, this.bytes, start + 1, keyEnd - 1);
      let way = index < 0 ? otherwise : (ways[index] ?? otherwise);
      // The first member of a command names it and what it is about.
      if (command && first && way !== amount && way !== conditions) way = exact;
      if (way === dropped) {
        this.skip();
        continue;
      }
      this.copy(start, keyEnd);
      this.value(way);
    }
    this.at += 1;
    this.put(closeBrace);
  }

  private value(way: number): void {
    const byte = this.bytes[this.at];
    // The array of an update is a pipeline, whose literals are not all values.
    if (way === conditions && byte === openBrace) this.members(conditionMembers);
    else if (way === condition) this.condition();
    else if (way === amount) this.amount();
    else if (way === stages && byte === openBracket) this.stages();
    else this.exact();
  }

  private exact(): void {
    const start = this.at;
    this.skip();
    this.copy(start, this.at);
  }

  /** Numbers but zero and negative ones are all the same. */
  private amount(): void {
    const byte = this.bytes[this.at] ?? 0;
    if (byte > zero && byte < zero + 10) {
      this.skip();
      this.put(zero + 1);
    } else this.exact();
  }

  private stages(): void {
    this.at += 1;
    this.put(openBracket);
    for (let first = true; this.bytes[this.at] !== closeBracket; first = false) {
      if (!first) this.expect(comma);
      if (this.bytes[this.at] === openBrace) this.members(stageMembers);
      else this.exact();
    }
    this.at += 1;
    this.put(closeBracket);
  }

  /** A value among conditions: of scalars nothing is kept but that they are there, of lists equal neighbours once. */
  private condition(): void {
    const byte = this.bytes[this.at] ?? 0;
    if (byte === openBracket) this.list();
    else if (byte === openBrace && !this.isValue()) this.members(conditionMembers);
    else {
      this.skip();
      this.put(quote);
    }
  }

  /** Whether the document at the position is a value of Extended JSON. */
  private isValue(): boolean {
    const start = this.at;
    if (this.bytes[start + 1] !== quote || this.bytes[start + 2] !== dollar) return false;
    this.at = start + 1;
    this.string();
    const found = values.find(this.hash, this.bytes, start + 2, this.at - 1) >= 0;
    this.at = start;
    return found;
  }

  private list(): void {
    this.at += 1;
    this.put(openBracket);
    let previous = -1;
    for (let first = true; this.bytes[this.at] !== closeBracket; first = false) {
      if (!first) this.expect(comma);
      const start = this.length;
      this.put(comma);
      this.condition();
      if (previous >= 0 && this.sameAs(previous, start)) this.length = start;
      else previous = start;
    }
    this.at += 1;
    this.put(closeBracket);
  }

  private sameAs(previous: number, start: number): boolean {
    return (
      start - previous === this.length - start && this.out.compare(this.out, previous, start, start, this.length) === 0
    );
  }

  /** Moves behind the string at the position; `hash` becomes that of its bytes. */
  private string(): void {
    const { bytes, end } = this;
    if (bytes[this.at] !== quote) throw unusable;
    let at = this.at + 1;
    let hash = 0;
    for (; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === quote) break;
      hash = (Math.imul(hash, 31) + byte) | 0;
      if (byte === backslash) at += 1;
    }
    if (at >= end) throw unusable;
    this.at = at + 1;
    this.hash = hash;
  }

  /** Moves behind the value at the position. */
  private skip(): void {
    const { bytes, end } = this;
    let depth = 0;
    for (;;) {
      const byte = bytes[this.at];
      if (this.at >= end || byte === 32) throw unusable;
      if (byte === quote) this.string();
      else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        this.at += 1;
      } else if (byte === closeBrace || byte === closeBracket) {
        depth -= 1;
        this.at += 1;
      } else if (byte === comma || byte === colon) this.at += 1;
      else this.word();
      if (depth === 0) return;
    }
  }

  /** A number, true, false or null. */
  private word(): void {
    const { bytes, end } = this;
    for (; this.at < end; this.at++) {
      const byte = bytes[this.at] ?? 0;
      if (byte === comma || byte === closeBrace || byte === closeBracket || byte === 32) return;
    }
  }

  private expect(byte: number): void {
    if (this.bytes[this.at] !== byte || this.at >= this.end) throw unusable;
    this.at += 1;
  }

  private put(byte: number): void {
    if (this.length >= longest) throw unusable;
    this.out[this.length++] = byte;
  }

  private copy(start: number, end: number): void {
    if (this.length + end - start > longest) throw unusable;
    for (let at = start; at < end; at++) this.out[this.length++] = this.bytes[at] ?? 0;
  }
}
