/**
 * Reads documents as mongod wrote them into its log before 4.4 and writes them into `$truncated`: `{ a: 1.0, b: "x", c:
 * ObjectId('…') }`. Nothing is evaluated. The text may be cut anywhere.
 */
import type { JsonDocument, JsonValue } from '../../shared/profiler';
import { deepest } from './shape/values';

export interface ShellDocument {
  /** Extended JSON. */
  document: JsonDocument;
  /** Where the text goes on behind it. */
  end: number;
  /** The text ended, or made no sense, before the document did. */
  cut: boolean;
}

/** Parses the document that begins with `{` at `start`; null when there is none. */
export function parseShellDocument(text: string, start = 0): ShellDocument | null {
  if (text.charAt(start) !== '{') return null;
  const reader = new ShellReader(text, start);
  const document = reader.document(0);
  return { document, end: reader.position, cut: reader.cut };
}

class ShellReader {
  position: number;
  cut = false;

  constructor(
    private readonly text: string,
    start: number,
  ) {
    this.position = start;
  }

  document(depth: number): JsonDocument {
    const document: JsonDocument = {};
    this.position += 1;
    for (;;) {
      this.skipSpace();
      if (this.take('}')) return document;
      if (this.ended(depth)) return document;
      const key = this.key();
      if (key === null) {
        this.cut = true;
        return document;
      }
      const value = this.value(depth + 1);
      if (value === undefined) return document;
      // An assignment to `__proto__` would be lost.
      Object.defineProperty(document, key, { value, enumerable: true, configurable: true, writable: true });
      this.skipSpace();
      if (this.cut) return document;
      if (!this.take(',') && this.text.charAt(this.position) !== '}') {
        this.cut = true;
        return document;
      }
    }
  }

  private array(depth: number): JsonValue[] {
    const members: JsonValue[] = [];
    this.position += 1;
    for (;;) {
      this.skipSpace();
      if (this.take(']')) return members;
      if (this.ended(depth)) return members;
      // Arrays inside arrays were written with their positions: `[ 0: 1, 1: 2 ]`.
      const numbered = /\d+: /y;
      numbered.lastIndex = this.position;
      if (numbered.test(this.text)) this.position = numbered.lastIndex;
      const value = this.value(depth + 1);
      if (value === undefined) return members;
      members.push(value);
      this.skipSpace();
      if (this.cut) return members;
      if (!this.take(',') && this.text.charAt(this.position) !== ']') {
        this.cut = true;
        return members;
      }
    }
  }

  private key(): string | null {
    const { text } = this;
    if (text.charAt(this.position) === '"') {
      const quoted = this.string();
      this.skipSpace();
      return quoted !== undefined && this.take(':') ? quoted : null;
    }
    // Keys are not quoted, whatever they hold; one ends where a value begins.
    const end = text.indexOf(': ', this.position);
    if (end < 0) return null;
    const key = text.slice(this.position, end);
    if (key.length > 1024) return null;
    this.position = end + 1;
    return key;
  }

  private value(depth: number): JsonValue | undefined {
    this.skipSpace();
    if (depth > deepest || this.ended(depth)) return undefined;
    switch (this.text.charAt(this.position)) {
      case '{':
        return this.document(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case '/':
        return this.regex();
      default:
        return this.word();
    }
  }

  /** Servers did not always escape quotes: a string ends where what follows can follow a value. */
  private string(): string | undefined {
    const { text } = this;
    let from = this.position + 1;
    for (;;) {
      const end = text.indexOf('"', from);
      if (end < 0) {
        this.cut = true;
        this.position = text.length;
        return undefined;
      }
      const escaped = text.charAt(end - 1) === '\\' && text.charAt(end - 2) !== '\\';
      if (!escaped && /^(\.\.\.)?\s*([,}\]:)]|\.{10}|$)/.test(text.slice(end + 1, end + 16))) {
        const value = text.slice(this.position + 1, end);
        this.position = end + 1;
        if (text.startsWith('...', this.position)) this.position += 3;
        return value;
      }
      from = end + 1;
    }
  }

  private regex(): JsonValue | undefined {
    const pattern = /\/((?:\\.|[^\\/])*)\/([a-z]*)/y;
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text);
    if (!found) {
      this.cut = true;
      return undefined;
    }
    this.position = pattern.lastIndex;
    return { $regularExpression: { pattern: found[1] ?? '', options: found[2] ?? '' } };
  }

  /** Numbers, words, and calls such as `new Date(1)` and `ObjectId('…')`, which stay text unless a type is known. */
  private word(): JsonValue | undefined {
    const start = this.position;
    const { text } = this;
    let open = 0;
    let quote = '';
    let at = start;
    for (; at < text.length; at++) {
      const character = text.charAt(at);
      if (quote !== '') {
        if (character === quote) quote = '';
      } else if (open > 0 && (character === '"' || character === "'")) quote = character;
      else if (character === '(') open += 1;
      else if (character === ')') open -= 1;
      else if (open <= 0 && (character === ',' || character === '}' || character === ']')) break;
    }
    this.position = at;
    if (at >= text.length) this.cut = true;
    const word = text.slice(start, at).trim();
    if (word === '') {
      this.cut = true;
      return undefined;
    }
    return scalarOf(word);
  }

  private skipSpace(): void {
    while (this.text.charAt(this.position) === ' ') this.position += 1;
  }

  private take(character: string): boolean {
    if (this.text.charAt(this.position) !== character) return false;
    this.position += 1;
    return true;
  }

  /** True, and cut, at the end of the text, at the dots that stand for what was left out, and far too deep. */
  private ended(depth: number): boolean {
    const over =
      depth > deepest || this.position >= this.text.length || this.text.startsWith('..........', this.position);
    if (over) this.cut = true;
    return over;
  }
}

function scalarOf(word: string): JsonValue {
  if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(word)) return Number(word);
  if (word === 'true') return true;
  if (word === 'false') return false;
  if (word === 'null') return null;
  if (word === 'undefined') return { $undefined: true };
  const call = /^(?:new )?([A-Za-z]+)\(\s*['"]?([^'"]*)['"]?\s*\)$/.exec(word);
  const argument = call?.[2] ?? '';
  switch (call?.[1]) {
    case 'ObjectId':
      return { $oid: argument };
    case 'Date':
      return { $date: dateOf(argument) };
    case 'UUID':
      return { $uuid: argument };
    case 'NumberLong':
    case 'NumberInt':
      return Number(argument);
    case 'NumberDecimal':
      return { $numberDecimal: argument };
    default:
      return word;
  }
}

function dateOf(milliseconds: string): string {
  const date = new Date(Number(milliseconds));
  return Number.isNaN(date.getTime()) ? milliseconds : date.toISOString();
}
