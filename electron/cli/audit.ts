import type { Command } from 'commander';
import { exitCodes, fail } from '../../shared/result';
import { runCommand } from './command-context';
import { formatTable } from './output';

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('who did what to which target');

  audit
    .command('list')
    .description('the newest entries first')
    .option('--limit <count>', 'how many', '50')
    .action((options: { limit: string }, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const limit = parseLimit(options.limit);
        const { total, entries } = await services.audit.list({ offset: 0, limit });
        output.answer({ total, entries }, () =>
          formatTable(
            ['time', 'who', 'from', 'operation', 'target', 'result'],
            entries.map((entry) => [
              entry.time,
              `${entry.user}@${entry.host}`,
              entry.origin,
              entry.operation,
              entry.target,
              entry.error ? `${entry.result}: ${entry.error}` : entry.result,
            ]),
          ),
        );
      }),
    );

  audit
    .command('verify')
    .description('check the chain of hashes; exit 3 where an entry was changed, removed or reordered')
    .action((_options: unknown, command: Command) =>
      runCommand(command, async ({ services, output, exitWith }) => {
        const verification = await services.audit.verify();
        output.answer(verification, () =>
          verification.intact
            ? `Intact: ${verification.entries} entries.`
            : `Broken at line ${verification.brokenAtLine ?? '?'}: ${verification.reason ?? 'unknown'}`,
        );
        if (!verification.intact) exitWith(exitCodes.differs);
      }),
    );

  audit
    .command('export <file>')
    .description('write all entries to a file')
    .option('--format <format>', 'csv or json', 'csv')
    .action((file: string, options: { format: string }, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        if (options.format !== 'csv' && options.format !== 'json')
          fail('usage', `--format knows csv and json, not "${options.format}".`);
        await services.audit.export(options.format, file);
        output.answer({ file, format: options.format }, () => `Wrote ${file}.`);
      }),
    );
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) fail('usage', `--limit is a whole number from 1, not "${text}".`);
  return Math.min(limit, 1000);
}
