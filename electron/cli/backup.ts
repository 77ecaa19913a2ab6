import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import {
  backupCategorySchema,
  backupStatusSchema,
  backupTypeSchema,
  type BackupDetails,
  type BackupScope,
  type CatalogueEntry,
  type Verification,
} from '../../shared/backups';
import { formatBytes, formatCount, formatDuration, formatQuantity } from '../../shared/format';
import { AppFailure, exitCodes, fail } from '../../shared/result';
import {
  collect,
  followJob,
  resolveTarget,
  runCommand,
  withTarget,
  type CommandContext,
  type TargetOptions,
} from './command-context';
import { formatTable } from './output';
import { noteUnreadableStores, showBackup } from './shown-backup';

interface RunOptions extends TargetOptions {
  db: string[];
  ns: string[];
  store?: string;
  oplog: boolean;
  plan?: string;
  category: string;
  note: string;
  pin?: boolean;
  digest: boolean;
  usersAndRoles?: boolean;
  readPreference: string;
  level?: string;
  parallel?: string;
}

export function addBackupCommands(program: Command): void {
  const backup = program.command('backup').description('make, list, verify and keep backups');
  addRun(backup);
  addReading(backup);
  addKeeping(backup);
}

function addRun(backup: Command): void {
  withTarget(backup.command('run'))
    .description('back up a deployment, databases or collections, and verify the result')
    .option('--db <database>', 'a database (repeatable)', collect, [])
    .option('--ns <namespace>', 'a collection as database.collection (repeatable)', collect, [])
    .option('--store <store>', 'name of a store, or a folder')
    .option('--plan <plan>', 'the plan this backup belongs to')
    .option('--no-oplog', 'do without the consistent snapshot of a whole replica set')
    .option('--no-digest', 'do not keep the hashes that make a later diff quick')
    .option('--users-and-roles', 'take the users and roles along')
    .option('--category <category>', 'critical, user, operational or auxiliary', 'operational')
    .option('--note <text>', 'a note kept in the manifest', '')
    .option('--pin', 'never delete it by itself')
    .option('--read-preference <mode>', 'primary, secondaryPreferred…', 'secondaryPreferred')
    .option('--level <1-9>', 'compression level')
    .option('--parallel <count>', 'collections read at the same time')
    .addHelpText(
      'after',
      '\nExamples:\n  lifeboat backup run --connection shop-prod\n  lifeboat backup run --db shop --store /srv/backups --json',
    )
    .action((options: RunOptions, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output } = context;
        const scope = scopeOf(options);
        const category = backupCategorySchema.safeParse(options.category);
        if (!category.success) fail('usage', `"${options.category}" is no category.`, 'See --help.');
        const target = await resolveTarget(context, options);
        const settings = await services.settings.get();
        const job = await services.backups.run({
          connectionId: target.id,
          scope,
          storeId: await resolveStore(context, options.store),
          oplog: options.oplog ? null : false,
          readPreference: readPreferenceOf(options.readPreference),
          compressionLevel: wholeNumber(options.level, '--level', 1, 9) ?? settings.compressionLevel,
          parallelCollections: wholeNumber(options.parallel, '--parallel', 1, 16) ?? settings.parallelCollections,
          usersAndRoles: options.usersAndRoles === true,
          digest: options.digest,
          category: category.data,
          pinned: options.pin === true,
          note: options.note,
          plan: options.plan ?? null,
        });
        const finished = await followJob(context, job);
        const details = await services.catalogue.show(finished.resultId ?? 'latest');
        output.answer(
          {
            backupId: details.entry.id,
            path: details.entry.path,
            manifest: details.manifest,
            verification: details.entry.verification,
          },
          () => describeBackup(details),
        );
      }),
    );
}

function addReading(backup: Command): void {
  backup
    .command('list')
    .description('all backups of all stores, the newest first')
    .option('--source <name>', 'of this connection')
    .option('--plan <plan>', 'of this plan')
    .option('--type <type>', 'full, database, collections or imported')
    .option('--status <status>', 'complete, complete-with-warnings, incomplete, damaged or unreadable')
    .option('--limit <count>', 'at most this many')
    .action(
      (options: { source?: string; plan?: string; type?: string; status?: string; limit?: string }, command: Command) =>
        runCommand(command, async ({ services, output, exitWith }) => {
          const type = options.type === undefined ? undefined : backupTypeSchema.safeParse(options.type);
          if (type && !type.success) fail('usage', `"${options.type ?? ''}" is no type of backup.`, 'See --help.');
          const status = options.status === undefined ? undefined : backupStatusSchema.safeParse(options.status);
          if (status && !status.success) fail('usage', `"${options.status ?? ''}" is no status.`, 'See --help.');
          const limit = wholeNumber(options.limit, '--limit', 1, 1_000_000);
          const filter = {
            ...(options.source ? { source: options.source } : {}),
            ...(options.plan ? { plan: options.plan } : {}),
            ...(type ? { type: type.data } : {}),
            ...(status ? { status: status.data } : {}),
            ...(limit === null ? {} : { limit }),
          };
          const backups = await services.catalogue.list(filter);
          const unreadableStores = await noteUnreadableStores(services.catalogue, output);
          output.answer({ backups, unreadableStores }, () => describeBackups(backups, Object.keys(filter).length > 0));
          if (unreadableStores.length > 0) exitWith(exitCodes.warnings);
        }),
    );

  backup
    .command('show <id>')
    .description('what is inside a backup and how it was made ("latest" is the newest complete one)')
    .action((id: string, _options: unknown, command: Command) =>
      runCommand(command, async (context) => {
        const details = await showBackup(context, id);
        context.output.answer(details, () => describeBackup(details));
      }),
    );

  backup
    .command('verify <id>')
    .description('re-read a backup: level 1 checks the file, level 2 every block and document')
    .option('--level <level>', '1 or 2', '2')
    .action((id: string, options: { level: string }, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output, exitWith } = context;
        if (options.level !== '1' && options.level !== '2') fail('usage', `--level is 1 or 2, not "${options.level}".`);
        const { entry } = await showBackup(context, id);
        const job = await services.catalogue.verify(entry.id, options.level === '1' ? 1 : 2);
        try {
          await followJob(context, job);
        } catch (error) {
          if (!(error instanceof AppFailure) || exitCodeIsNotVerdict(error)) throw error;
        }
        const { entry: verified } = await services.catalogue.show(entry.id);
        const verification = verified.verification;
        if (!verification) fail('internal', 'The verification left no result.');
        output.answer({ backupId: entry.id, verification }, () => describeVerification(verification));
        if (!verification.ok) exitWith(exitCodes.differs);
      }),
    );
}

/** A failed verification is an answer of `verify`, not a failure of it. */
function exitCodeIsNotVerdict(failure: AppFailure): boolean {
  return !['verification-failed', 'archive-damaged', 'archive-truncated', 'manifest-mismatch'].includes(
    failure.error.code,
  );
}

function addKeeping(backup: Command): void {
  for (const [verb, pinned] of [
    ['pin', true],
    ['unpin', false],
  ] as const) {
    backup
      .command(`${verb} <id>`)
      .description(pinned ? 'keep a backup until it is unpinned' : 'let a backup be deleted again')
      .action((id: string, _options: unknown, command: Command) =>
        runCommand(command, async (context) => {
          const { entry } = await showBackup(context, id);
          const changed = await context.services.catalogue.setPinned(entry.id, pinned);
          context.output.answer(changed, () => `${changed.id} is ${changed.pinned ? 'pinned' : 'not pinned'}.`);
        }),
      );
  }

  backup
    .command('delete <id>')
    .description('delete a backup; --yes is needed, and a pinned or only verified one is refused without its full id')
    .option('--yes', 'delete it')
    .action((id: string, options: { yes?: boolean }, command: Command) =>
      runCommand(command, async (context) => {
        const { entry } = await showBackup(context, id);
        if (!options.yes)
          fail(
            'refused',
            `${entry.id} (${formatBytes(entry.bytes ?? 0)}) would be deleted.`,
            'Say --yes to delete it.',
          );
        await context.services.catalogue.delete(entry.id, id === entry.id ? id : null);
        context.output.answer({ deleted: entry.id }, () => `Deleted ${entry.id}.`);
      }),
    );

  backup
    .command('import <path>')
    .description('take a mongodump archive, a dump folder or a tar.gz of one into a store')
    .option('--store <store>', 'name of a store, or a folder')
    .action((path: string, options: { store?: string }, command: Command) =>
      runCommand(command, async (context) => {
        const storeId =
          (await resolveStore(context, options.store)) ?? (await context.services.settings.get()).defaultStoreId;
        const finished = await followJob(context, await context.services.catalogue.import(path, storeId));
        const details = await context.services.catalogue.show(finished.resultId ?? 'latest');
        context.output.answer(
          {
            backupId: details.entry.id,
            path: details.entry.path,
            manifest: details.manifest,
            verification: details.entry.verification,
          },
          () => describeBackup(details),
        );
      }),
    );
}

function scopeOf(options: Pick<RunOptions, 'db' | 'ns'>): BackupScope {
  if (options.ns.length > 0 && options.db.length > 0)
    fail('usage', '--db and --ns cannot be used together.', 'Name whole databases or single collections.');
  if (options.ns.length > 0) return { kind: 'collections', namespaces: options.ns };
  if (options.db.length > 0) return { kind: 'databases', databases: options.db };
  return { kind: 'deployment' };
}

const readPreferences = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'] as const;

function readPreferenceOf(text: string): (typeof readPreferences)[number] {
  return (
    readPreferences.find((mode) => mode === text) ??
    fail('usage', `"${text}" is no read preference.`, `One of ${readPreferences.join(', ')}.`)
  );
}

function wholeNumber(text: string | undefined, option: string, least: number, most: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    fail('usage', `${option} is a whole number from ${least} to ${most}, not "${text}".`);
  return value;
}

/** A store by name or id, or a folder, which becomes a store; null is the default store. */
async function resolveStore({ services }: CommandContext, store: string | undefined): Promise<string | null> {
  if (store === undefined) return null;
  if (store === '') fail('usage', '--store is empty.', 'Give the name of a store, or a folder.');
  const stores = await services.settings.stores();
  const known = stores.find((each) => each.id === store || each.name === store || each.path === resolve(store));
  if (known) return known.id;
  const path = resolve(store);
  return (await services.settings.addStore({ name: basename(path), path })).id;
}

function describeBackups(backups: readonly CatalogueEntry[], isFiltered: boolean): string {
  if (backups.length === 0 && isFiltered) return 'No backup is like that.';
  if (backups.length === 0) return 'There is no backup yet. Make one with: lifeboat backup run --connection NAME';
  return formatTable(
    ['id', 'source', 'scope', 'documents', 'size', 'status', 'verified', ''],
    backups.map((entry) => [
      entry.id,
      entry.sourceName ?? '',
      entry.scope ?? '',
      entry.documents === null ? '' : formatCount(entry.documents),
      entry.bytes === null ? '' : formatBytes(entry.bytes),
      entry.status,
      entry.verification ? `level ${entry.verification.level}${entry.verification.ok ? '' : ' FAILED'}` : 'no',
      entry.pinned ? 'pinned' : '',
    ]),
    [3, 4],
  );
}

function describeBackup({ entry, manifest }: BackupDetails): string {
  const lines = [`${entry.id}  (${entry.status})`, entry.path];
  if (entry.problem) lines.push(`problem: ${entry.problem}`);
  if (manifest) {
    const seconds = (Date.parse(manifest.completedAt) - Date.parse(manifest.createdAt)) / 1000;
    lines.push(
      `${manifest.type} of ${manifest.source.name}, ${formatQuantity(entry.documents ?? 0, 'document')}, ` +
        `${formatBytes(manifest.file.uncompressedBytes)} in ${formatBytes(manifest.file.bytes)}, took ${formatDuration(seconds)}`,
      formatTable(
        ['namespace', 'type', 'documents', 'bytes', 'indexes'],
        manifest.namespaces.map((namespace) => [
          `${namespace.database}.${namespace.collection}`,
          namespace.type,
          formatCount(namespace.documents),
          formatBytes(namespace.bytes),
          String(namespace.indexes.length),
        ]),
        [2, 3, 4],
      ),
      ...manifest.warnings.map((warning) => `warning: ${warning}`),
    );
  }
  if (entry.verification) lines.push(describeVerification(entry.verification));
  return lines.join('\n');
}

function describeVerification(verification: Verification): string {
  const verdict = verification.ok ? 'passed' : 'FAILED';
  const head = `level ${verification.level} verification ${verdict} at ${verification.at} in ${formatDuration(verification.elapsedMs / 1000)}`;
  return [head, ...verification.problems.map((problem) => `  ${problem.message}`)].join('\n');
}
