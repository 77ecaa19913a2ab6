/** What the command line prints: one document on stdout (text or JSON), everything else on stderr. */
import {
  escapeControlCharacters,
  formatBytes,
  formatCount,
  formatDuration,
  maskControlCharacters,
} from '../../shared/format';
import { isFinished, type Job, type Progress } from '../../shared/jobs';
import type { AppError } from '../../shared/result';

export type ProgressStyle = 'bar' | 'json' | 'lines' | 'none';

export interface OutputOptions {
  json: boolean;
  progress: ProgressStyle;
  stdout?: NodeJS.WritableStream;
  stderr?: NodeJS.WritableStream;
}

export interface Output {
  readonly json: boolean;
  /** Prints the answer: `value` as JSON, or the text made by `text`. Called once per command. */
  answer(value: unknown, text: () => string): void;
  /** One line of an answer that goes on until it is stopped: `value` as JSON, or the text made by `text`. */
  line(value: unknown, text: () => string): void;
  /** Told once nobody reads stdout any more. */
  onReaderGone(listener: () => void): void;
  /** A note for the person at the terminal, also without progress; never on stdout. */
  note(text: string): void;
  /** On stderr, and with JSON on stdout too. */
  failure(error: AppError): void;
  job(job: Job): void;
  /** What is being done now, for work that is no job; said once. */
  phase(phase: string): void;
}

export function createOutput({
  json,
  progress,
  stdout = process.stdout,
  stderr = process.stderr,
}: OutputOptions): Output {
  let barShown = false;
  let lastPhase = '';

  const writeJsonLine = (stream: NodeJS.WritableStream, value: unknown): void => {
    stream.write(`${escapeControlCharacters(JSON.stringify(value))}\n`);
  };

  const sayPhase = (phase: string) => {
    if (phase === lastPhase) return;
    lastPhase = phase;
    stderr.write(`${maskControlCharacters(phase)}\n`);
  };

  const clearBar = () => {
    if (barShown) stderr.write('\r\u001b[2K');
    barShown = false;
  };

  return {
    json,
    answer(value, text) {
      clearBar();
      const printed = json ? escapeControlCharacters(JSON.stringify(value, null, 2)) : maskControlCharacters(text());
      stdout.write(printed.endsWith('\n') ? printed : `${printed}\n`);
    },
    line(value, text) {
      clearBar();
      if (json) writeJsonLine(stdout, value);
      else stdout.write(`${maskControlCharacters(text())}\n`);
    },
    onReaderGone(listener) {
      stdout.once('error', listener);
    },
    note(text) {
      clearBar();
      if (progress === 'json') writeJsonLine(stderr, { note: text });
      else stderr.write(`${maskControlCharacters(text)}\n`);
    },
    failure(error) {
      clearBar();
      if (json) stdout.write(`${escapeControlCharacters(JSON.stringify({ error }, null, 2))}\n`);
      if (progress === 'json') writeJsonLine(stderr, { error });
      else stderr.write(`${maskControlCharacters(describeFailure(error))}\n`);
    },
    job(job) {
      if (progress === 'none') return;
      if (progress === 'json') {
        writeJsonLine(stderr, { jobId: job.id, status: job.status, progress: job.progress });
        return;
      }
      if (isFinished(job.status)) {
        clearBar();
        return;
      }
      if (progress === 'bar') {
        stderr.write(`\r\u001b[2K${maskControlCharacters(describeProgress(job.progress))}`);
        barShown = true;
      } else sayPhase(job.progress.phase);
    },
    phase(phase) {
      if (progress === 'json') writeJsonLine(stderr, { phase });
      else if (progress !== 'none') sayPhase(phase);
    },
  };
}

/** `error: what happened`, then what to do, then the details indented. */
export function describeFailure(error: AppError): string {
  const lines = [`error: ${error.message}`];
  if (error.hint) lines.push(`hint: ${error.hint}`);
  if (error.details)
    lines.push(
      ...error.details
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
    );
  if (error.logReference) lines.push(`The log has the details under ${error.logReference}.`);
  return lines.join('\n');
}

/** One line without a made-up percentage: `Dumping shop.orders  61 %  1.20 GiB of 2.00 GiB · 84.0 MiB/s · 12 s left`. */
export function describeProgress(progress: Progress): string {
  const parts: string[] = [];
  const ratio = progressRatio(progress);
  if (progress.bytesDone > 0) {
    parts.push(
      progress.bytesTotal === null
        ? formatBytes(progress.bytesDone)
        : `${formatBytes(progress.bytesDone)} of ${formatBytes(progress.bytesTotal)}`,
    );
  } else if (progress.documentsDone > 0) {
    parts.push(
      progress.documentsTotal === null
        ? `${formatCount(progress.documentsDone)} documents`
        : `${formatCount(progress.documentsDone)} of ${formatCount(progress.documentsTotal)} documents`,
    );
  }
  if (progress.bytesPerSecond !== null && progress.bytesDone > 0)
    parts.push(`${formatBytes(progress.bytesPerSecond)}/s`);
  if (progress.secondsLeft !== null) parts.push(`${formatDuration(progress.secondsLeft)} left`);
  const percentage = ratio === null ? '' : `  ${Math.floor(ratio * 100)} %`;
  return `${progress.phase}${percentage}${parts.length > 0 ? `  ${parts.join(' · ')}` : ''}`;
}

function progressRatio(progress: Progress): number | null {
  if (progress.bytesTotal) return Math.min(1, progress.bytesDone / progress.bytesTotal);
  if (progress.documentsTotal) return Math.min(1, progress.documentsDone / progress.documentsTotal);
  return null;
}

/** Columns aligned by their widest cell; numbers (second argument's columns) to the right. */
export function formatTable(header: string[], rows: string[][], alignRight: readonly number[] = []): string {
  const clean = [header, ...rows].map((row) => row.map((cell) => maskControlCharacters(cell)));
  const widths = header.map((_, column) => Math.max(...clean.map((row) => (row[column] ?? '').length)));
  return clean
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return alignRight.includes(column) ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
