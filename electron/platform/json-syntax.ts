/** Where a text stops being JSON: engines tell it only sometimes, and quote the content, which may be confidential. */

const blanks = /[ \t\r\n]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const string = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;

class SyntaxErrorAt {
  constructor(readonly offset: number) {}
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function expectMatch(pattern: RegExp, text: string, from: number): number {
  const end = skip(pattern, text, from);
  if (end < 0) throw new SyntaxErrorAt(from);
  return end;
}

function passList(text: string, from: number, close: string, passItem: (at: number) => number): number {
  let at = skip(blanks, text, from + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = skip(blanks, text, passItem(at));
    if (text[at] === close) return at + 1;
    if (text[at] !== ',') throw new SyntaxErrorAt(at);
    at = skip(blanks, text, at + 1);
  }
}

function passValue(text: string, from: number): number {
  const at = skip(blanks, text, from);
  switch (text[at]) {
    case '{':
      return passList(text, at, '}', (start) => {
        const colon = skip(blanks, text, expectMatch(string, text, start));
        if (text[colon] !== ':') throw new SyntaxErrorAt(colon);
        return passValue(text, colon + 1);
      });
    case '[':
      return passList(text, at, ']', (start) => passValue(text, start));
    case '"':
      return expectMatch(string, text, at);
    default:
      return expectMatch(scalar, text, at);
  }
}

/** "line 2, column 10", both from 1, of the first character that is not JSON; null when the text is JSON. */
export function findSyntaxError(text: string): string | null {
  let offset: number;
  try {
    const end = skip(blanks, text, passValue(text, 0));
    if (end === text.length) return null;
    offset = end;
  } catch (error) {
    // Nested too deeply for the stack: then the start is all that can be told.
    offset = error instanceof SyntaxErrorAt ? error.offset : 0;
  }
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before[before.length - 1] ?? '').length + 1}`;
}
