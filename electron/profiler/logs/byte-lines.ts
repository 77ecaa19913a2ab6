/** Splits a stream of bytes into lines without copying them. */

/** No server writes a longer one: whole lines are cut at 10 KB by default, documents at 16 MB. */
const longestLine = 32 * 1024 * 1024;
const newline = 10;

export interface LineSink {
  /** The line `bytes[start, end)` without its end; `bytes` is only valid during the call. */
  line(bytes: Buffer, start: number, end: number): void;
  /** A line of more than 32 MiB, of which this is the beginning. */
  tooLong(beginning: Buffer): void;
}

/** Feeds `sink` chunk by chunk; a line across chunks is put together, nothing else is copied. */
export class ByteLines {
  private pieces: Buffer[] = [];
  private held = 0;
  private skipping = false;

  constructor(private readonly sink: LineSink) {}

  push(chunk: Buffer): void {
    let start = 0;
    if (this.held > 0 || this.skipping) {
      const end = chunk.indexOf(newline);
      if (end < 0) {
        this.hold(chunk);
        return;
      }
      this.hold(chunk.subarray(0, end));
      this.release();
      start = end + 1;
    }
    for (;;) {
      const end = chunk.indexOf(newline, start);
      if (end < 0) break;
      this.emit(chunk, start, end);
      start = end + 1;
    }
    if (start < chunk.length) this.hold(chunk.subarray(start));
  }

  /** What followed the last line end. */
  finish(): void {
    if (this.held > 0 || this.skipping) this.release();
  }

  private hold(piece: Buffer): void {
    if (this.skipping) return;
    this.pieces.push(piece);
    this.held += piece.length;
    if (this.held <= longestLine) return;
    this.sink.tooLong(Buffer.concat(this.pieces).subarray(0, 1024));
    this.skipping = true;
    this.drop();
  }

  private release(): void {
    if (!this.skipping) {
      const line = Buffer.concat(this.pieces);
      this.emit(line, 0, line.length);
    }
    this.skipping = false;
    this.drop();
  }

  private drop(): void {
    this.pieces = [];
    this.held = 0;
  }

  private emit(bytes: Buffer, start: number, end: number): void {
    this.sink.line(bytes, start, end > start && bytes[end - 1] === 13 ? end - 1 : end);
  }
}
