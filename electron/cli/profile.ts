import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatCount } from '../../shared/format';
import type { OperationFilter, ProfileReport } from '../../shared/profiler';
import { exitCodes, fail } from '../../shared/result';
import { writeFileAtomically } from '../platform/durable-file';
import { reportAsHtml } from '../profiler/report-html';
import { reportAsJson } from '../profiler/report-json';
import { reportAsMarkdown } from '../profiler/report-markdown';
import { formatMilliseconds, planText, summaryLines } from '../profiler/report-sections';
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
import { addProfileControlCommands } from './profile-control';

interface ReportOptions extends TargetOptions {
  source: string[];
  from?: string;
  db?: string;
  since?: string;
  until?: string;
  format?: string;
  obfuscate?: boolean;
  output?: string;
}

export function addProfileCommands(program: Command): void {
  const profile = program.command('profile').description('slow operations, grouped by query shape');

  addProfileControlCommands(profile);

  profile
    .command('import')
    .description('gather the slow operations of logs into a capture, to be looked at in the window')
    .option('--source <path>', 'a log file, gzip or not, or a folder of them; may be repeated', collect, [])
    .option('--title <text>', 'what it is called')
    .addHelpText('after', '\nExample:\n  lifeboat profile import --source /var/log/mongodb/ --title "Monday"')
    .action((options: ImportOptions, command: Command) =>
      runCommand(command, (context) => importLogs(context, options)),
    );

  withTarget(profile.command('report'))
    .description('group the slow operations of log files, or of a server, by query shape')
    .option('--source <path>', 'a log file, gzip or not, or a folder of them; may be repeated', collect, [])
    .option('--from <where>', 'of a server: profile (system.profile) or log (its last lines)', 'profile')
    .option('--db <name>', 'of this database only')
    .option('--since <time>', 'from this time on: 24h, 30m, 7d back from now, or 2026-11-20T08:00Z')
    .option('--until <time>', 'up to this time')
    .option('--format <format>', 'text, json, html or md', 'text')
    .option('--obfuscate', 'leave out values and addresses')
    .option('--output <file>', 'write the report to a file')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  lifeboat profile report --source /var/log/mongodb/mongod.log --since 24h\n' +
        '  lifeboat profile report --source logs/ --db shop --format html --output slow.html\n' +
        '  lifeboat profile report --connection shop-prod --json',
    )
    .action((options: ReportOptions, command: Command) =>
      runCommand(command, async (context) => {
        const { output, exitWith } = context;
        const format = formatOf(options.format, output.json, options.output);
        const report = await makeReport(context, options);
        const document = documentOf(report, format);
        for (const note of report.notes) output.note(`note: ${note}`);
        if (options.output !== undefined) {
          await writeFileAtomically(options.output, document);
          output.answer({ file: options.output, format }, () => `Wrote ${options.output ?? ''}.`);
        } else output.answer(report, () => document);
        if (report.log?.files.some(({ problem }) => problem !== null)) exitWith(exitCodes.warnings);
      }),
    );
}

interface ImportOptions {
  source: string[];
  title?: string;
}

/** A capture that stays, for the window. */
async function importLogs(context: CommandContext, { source, title }: ImportOptions): Promise<void> {
  const { services, output } = context;
  if (source.length === 0) fail('usage', 'Which logs?', 'Name files or folders of them by --source.');
  const paths = source.map((path) => resolve(path));
  const { captureId, jobId } = await services.captures.start({
    source: { type: 'log-files', paths },
    title: title ?? null,
  });
  await followJob(context, await services.jobs.get(jobId));
  const capture = await services.captures.get(captureId);
  output.answer(
    capture,
    () => `${capture.id}: ${formatCount(capture.operations)} slow operations of ${capture.sourceText}.`,
  );
}

async function makeReport(context: CommandContext, options: ReportOptions): Promise<ProfileReport> {
  const { services, output, signal } = context;
  const now = Date.now();
  const filter: OperationFilter = {
    database: options.db ?? null,
    since: timeOf(options.since, '--since', now),
    until: timeOf(options.until, '--until', now),
  };
  const obfuscate = options.obfuscate === true;
  if (options.source.length > 0)
    return services.profiler.reportLogs(
      { paths: options.source, filter, obfuscate },
      { signal, report: ({ phase }) => output.phase(phase) },
    );
  if (options.from !== 'profile' && options.from !== 'log')
    fail('usage', `--from knows profile and log, not "${options.from ?? ''}".`);
  const target = await resolveTarget(context, options);
  return services.profiler.reportServer({ connectionId: target.id, from: options.from, filter, obfuscate }, { signal });
}

const formats = ['text', 'json', 'html', 'md'] as const;
type Format = (typeof formats)[number];

function formatOf(text: string | undefined, json: boolean, file: string | undefined): Format {
  const format =
    formats.find((each) => each === text) ??
    fail('usage', `"${text ?? ''}" is no format.`, `One of ${formats.join(', ')}.`);
  if (json && file === undefined && format !== 'text' && format !== 'json')
    fail('usage', `--json prints JSON and --format ${format} something else.`, 'Leave one out, or use --output.');
  return format;
}

const units = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** Milliseconds since 1970 of `24h` before `now`, or of a date; null without one. */
function timeOf(text: string | undefined, option: string, now: number): number | null {
  if (text === undefined) return null;
  const back = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  if (back) return now - Number(back[1]) * (units.get(back[2] ?? '') ?? 0);
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) fail('usage', `${option} is a time such as 24h or 2026-11-20T08:00Z, not "${text}".`);
  return time;
}

function documentOf(report: ProfileReport, format: Format): string {
  switch (format) {
    case 'json':
      return reportAsJson(report);
    case 'html':
      return reportAsHtml(report);
    case 'md':
      return reportAsMarkdown(report);
    case 'text':
      return describeReport(report);
  }
}

const shownShapes = 20;

function describeReport(report: ProfileReport): string {
  const shapes = report.shapes.slice(0, shownShapes);
  const lines = summaryLines({ ...report, notes: [] });
  if (shapes.length === 0) return lines.join('\n');
  lines.push(
    '',
    formatTable(
      ['id', 'namespace', 'op', 'count', 'total ms', 'mean', 'p95', 'max', 'examined', 'returned', 'plan', 'shape'],
      shapes.map((shape) => [
        shape.id,
        shape.ns,
        shape.op,
        formatCount(shape.count),
        formatMilliseconds(shape.totalMs),
        formatMilliseconds(shape.meanMs),
        formatMilliseconds(shape.p95Ms),
        formatMilliseconds(shape.maxMs),
        formatCount(shape.docsExamined),
        formatCount(shape.returned),
        shortened(planText(shape), 40),
        shortened(shape.shape, 100),
      ]),
      [3, 4, 5, 6, 7, 8, 9],
    ),
  );
  const hidden = report.shapes.length - shapes.length;
  if (hidden > 0) lines.push('', `${formatCount(hidden)} more shapes: --format json, html or md tells them.`);
  return lines.join('\n');
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
