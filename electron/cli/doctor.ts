import type { Command } from 'commander';
import { exitCodes } from '../../shared/result';
import type { DoctorReport } from '../../shared/toolchain';
import { runCommand } from './command-context';
import { formatTable } from './output';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check the tools, the keychain, the data folder, the stores and the connections')
    .addHelpText('after', '\nExample:\n  lifeboat doctor --json')
    .action((_options: unknown, command: Command) =>
      runCommand(command, async ({ services, output, exitWith }) => {
        const report = await services.doctor.report();
        output.answer(report, () => describeReport(report));
        if (!report.healthy) exitWith(exitCodes.failed);
      }),
    );
}

const marks = { ok: 'ok', warning: 'warning', failed: 'FAILED' } as const;

function describeReport(report: DoctorReport): string {
  const rows = report.checks.map((check) => [marks[check.status], check.title, check.summary]);
  const hints = report.checks.filter((check) => check.hint !== null && check.status !== 'ok');
  return [
    formatTable(['state', 'what', 'found'], rows),
    ...hints.map((check) => `\n${check.title}: ${check.hint ?? ''}`),
  ].join('\n');
}
