/** `replica-set history` and `resync-guide`: what was done, and what to do by hand. */
import type { Command } from 'commander';
import { reportFormats } from '../../shared/operations';
import { exitCodes, fail } from '../../shared/result';
import { outcomeReport, writeOutcomeReport } from '../operations/reports/outcome-report';
import { resolveTarget, runCommand, withTarget, type TargetOptions } from './command-context';
import { describeGuide, describeOutcome, describeOutcomes } from './replica-set-text';

export function addReplicaSetHistory(replicaSet: Command): void {
  replicaSet
    .command('history')
    .description('operations so far, newest first; with an id, or "latest", its outcome')
    .argument('[id]', 'of an operation, or "latest"')
    .option('--format <format>', `with an id: ${reportFormats.join(', ')}`)
    .option('--out <file>', 'with --format: where to write it; stdout by default')
    .addHelpText('after', '\nExample:\n  lifeboat replica-set history latest --format html --out failover.html')
    .action((id: string | undefined, options: { format?: string; out?: string }, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const outcomes = await services.operations.list();
        if (id === undefined) {
          output.answer(outcomes, () => describeOutcomes(outcomes));
          return;
        }
        const chosen = id === 'latest' ? outcomes[0]?.id : id;
        const outcome = await services.operations.outcome(chosen ?? fail('not-found', 'There was no operation yet.'));
        if (options.format === undefined) {
          output.answer(outcome, () => describeOutcome(outcome));
          return;
        }
        const format = reportFormats.find((known) => known === options.format);
        if (!format) fail('usage', `"${options.format}" is no format.`, `One of ${reportFormats.join(', ')}.`);
        if (options.out !== undefined) await writeOutcomeReport(outcome, format, options.out);
        output.answer(outcome, () =>
          options.out === undefined ? outcomeReport(outcome, format) : `Wrote ${options.out}.`,
        );
      }),
    );

  withTarget(replicaSet.command('resync-guide'))
    .description('whether a member can catch up, and how to bring it back; exit code 3 when it cannot by itself')
    .argument('<host:port>', 'the member')
    .option('--set <name>', 'of a sharded deployment: the replica set')
    .addHelpText('after', '\nExample:\n  lifeboat replica-set resync-guide db3.example:27017 --connection shop-prod')
    .action((host: string, options: TargetOptions & { set?: string }, command: Command) =>
      runCommand(command, async (context) => {
        const target = await resolveTarget(context, options);
        const guide = await context.services.operations.resyncGuide(target.id, options.set ?? null, host);
        context.output.answer(guide, () => describeGuide(guide));
        if (guide.verdict !== 'catches up') context.exitWith(exitCodes.differs);
      }),
    );
}
