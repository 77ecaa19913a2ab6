/** Strings made of bytes once and found again by their bytes: logs repeat the same namespaces and plans for ever. */

interface Entry {
  bytes: Uint8Array;
  text: string;
}

const mostEntries = 8192;
const longest = 256;

export class ByteStrings {
  private entries = new Map<number, Entry>();

  /** The UTF-8 text of `bytes[start, end)`. */
  text(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > longest) return bytes.toString('utf8', start, end);
    let hash = length;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
    const known = this.entries.get(hash);
    if (known && known.bytes.length === length && sameBytes(known.bytes, bytes, start)) return known.text;
    const text = bytes.toString('utf8', start, end);
    if (this.entries.size >= mostEntries) this.entries = new Map();
    this.entries.set(hash, { bytes: Uint8Array.from(bytes.subarray(start, end)), text });
    return text;
  }
}

function sameBytes(known: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
