/** Reads lines of either format: JSON of 4.4 and newer, text of 4.2 and older, also both in one file. */
import type { LogFileReport, Operation } from '../../../shared/profiler';
import type { LineSink } from './byte-lines';
import { JsonLineReader, type LineResult } from './json-line';
import type { LogTally } from './log-tally';
import { readTextLine } from './text-line';

const openBrace = 123;
const letterM = 109;
const letterS = 115;

export interface LogLineReaderOptions {
  file: LogFileReport;
  tally: LogTally;
  /** Of the file's last change, milliseconds since 1970. */
  lastChange: number;
  onOperation(operation: Operation): void;
}

export class LogLineReader implements LineSink {
  private readonly json = new JsonLineReader();
  private readonly options: LogLineReaderOptions;
  /** Lines that belong to a message of several lines in a text log, such as a stack trace, are no damage. */
  private textBefore = false;

  constructor(options: LogLineReaderOptions) {
    this.options = options;
  }

  line(bytes: Buffer, start: number, end: number): void {
    const { file } = this.options;
    file.lines += 1;
    let from = start;
    // A byte order mark, as some editors leave it.
    if (file.lines === 1 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) from += 3;
    if (from >= end) return;
    if (bytes[from] === openBrace) this.take(this.json.read(bytes, from, end), bytes, from, end);
    else this.take(this.readText(bytes, from, end), bytes, from, end);
  }

  tooLong(beginning: Buffer): void {
    this.options.file.lines += 1;
    this.take('too-long', beginning, 0, beginning.length);
  }

  private readText(bytes: Buffer, start: number, end: number): LineResult {
    const mayBeSlow = bytes[end - 1] === letterS && bytes[end - 2] === letterM;
    // The header tells a log line; the rest is only made a string of where it may be an operation.
    const text = bytes.toString('utf8', start, mayBeSlow ? end : Math.min(end, start + 160));
    const result = readTextLine(text, { lastChange: this.options.lastChange });
    if (result !== 'unknown-format') {
      this.textBefore = true;
      return result;
    }
    return this.textBefore && continuesMessage(text) ? 'other' : result;
  }

  private take(result: LineResult, bytes: Buffer, start: number, end: number): void {
    const { file, tally, onOperation } = this.options;
    if (typeof result === 'object') {
      file.slowOperations += 1;
      onOperation(result);
    } else if (result !== 'other')
      tally.addUnreadable(file, result, () => bytes.toString('utf8', start, Math.min(end, start + 1024)));
  }
}

/** Indented lines, stack frames and the marks around a backtrace. */
function continuesMessage(line: string): boolean {
  return /^(\s|-{4,}|0x[0-9a-f]+|\{?"backtrace"|mongo[ds][(:]|lib[\w.+-]+[(:])/.test(line);
}
