import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Command } from 'commander';
import { restoreModes, type DiffResult, type Effect, type RestoreMode } from '../../shared/diff';
import { formatCount, formatDuration } from '../../shared/format';
import {
  availableModes,
  isDestructive,
  problemsOf,
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
import { formatTable } from './output';

interface DiffOptions extends TargetOptions {
  ns: string[];
  rename: string[];
  mode: string;
  documents?: string;
  fields?: boolean;
  export: string[];
}

interface ApplyOptions extends TargetOptions {
  ns: string[];
  rename: string[];
  mode: string;
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

  withTarget(restore.command('apply <id>'))
    .description('restore a backup, after the same diff; destructive modes need --yes')
    .requiredOption('--mode <mode>', availableModes.join(', '))
    .option('--ns <namespace>', 'only this namespace of the backup (repeatable)', collect, [])
    .option('--rename <from=to>', 'restore into another database or collection (repeatable)', collect, [])
    .option('--yes', 'do it, without asking')
    .addHelpText(
      'after',
      '\nExample:\n  lifeboat restore apply latest --connection shop-prod --mode exact --yes --json',
    )
    .action((id: string, options: ApplyOptions, command: Command) =>
      runCommand(command, async (context) => {
        const preview = await makePreview(context, id, options);
        try {
          const result = await applyPreview(context, preview, options);
          context.output.answer(
            {
              restoreId: result.restoreId,
              undoId: result.undoId,
              effect: result.effect,
              remaining: result.remaining,
              problems: result.problems,
              conflicts: result.conflicts,
              failures: result.failures,
            },
            () => describeResult(result),
          );
          if (result.failures.length > 0 || result.conflicts.length > 0) context.exitWith(exitCodes.warnings);
        } finally {
          await context.services.restores.closePreview(preview.id);
        }
      }),
    );
}

async function makePreview(
  context: CommandContext,
  id: string,
  options: TargetOptions & { ns: string[]; rename: string[]; mode: string },
  details: PreviewRequest['details'] = 'where-needed',
): Promise<Preview> {
  const mode = modeOf(options.mode);
  const renames = options.rename.map(renameOf);
  const { entry } = await context.services.catalogue.show(id);
  const target = await resolveTarget(context, options);
  const job = await context.services.restores.preview({
    backupId: entry.id,
    connectionId: target.id,
    namespaces: options.ns,
    renames,
    mode,
    readPreference: 'primary',
    details,
  });
  const finished = await followJob(context, job);
  return context.services.restores.getPreview(finished.resultId ?? '');
}

async function applyPreview(context: CommandContext, preview: Preview, options: ApplyOptions): Promise<RestoreResult> {
  const { services, output } = context;
  const { mode } = preview.request;
  const { effect } = preview.result.totals;
  if (isDestructive(mode) && !options.yes) {
    output.note(describeDiff({ ...preview.result, problems: problemsOf(mode, preview.result.problems) }));
    fail('refused', `${mode} would ${describeEffect(effect)} on ${preview.result.target}.`, 'Say --yes to do it.');
  }
  const target = await services.connections.get(preview.request.connectionId);
  const job = await services.restores.apply({
    previewId: preview.id,
    mode,
    namespaces: [],
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

const pageSize = 200;

/** One JSON line per differing document: `ns`, `_id` (canonical Extended JSON), `change`, and the changed paths. */
async function writeDifferingDocuments(
  { services }: CommandContext,
  preview: Preview,
  file: string,
  withFields: boolean,
): Promise<void> {
  const stream = createWriteStream(file);
  await once(stream, 'open');
  for (const { ns } of preview.result.namespaces) {
    for (let offset = 0; ; offset += pageSize) {
      const page = await services.restores.documents({
        previewId: preview.id,
        ns,
        change: null,
        offset,
        limit: pageSize,
      });
      for (const document of page.documents) {
        const line: Record<string, unknown> = { ns, _id: JSON.parse(document.id), change: document.change };
        if (withFields && document.change === 'changed') {
          const diff = await services.restores.document({ previewId: preview.id, ns, index: document.index });
          line.fields = diff.rows
            .filter((row) => row.kind !== 'same')
            .map(({ path, kind, backup, target }) => ({ path, kind, backup, target }));
        }
        if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
      }
      if (offset + pageSize >= page.total) break;
    }
  }
  stream.end();
  await once(stream, 'close');
}

function describeEffect(effect: Effect): string {
  return (
    `insert ${formatCount(effect.insert)}, replace ${formatCount(effect.replace)}, ` +
    `delete ${formatCount(effect.delete)} and keep ${formatCount(effect.keep)} documents`
  );
}

function describeDiff(result: DiffResult): string {
  const table = formatTable(
    ['namespace', 'status', 'only in backup', 'changed', 'only in target', 'same', 'indexes', 'options'],
    result.namespaces.map(({ ns, targetNs, status, documents, indexes, options }) => [
      ns === targetNs ? ns : `${ns} → ${targetNs}`,
      status,
      formatCount(documents.onlyInBackup),
      formatCount(documents.changed),
      formatCount(documents.onlyInTarget),
      formatCount(documents.same),
      indexes.add.length + indexes.change.length + indexes.remove.length === 0
        ? '='
        : `+${indexes.add.length} ~${indexes.change.length} -${indexes.remove.length}`,
      options.same ? '=' : 'differ',
    ]),
    [2, 3, 4, 5],
  );
  return [
    table,
    ...result.problems.map((problem) => `${problem.severity}: ${problem.message}`),
    `${result.mode} would ${describeEffect(result.totals.effect)} (compared in ${formatDuration(result.elapsedMs / 1000)}).`,
  ].join('\n');
}

function describeResult(result: RestoreResult): string {
  const lines = [
    `${result.restoreId}: inserted ${formatCount(result.effect.insert)}, replaced ${formatCount(result.effect.replace)}, ` +
      `deleted ${formatCount(result.effect.delete)} in ${formatDuration(result.elapsedMs / 1000)}.`,
  ];
  for (const conflict of result.conflicts) lines.push(`conflict: ${conflict.ns} ${conflict.id}: ${conflict.reason}`);
  for (const failure of result.failures) lines.push(`failed: ${failure.ns} ${failure.id ?? ''}: ${failure.message}`);
  if (result.remaining) {
    const differing = result.remaining.namespaces.filter((namespace) => namespace.status !== 'same');
    lines.push(
      differing.length === 0
        ? 'Proof: the diff after it is empty.'
        : `The diff after it is not empty: ${differing.map((namespace) => namespace.ns).join(', ')}.`,
    );
  }
  return lines.join('\n');
}
