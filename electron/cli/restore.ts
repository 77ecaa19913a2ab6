import type { Command } from 'commander';
import { restoreModes, type RestoreMode } from '../../shared/diff';
import {
  availableModes,
  choosesMetadata,
  defaultMetadata,
  effectOfPicks,
  problemsOf,
  takesAway,
  type MetadataChoice,
  type Preview,
  type PreviewRequest,
  type Rename,
  type RestoreResult,
} from '../../shared/restore';
import { exitCodes, fail } from '../../shared/result';
import {
  collect,
  followJob,
  resolveTarget,
  runCommand,
  withTarget,
  type CommandContext,
  type TargetOptions,
} from './command-context';
import { exportDiff, exportFormatOf } from './export-diff';
import { writeDifferingDocuments } from './restore-documents';
import { addRestoreHistoryCommands } from './restore-undo';
import { readPicks, type Picked } from './restore-picks';
import { describeDiff, describeEffect, describeEstimate, describeResult } from './restore-text';
import { showBackup } from './shown-backup';

interface DiffOptions extends TargetOptions {
  ns: string[];
  rename: string[];
  mode: string;
  documents?: string;
  fields?: boolean;
  full?: boolean;
  readFrom?: string;
  export: string[];
}

interface ApplyOptions extends TargetOptions {
  ns: string[];
  rename: string[];
  mode: string;
  ids?: string;
  fields?: string;
  indexes: boolean;
  options?: boolean;
  usersAndRoles?: boolean;
  undo: boolean;
  full?: boolean;
  readFrom?: string;
  yes?: boolean;
}

export function addRestoreCommands(program: Command): void {
  const restore = program.command('restore').description('see what a restore would do, and do it');

  withTarget(restore.command('diff <id>'))
    .description('compare a backup with the live target; writes nothing; exit 0 same, 3 differs')
    .option('--ns <namespace>', 'only this namespace of the backup (repeatable)', collect, [])
    .option('--rename <from=to>', 'compare with another database or collection (repeatable)', collect, [])
    .option('--mode <mode>', availableModes.join(', '), 'exact')
    .option('--documents <file>', 'write one JSON line per differing document')
    .option('--fields', 'with --documents: the changed paths with both values')
    .option('--full', 'read every document, also where the oplog tells which ones changed')
    .option('--read-from <host:port>', 'read the documents from this member of the replica set')
    .option('--export <file>', 'write the diff to a .ndjson, .csv or .html file (repeatable)', collect, [])
    .addHelpText('after', '\nExample:\n  lifeboat restore diff latest --connection shop-prod --ns shop.orders --json')
    .action((id: string, options: DiffOptions, command: Command) =>
      runCommand(command, async (context) => {
        options.export.forEach(exportFormatOf);
        const preview = await makePreview(context, id, options, options.export.length > 0 ? 'always' : 'where-needed');
        try {
          for (const file of options.export) await exportDiff(context, preview, file);
          if (options.documents)
            await writeDifferingDocuments(context, preview, options.documents, options.fields === true);
          const { result, request } = preview;
          const answer = { ...result, problems: problemsOf(request.mode, result.problems) };
          context.output.answer(answer, () => describeDiff(answer));
          if (preview.result.namespaces.some((namespace) => namespace.status !== 'same'))
            context.exitWith(exitCodes.differs);
        } finally {
          await context.services.restores.closePreview(preview.id);
        }
      }),
    );

  addRestoreHistoryCommands(restore);

  withTarget(restore.command('apply <id>'))
    .description('restore a backup, after the same diff; destructive modes need --yes')
    .requiredOption('--mode <mode>', availableModes.join(', '))
    .option('--ns <namespace>', 'only this namespace of the backup (repeatable)', collect, [])
    .option('--rename <from=to>', 'restore into another database or collection (repeatable)', collect, [])
    .option('--ids <file>', 'with --mode pick: one _id a line as Extended JSON, or lines of restore diff --documents')
    .option('--fields <paths>', 'with --mode pick: only these fields of changed documents, like status,address.city')
    .option('--no-indexes', "leave the target's indexes as they are")
    .option('--options', 'restore options such as validators too')
    .option('--users-and-roles', 'restore the users and roles of the restored databases too')
    .option('--no-undo', 'save nothing to undo it with')
    .option('--full', 'read every document before and after, also where the oplog tells which ones changed')
    .option('--read-from <host:port>', 'for the diff before it, read the documents from this member of the replica set')
    .option('--yes', 'do it, without asking')
    .addHelpText(
      'after',
      '\nExamples:\n  lifeboat restore apply latest --connection shop-prod --mode exact --yes --json' +
        '\n  lifeboat restore apply latest --connection shop-prod --ns shop.orders --mode pick --ids lost.ndjson --yes' +
        '\n\n--fields takes a JSON array where names hold dots or commas: --fields \'["a.b", ["address", "city"]]\'',
    )
    .action((id: string, options: ApplyOptions, command: Command) =>
      runCommand(command, async (context) => {
        requireFitting(options);
        const preview = await makePreview(context, id, options);
        try {
          const picked = await readPicks(context, preview, options);
          const result = await applyPreview(context, preview, options, picked);
          context.output.answer(
            {
              restoreId: result.restoreId,
              undoId: result.undoId,
              effect: result.effect,
              remaining: result.remaining,
              problems: result.problems,
              conflicts: result.conflicts,
              failures: result.failures,
              ...(options.ids === undefined ? {} : { notPicked: picked.notPicked }),
            },
            () => describeResult(result),
          );
          const partial = result.failures.length + result.conflicts.length + picked.notPicked.length > 0;
          if (partial) context.exitWith(exitCodes.warnings);
        } finally {
          await context.services.restores.closePreview(preview.id);
        }
      }),
    );
}

async function makePreview(
  context: CommandContext,
  id: string,
  options: TargetOptions & { ns: string[]; rename: string[]; mode: string; full?: boolean; readFrom?: string },
  details: PreviewRequest['details'] = 'where-needed',
): Promise<Preview> {
  const mode = modeOf(options.mode);
  const renames = options.rename.map(renameOf);
  const target = await resolveTarget(context, options);
  const { entry } = await showBackup(context, id);
  const job = await context.services.restores.preview({
    backupId: entry.id,
    connectionId: target.id,
    namespaces: options.ns,
    renames,
    mode,
    readPreference: 'primary',
    member: options.readFrom ?? null,
    full: options.full === true,
    details,
  });
  const finished = await followJob(context, job);
  return context.services.restores.getPreview(finished.resultId ?? '');
}

/** Throws 'usage' for options that do not go with the mode. */
function requireFitting(options: ApplyOptions): void {
  const mode = modeOf(options.mode);
  const picks = options.ids !== undefined || options.fields !== undefined;
  if (picks && mode !== 'pick') fail('usage', '--ids and --fields say what to pick.', 'Use them with --mode pick.');
  if (!picks && mode === 'pick') {
    fail('usage', '--mode pick restores what --ids or --fields name.', 'Give --ids FILE, or choose another mode.');
  }
  if (metadataOf(mode, options) && !choosesMetadata(mode)) {
    fail('usage', `${mode} restores collections whole: --no-indexes, --options and --users-and-roles do not apply.`);
  }
}

/** Null: as the mode does by itself. */
function metadataOf(mode: RestoreMode, options: ApplyOptions): MetadataChoice | null {
  if (options.indexes && !options.options && !options.usersAndRoles) return null;
  const usual = defaultMetadata(mode);
  return {
    ...usual,
    ...(options.indexes ? {} : { missingIndexes: false, changedIndexes: false, extraIndexes: false }),
    options: usual.options || options.options === true,
    usersAndRoles: options.usersAndRoles === true,
  };
}

async function applyPreview(
  context: CommandContext,
  preview: Preview,
  options: ApplyOptions,
  { picks }: Picked,
): Promise<RestoreResult> {
  const { services, output } = context;
  const { mode } = preview.request;
  const metadata = metadataOf(mode, options);
  const effect = mode === 'pick' ? effectOfPicks(picks, preview.result.namespaces) : preview.result.totals.effect;
  const order = { previewId: preview.id, mode, namespaces: [], picks, metadata, undo: options.undo };
  if (takesAway(mode, metadata) && !options.yes) {
    output.note(describeDiff({ ...preview.result, problems: problemsOf(mode, preview.result.problems, metadata) }));
    output.note(describeEstimate(await services.restores.estimate({ ...order, typedName: null })));
    fail('refused', `${mode} would ${describeEffect(effect)} on ${preview.result.target}.`, 'Say --yes to do it.');
  }
  const target = await services.connections.get(preview.request.connectionId);
  const job = await services.restores.apply({
    ...order,
    // The guard wants the target's name typed: --connection does that, and an address is the only name its target has.
    typedName: options.yes && (options.connection ?? target.name) === target.name ? target.name : null,
  });
  const finished = await followJob(context, job);
  return services.restores.result(finished.resultId ?? '');
}

function modeOf(text: string): RestoreMode {
  const mode = restoreModes.find((known) => known === text);
  if (!mode || !availableModes.includes(mode))
    fail('usage', `"${text}" is no mode of this version.`, `One of ${availableModes.join(', ')}.`);
  return mode;
}

function renameOf(text: string): Rename {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) fail('usage', `--rename is from=to, not "${text}".`);
  return { from: text.slice(0, at), to: text.slice(at + 1) };
}
