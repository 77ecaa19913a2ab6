/** What mongodump says on stderr, line by line: pure, tested on lines that mongodump 100.x printed. */

export type DumpLine =
  | { kind: 'writing'; namespace: string }
  | { kind: 'done'; namespace: string; documents: number }
  | { kind: 'oplog'; entries: number }
  | { kind: 'missing'; namespace: string }
  | { kind: 'progress' }
  | { kind: 'failed'; message: string }
  | { kind: 'warning'; message: string }
  | { kind: 'other'; message: string };

const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}\t/;
const writing = /^writing (.+) to archive on stdout$/s;
const done = /^done dumping (.+) \((\d+) documents?\)$/s;
const oplog = /^dumped (\d+) oplog entr(?:y|ies)$/;
const missing = /^namespace with DB (.+) and collection (.+) does not exist$/s;
const progress = /^(?:\[[#.]+\]\s|\S.*\s{2,}\d+(?:\/\d+)?(?:\s+\(\d+(?:\.\d+)?%\))?$)/;
const warning = /\bwarning\b|\bskipping\b|\bignoring\b|\bunable to\b|\bcould not\b|\berror\b/i;

/** Reads one line of mongodump's stderr. */
export function parseDumpLine(line: string): DumpLine {
  const message = line.replace(timestamp, '').trim();
  const finished = done.exec(message);
  if (finished?.[1] !== undefined) return { kind: 'done', namespace: finished[1], documents: Number(finished[2]) };
  const started = writing.exec(message);
  if (started?.[1] !== undefined) return { kind: 'writing', namespace: started[1] };
  const entries = oplog.exec(message);
  if (entries) return { kind: 'oplog', entries: Number(entries[1]) };
  const absent = missing.exec(message);
  if (absent) return { kind: 'missing', namespace: `${absent[1]}.${absent[2]}` };
  if (message.startsWith('Failed: ')) return { kind: 'failed', message: message.slice('Failed: '.length) };
  if (message.startsWith('error parsing command line options: ')) return { kind: 'failed', message };
  if (progress.test(message)) return { kind: 'progress' };
  if (warning.test(message)) return { kind: 'warning', message };
  return { kind: 'other', message };
}

/** What a finished mongodump claims. Claims are compared with the archive, never believed. */
export interface DumpReport {
  /** Documents by namespace, as mongodump names them (`shop.system.buckets.readings` for a time series). */
  documents: Map<string, number>;
  oplogEntries: number | null;
  missing: string[];
  failures: string[];
  warnings: string[];
}

export function emptyReport(): DumpReport {
  return { documents: new Map(), oplogEntries: null, missing: [], failures: [], warnings: [] };
}

/** Adds a line to a report. */
export function noteDumpLine(report: DumpReport, line: DumpLine): void {
  switch (line.kind) {
    case 'done':
      report.documents.set(line.namespace, line.documents);
      break;
    case 'oplog':
      report.oplogEntries = line.entries;
      break;
    case 'missing':
      report.missing.push(line.namespace);
      break;
    case 'failed':
      report.failures.push(line.message);
      break;
    case 'warning':
      report.warnings.push(line.message);
      break;
    case 'writing':
    case 'progress':
    case 'other':
      break;
  }
}

/** A failure of mongodump as a sentence that names what happened, with the next step where there is one. */
export function explainDumpFailure(
  failures: readonly string[],
  exit: string,
): { message: string; hint: string | null } {
  const text = failures.join('; ');
  if (text === '') {
    return { message: `mongodump ended early (${exit}) without saying why.`, hint: 'Look at the log of this job.' };
  }
  if (
    /server selection error|connection refused|no reachable servers|connection\(\)|socket was unexpectedly closed|EOF\b|connection reset|broken pipe/i.test(
      text,
    )
  ) {
    return {
      message: `The server went away while mongodump was reading: ${text}`,
      hint: 'Check that the member is up, then back up again; nothing of this attempt was kept.',
    };
  }
  if (/not authorized|unauthorized|requires authentication/i.test(text)) {
    return { message: `mongodump may not read everything: ${text}`, hint: 'Give the user the built-in role “backup”.' };
  }
  if (/oplog overflow|oplog.*(rolled|roll over)|unable to check oplog/i.test(text)) {
    return {
      message: `The oplog rolled over during the dump: ${text}`,
      hint: 'Enlarge the oplog, or back up without oplog.',
    };
  }
  if (/renameCollection|rename/i.test(text)) {
    return {
      message: `A collection was renamed during the dump, which mongodump --oplog cannot follow: ${text}`,
      hint: 'Back up again when the rename is over, or without oplog.',
    };
  }
  return { message: `mongodump failed: ${text}`, hint: null };
}
