/** `restore list`, `undo`, `continue` and `leave`: what can be done about restores that were. */
import type { Command } from 'commander';
import { formatCount } from '../../shared/format';
import type { Job } from '../../shared/jobs';
import { problemsOf, type RestoreResult, type RestoreSummary } from '../../shared/restore';
import { exitCodes, fail } from '../../shared/result';
import {
  followJob,
  resolveTarget,
  runCommand,
  withTarget,
  type CommandContext,
  type TargetOptions,
} from './command-context';
import { formatTable } from './output';
import { describeDiff, describeEffect, describeEstimate, describeResult } from './restore-text';

interface UndoOptions extends TargetOptions {
  yes?: boolean;
}

export function addRestoreHistoryCommands(restore: Command): void {
  restore
    .command('list')
    .description('restores so far, newest first: their state, and until when they can be undone')
    .action((_options: object, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const summaries = await services.restores.list();
        output.answer(summaries, () => describeSummaries(summaries));
      }),
    );

  withTarget(restore.command('undo <restoreId>'))
    .description('put back what a restore overwrote or deleted, and take away what it brought; needs --yes')
    .option('--yes', 'do it, without asking')
    .addHelpText('after', '\nExample:\n  lifeboat restore undo latest --connection shop-prod --yes --json')
    .action((restoreId: string, options: UndoOptions, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output } = context;
        const connectionId = await chooseConnection(context, restoreId, options);
        const looked = await followJob(context, await services.restores.undoPreview(restoreId, connectionId));
        const preview = await services.restores.getPreview(looked.resultId ?? '');
        try {
          const { result, request } = preview;
          const order = { previewId: preview.id, mode: 'exact' as const, namespaces: [], typedName: null };
          if (!options.yes) {
            output.note(describeDiff({ ...result, problems: problemsOf('exact', result.problems) }));
            output.note(describeEstimate(await services.restores.estimate(order)));
            const effect = describeEffect(result.totals.effect);
            fail(
              'refused',
              `Undoing ${preview.undoOf ?? ''} would ${effect} on ${result.target}.`,
              'Say --yes to do it.',
            );
          }
          const target = await services.connections.get(request.connectionId);
          const job = await services.restores.apply({
            ...order,
            // The guard wants the target's name typed: --connection does that, and an address is the only name it has.
            typedName: (options.connection ?? target.name) === target.name ? target.name : null,
          });
          await answerResult(context, job);
        } finally {
          await services.restores.closePreview(preview.id);
        }
      }),
    );

  withTarget(restore.command('continue <restoreId>'))
    .description('go on with a restore that did not reach its end')
    .action((restoreId: string, options: TargetOptions, command: Command) =>
      runCommand(command, async (context) => {
        const connectionId = await chooseConnection(context, restoreId, options);
        await answerResult(context, await context.services.restores.continueRestore(restoreId, connectionId));
      }),
    );

  restore
    .command('leave <restoreId>')
    .description('leave the target as an interrupted restore left it')
    .action((restoreId: string, _options: object, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const summary = await services.restores.leave(restoreId);
        output.answer(summary, () => `${summary.restoreId} is left as it is.`);
      }),
    );
}

/** Null: the connection that was restored to, where it still is among the saved ones. */
async function chooseConnection(
  context: CommandContext,
  restoreId: string,
  options: TargetOptions,
): Promise<string | null> {
  if ((options.connection ?? options.uri ?? options.uriFile) !== undefined)
    return (await resolveTarget(context, options)).id;
  const { restores, connections } = context.services;
  const known = (await restores.list()).find(
    (summary, at) => summary.restoreId === restoreId || (restoreId === 'latest' && at === 0),
  );
  const saved = await connections.list();
  if (!known || saved.some(({ id }) => id === known.connectionId)) return null;
  return (await resolveTarget(context, options)).id;
}

async function answerResult(context: CommandContext, job: Job): Promise<void> {
  const finished = await followJob(context, job);
  const result: RestoreResult = await context.services.restores.result(finished.resultId ?? '');
  const { restoreId, undoId, effect, remaining, problems, conflicts, failures } = result;
  context.output.answer({ restoreId, undoId, effect, remaining, problems, conflicts, failures }, () =>
    describeResult(result),
  );
  if (failures.length + effect.conflict > 0) context.exitWith(exitCodes.warnings);
}

function describeSummaries(summaries: readonly RestoreSummary[]): string {
  if (summaries.length === 0) return 'There is no restore yet.';
  return formatTable(
    ['restore', 'state', 'target', 'mode', 'scope', 'inserted', 'replaced', 'deleted', 'can be undone until'],
    summaries.map(({ restoreId, state, target, mode, scope, effect, undoUntil, undoOf, undoneBy }) => [
      restoreId,
      state,
      target,
      undoOf === null ? mode : `undo of ${undoOf}`,
      scope,
      formatCount(effect.insert),
      formatCount(effect.replace),
      formatCount(effect.delete),
      undoneBy === null ? (undoUntil ?? '-') : `undone by ${undoneBy}`,
    ]),
    [5, 6, 7],
  );
}
