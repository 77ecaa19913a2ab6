/** The command lines of mongodump. Values that may begin with `-` are always given as `--option=value`. */
import { formatNamespace } from '../../shared/namespaces';
import type { DumpPlan, DumpRun } from './plan-dump';

/** Arguments of one run that writes its archive to stdout. The connection string is in the file at `configPath`. */
export function dumpArguments(
  run: DumpRun,
  files: { configPath: string; queryFile: string | null },
  readPreference: string | null,
): string[] {
  const list = [`--config=${files.configPath}`];
  if (readPreference !== null) list.push(`--readPreference=${readPreference}`);
  if (run.database !== null) list.push(`--db=${run.database}`);
  if (run.collection !== null) list.push(`--collection=${run.collection}`);
  if (files.queryFile !== null) list.push(`--queryFile=${files.queryFile}`);
  for (const collection of run.exclude) list.push(`--excludeCollection=${collection}`);
  if (run.usersAndRoles) list.push('--dumpDbUsersAndRoles');
  if (run.oplog) list.push('--oplog');
  list.push(`--numParallelCollections=${run.parallelCollections}`, '--archive');
  return list;
}

/** Each run as it runs, an argument each, with the secret file and machine paths masked; `member` is the one read from. */
export function maskedCommands(
  plan: Pick<DumpPlan, 'runs'>,
  readPreference: string | null,
  member: string | null,
): string[][] {
  const configPath = member === null ? '<connection string>' : `<connection string of ${member}>`;
  return plan.runs.map((run) => {
    const query = run.database !== null && run.collection !== null && run.query !== null;
    const queryFile = query ? `<${run.query ?? ''}>` : null;
    return ['mongodump', ...dumpArguments(run, { configPath, queryFile }, readPreference)];
  });
}

/** The runs of a backup as the manifest keeps them: one list, runs separated by `;`. */
export function commandForManifest(commands: readonly string[][]): string[] {
  return commands.flatMap((command, index) => (index === 0 ? command : [';', ...command]));
}

/**
 * The connection string with its default database moved to `authSource`: mongodump would read only that database, and
 * refuses a `--db` that differs from it.
 */
export function withoutDefaultDatabase(uri: string): string {
  // User, password and hosts hold no plain slash or question mark.
  const [, start = uri, database = '', options = ''] =
    /^(mongodb(?:\+srv)?:\/\/[^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(uri) ?? [];
  if (database === '') return uri;
  const hasUser = start.includes('@');
  const hasSource = /(^|&)authSource=/i.test(options);
  const all = [options, hasUser && !hasSource ? `authSource=${database}` : ''].filter((part) => part !== '');
  return `${start}/${all.length > 0 ? `?${all.join('&')}` : ''}`;
}

/** What a run is called in messages: `the whole deployment`, `shop`, `shop.orders`. */
export function describeRun(run: DumpRun): string {
  if (run.database === null) return 'the whole deployment';
  if (run.collection === null) return run.database;
  return formatNamespace({ database: run.database, collection: run.collection });
}
