/** The command lines of mongorestore and what it says: pure. */
import type { Rename } from '../../../shared/restore';

export interface MongorestoreRun {
  archive: string;
  /** Namespaces of the backup. */
  namespaces: readonly { database: string; collection: string; timeseries: boolean }[];
  renames: readonly Rename[];
  drop: boolean;
  parallelCollections: number;
}

/** In its patterns `*` stands for anything, `$name$` for a variable, and `\` makes the next character plain. */
function escapePattern(text: string, variables: boolean): string {
  return text.replace(variables ? /[\\*$]/g : /[\\*]/g, '\\$&');
}

function renameArguments({ from, to }: Rename): string[] {
  const pattern = (name: string): string => escapePattern(name, true);
  if (from.includes('.')) {
    const [database = '', ...rest] = from.split('.');
    const [toDatabase = '', ...toRest] = to.split('.');
    const buckets = [
      `--nsFrom=${pattern(`${database}.system.buckets.${rest.join('.')}`)}`,
      `--nsTo=${pattern(`${toDatabase}.system.buckets.${toRest.join('.')}`)}`,
    ];
    return [`--nsFrom=${pattern(from)}`, `--nsTo=${pattern(to)}`, ...buckets];
  }
  return [`--nsFrom=${pattern(from)}.*`, `--nsTo=${pattern(to)}.*`];
}

/**
 * Arguments of a run. Every namespace is named, so that users and roles are never among them (`--drop` would remove those
 * of the user at work). Renames of single collections come before those of databases: the first that fits wins.
 */
export function mongorestoreArguments(run: MongorestoreRun, configPath: string): string[] {
  const list = [`--config=${configPath}`, '--gzip', `--archive=${run.archive}`];
  if (run.drop) list.push('--drop');
  list.push('--bypassDocumentValidation', `--numParallelCollections=${run.parallelCollections}`);
  for (const { database, collection, timeseries } of run.namespaces) {
    list.push(`--nsInclude=${escapePattern(`${database}.${collection}`, false)}`);
    if (timeseries) list.push(`--nsInclude=${escapePattern(`${database}.system.buckets.${collection}`, false)}`);
  }
  const renames = [...run.renames].sort((a, b) => Number(b.from.includes('.')) - Number(a.from.includes('.')));
  for (const rename of renames) list.push(...renameArguments(rename));
  return list;
}

/** As a line for people: the secret file and the folder masked. */
export function maskedMongorestore(run: MongorestoreRun): string {
  return ['mongorestore', ...mongorestoreArguments({ ...run, archive: 'archive.gz' }, '<connection string>')]
    .map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replace(/'/g, `'\\''`)}'`))
    .join(' ');
}

export interface MongorestoreReport {
  /** Null until it was said: an early end says nothing. */
  restored: number | null;
  failed: number | null;
  /** Finished collections: `finished restoring shop.orders (400 documents, 2 failures)`. */
  namespaces: Map<string, { documents: number; failures: number }>;
  errors: string[];
}

export function emptyMongorestoreReport(): MongorestoreReport {
  return { restored: null, failed: null, namespaces: new Map(), errors: [] };
}

const keptErrors = 100;

/** Adds a line of its stderr. The exit code alone proves nothing: duplicates and refused documents end with 0. */
export function noteMongorestoreLine(report: MongorestoreReport, line: string): void {
  const total = /(\d+) document\(s\) restored successfully\. (\d+) document\(s\) failed to restore\./.exec(line);
  if (total) {
    report.restored = Number(total[1]);
    report.failed = Number(total[2]);
    return;
  }
  const finished = /finished restoring (.+) \((\d+) documents?, (\d+) failures?\)/.exec(line);
  if (finished) {
    report.namespaces.set(finished[1] ?? '', { documents: Number(finished[2]), failures: Number(finished[3]) });
    return;
  }
  if (/continuing through error|Failed: |error restoring|E11000|validation failed/i.test(line)) {
    if (report.errors.length < keptErrors) report.errors.push(line.replace(/^\S+\t/, ''));
  }
}
