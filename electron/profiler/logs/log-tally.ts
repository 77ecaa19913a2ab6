/** Counts what was read of logs, and keeps the first few lines that could not be. */
import type { LogFileReport, UnreadableKind, UnreadableLine } from '../../../shared/profiler';
import { maskControlCharacters } from '../../../shared/format';

/** Kept of each kind, over all files. */
const keptPerKind = 10;
const keptCharacters = 300;

export class LogTally {
  readonly files: LogFileReport[] = [];
  readonly unreadable = new Map<UnreadableKind, number>();
  readonly kept: UnreadableLine[] = [];

  addFile(path: string): LogFileReport {
    const file: LogFileReport = { path, lines: 0, slowOperations: 0, unreadable: 0, problem: null };
    this.files.push(file);
    return file;
  }

  /** `text` is only asked for when the line is kept. */
  addUnreadable(file: LogFileReport, kind: UnreadableKind, text: () => string): void {
    file.unreadable += 1;
    const count = (this.unreadable.get(kind) ?? 0) + 1;
    this.unreadable.set(kind, count);
    if (count > keptPerKind) return;
    const line = maskControlCharacters(text().slice(0, keptCharacters));
    this.kept.push({ kind, file: file.path, line: file.lines, text: line });
  }
}
