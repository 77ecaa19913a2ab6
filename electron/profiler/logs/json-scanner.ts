/**
 * Walks one line of JSON by its bytes and remembers where the wanted members of an object lie, without making values of
 * the rest: most of a slow operation's line is locks and storage nobody asks for.
 */

const quote = 34;
const backslash = 92;
const comma = 44;
const colon = 58;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;

interface Wanted {
  name: Uint8Array;
  index: number;
}

/** Members by name, found by the hash of their bytes. */
export class MemberTable {
  private readonly byHash = new Map<number, Wanted>();
  readonly size: number;

  /** Throws when two names share a hash, which a test would see at once. */
  constructor(names: readonly string[]) {
    this.size = names.length;
    names.forEach((name, index) => {
      const bytes = new TextEncoder().encode(name);
      let hash = 0;
      for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
      if (this.byHash.has(hash)) throw new Error(`Two members share a hash: ${name}`);
      this.byHash.set(hash, { name: bytes, index });
    });
  }

  /** Position of the name in the list given, -1 for any other. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const wanted = this.byHash.get(hash);
    if (!wanted || wanted.name.length !== end - start) return -1;
    for (let at = 0; at < wanted.name.length; at++) if (wanted.name[at] !== bytes[start + at]) return -1;
    return wanted.index;
  }
}

export class JsonScanner {
  private bytes: Uint8Array = Buffer.alloc(0);
  private at = 0;
  private end = 0;

  /** `bytes[start, end)` is looked at from here on. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get position(): number {
    return this.at;
  }

  /**
   * Walks the object that begins at the position. `spans[2 * i]` and `spans[2 * i + 1]` become beginning and end of the
   * value of the table's i-th name, -1 where there is none. False when it is broken. `walk` may walk the value of a wanted
   * name by itself, instead of having it skipped: true when it did, null to leave it.
   */
  object(table: MemberTable, spans: Int32Array, walk?: (index: number) => boolean | null): boolean {
    spans.fill(-1);
    this.skipSpace();
    if (this.bytes[this.at] !== openBrace) return false;
    this.at += 1;
    this.skipSpace();
    if (this.bytes[this.at] === closeBrace && this.at < this.end) {
      this.at += 1;
      return true;
    }
    for (;;) {
      this.skipSpace();
      const { bytes, end } = this;
      let at = this.at;
      if (bytes[at] !== quote) return false;
      at += 1;
      const start = at;
      let hash = 0;
      for (; at < end; at++) {
        const byte = bytes[at] ?? 0;
        if (byte === quote) break;
        if (byte === backslash) at += 1;
        hash = (Math.imul(hash, 31) + byte) | 0;
      }
      if (at >= end) return false;
      const index = table.find(hash, bytes, start, at);
      this.at = at + 1;
      this.skipSpace();
      if (this.bytes[this.at] !== colon) return false;
      this.at += 1;
      this.skipSpace();
      const from = this.at;
      const walked = index >= 0 && walk ? walk(index) : null;
      if (!(walked ?? this.value())) return false;
      if (index >= 0) {
        spans[2 * index] = from;
        spans[2 * index + 1] = this.at;
      }
      this.skipSpace();
      if (this.at >= end) return false;
      const next = this.bytes[this.at];
      this.at += 1;
      if (next === closeBrace) return true;
      if (next !== comma) return false;
    }
  }

  /** Skips one value of any kind; false when it does not end. */
  private value(): boolean {
    const { bytes, end } = this;
    let at = this.at;
    let depth = 0;
    while (at < end) {
      const byte = bytes[at];
      if (byte === quote) {
        at += 1;
        for (; at < end; at++) {
          const inner = bytes[at];
          if (inner === quote) break;
          if (inner === backslash) at += 1;
        }
        if (at >= end) return false;
        at += 1;
        if (depth === 0) break;
      } else if (byte === openBrace || byte === openBracket) {
        depth += 1;
        at += 1;
      } else if (byte === closeBrace || byte === closeBracket) {
        if (depth === 0) break;
        depth -= 1;
        at += 1;
        if (depth === 0) break;
      } else if (byte === comma && depth === 0) break;
      else at += 1;
    }
    const empty = at === this.at;
    this.at = at;
    return depth === 0 && !empty && at < end;
  }

  private skipSpace(): void {
    while (this.at < this.end) {
      const byte = this.bytes[this.at];
      if (byte !== 32 && byte !== 9) return;
      this.at += 1;
    }
  }
}
