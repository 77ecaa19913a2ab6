import type { Command } from 'commander';
import type { Incident } from '../../shared/alerts';
import { formatDuration } from '../../shared/format';
import { membersOf, type DeploymentSample, type MemberSample } from '../../shared/health';
import { AppFailure, errorCodeSchema, exitCodes, fail } from '../../shared/result';
import type { WatchUpdate } from '../health/watch-deployment';
import { resolveTarget, runCommand, withTarget, type TargetOptions } from './command-context';
import { formatTable } from './output';

interface WatchCommandOptions extends TargetOptions {
  interval: string;
  samples?: string;
  exitOnCritical?: boolean;
}

export function addHealthCommands(program: Command): void {
  const health = program.command('health').description('members, lag, oplog window and alerts of a deployment');

  withTarget(health.command('snapshot'))
    .description('how the deployment is now; exit code 3 when a critical rule is broken')
    .addHelpText(
      'after',
      '\nExamples:\n  lifeboat health snapshot --connection shop-prod\n  lifeboat health snapshot --connection shop-prod --json',
    )
    .action((options: TargetOptions, command: Command) =>
      runCommand(command, async (context) => {
        const target = await resolveTarget(context, options);
        const { sample, alerts } = await context.services.health.snapshot(target.id);
        refuseUnknown(sample);
        context.output.answer(describeAsJson(sample, alerts), () => describeAsText(sample, alerts));
        if (alerts.some(isCritical)) context.exitWith(exitCodes.differs);
      }),
    );

  withTarget(health.command('watch'))
    .description('sample until Ctrl-C; exit code 3 when a critical alert fired meanwhile')
    .option('--interval <seconds>', 'seconds between samples, 1 to 60', '5')
    .option('--samples <count>', 'end after so many samples')
    .option('--exit-on-critical', 'end when a critical alert fires')
    .addHelpText(
      'after',
      '\nOf a saved connection the history and the alerts are kept, as the window keeps them.\n' +
        'With --json every sample is one line.\n\nExamples:\n' +
        '  lifeboat health watch --connection shop-prod --interval 5\n' +
        '  lifeboat health watch --connection shop-prod --json --exit-on-critical',
    )
    .action((options: WatchCommandOptions, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output, signal } = context;
        const intervalMs = numberOf(options.interval, '--interval', 1, 60) * 1000;
        const most = options.samples === undefined ? Infinity : numberOf(options.samples, '--samples', 1, 1e9);
        const target = await resolveTarget(context, options);
        const record = options.connection !== undefined;
        // Whoever records tells the channels.
        for (const { channel, problem } of record ? await services.channels.start() : [])
          output.note(
            `warning: ${channel.name} is not told from here: ${problem.message} ${problem.hint ?? ''}`.trim(),
          );
        let firedCritical = false;
        let samples = 0;
        let end: () => void = () => undefined;
        const ended = new Promise<void>((resolve) => (end = resolve));
        signal.addEventListener('abort', end);
        output.onReaderGone(end);
        const watch = await services.health.watch(target.id, { intervalMs, record }, (update) => {
          samples++;
          output.line(lineOf(update), () => textLineOf(update));
          firedCritical ||= update.alerts.some(isCritical);
          if (samples >= most || (firedCritical && options.exitOnCritical)) end();
        });
        if (!signal.aborted) await ended;
        await watch.stop();
        if (firedCritical) context.exitWith(exitCodes.differs);
      }),
    );
}

function numberOf(text: string, option: string, least: number, most: number): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number < least || number > most)
    fail('usage', `${option} is a number from ${least} to ${most}, not "${text}".`);
  return number;
}

function isCritical({ severity, silenced }: Incident): boolean {
  return severity === 'critical' && !silenced;
}

/** Nothing is known of a deployment of which nobody answered. */
function refuseUnknown({ topology, problem }: DeploymentSample): void {
  if (topology !== 'unknown' || !problem) return;
  const code = errorCodeSchema.safeParse(problem.code);
  throw new AppFailure({ code: code.success ? code.data : 'unreachable', message: problem.message });
}

function memberAsJson(member: MemberSample) {
  const { lagSeconds, ...metrics } = member.metrics;
  return {
    host: member.host,
    role: member.role,
    state: member.state,
    /** As replSetGetStatus has it: 1 where it is well. */
    health: member.answered && member.heardByOthers !== false ? 1 : 0,
    lagSeconds,
    answered: member.answered,
    problem: member.problem,
    syncSource: member.syncSource,
    term: member.term,
    version: member.version,
    uptimeSeconds: member.uptimeSeconds,
    configuration: member.configuration,
    metrics,
  };
}

/** The shortest window among the members: what every one of them can be caught up from. */
function oplogWindow(members: readonly MemberSample[]): number | null {
  const windows = members
    .map(({ metrics }) => metrics.oplogWindowHours)
    .filter((hours): hours is number => hours !== null);
  return windows.length === 0 ? null : Math.min(...windows);
}

export function describeAsJson(sample: DeploymentSample, alerts: readonly Incident[]) {
  const only = sample.sets.length === 1 ? sample.sets[0] : undefined;
  return {
    at: new Date(sample.at).toISOString(),
    topology: sample.topology,
    set: only?.name ?? null,
    primary: only?.primary ?? null,
    members: membersOf(sample).map(memberAsJson),
    oplogWindowHours: oplogWindow(membersOf(sample)),
    alerts: alerts.map(({ ruleId, name, severity, set, host, text, value, since, silenced }) => ({
      rule: ruleId,
      name,
      severity,
      set,
      host,
      text,
      value,
      since: new Date(since).toISOString(),
      silenced,
    })),
    ...(sample.topology === 'sharded'
      ? {
          sets: sample.sets.map(({ name, shard, primary, members }) => ({
            name,
            shard,
            primary,
            members: members.map(({ host }) => host),
          })),
        }
      : {}),
    problem: sample.problem,
  };
}

function lineOf({ sample, events, alerts, notices }: WatchUpdate) {
  return {
    ...describeAsJson(sample, alerts),
    events,
    notices: notices.map(({ kind, incident }) => ({
      kind,
      rule: incident.ruleId,
      severity: incident.severity,
      host: incident.host,
    })),
  };
}

const unknown = '–';

function describeAsText(sample: DeploymentSample, alerts: readonly Incident[]): string {
  const rows = membersOf(sample).map(({ host, state, metrics }) => [
    host,
    state,
    metrics.lagSeconds === null ? unknown : `${metrics.lagSeconds.toFixed(1)} s`,
    metrics.oplogWindowHours === null ? unknown : formatDuration(metrics.oplogWindowHours * 3600),
    metrics.connections === null ? unknown : String(metrics.connections),
    metrics.cacheUsedPercent === null ? unknown : `${metrics.cacheUsedPercent.toFixed(0)} %`,
    metrics.diskUsedPercent === null ? unknown : `${metrics.diskUsedPercent.toFixed(0)} %`,
  ]);
  const sets = sample.sets.map(
    ({ name, primary }) => `${name}: ${primary === null ? 'no primary' : `primary ${primary}`}`,
  );
  const table = formatTable(['member', 'state', 'lag', 'oplog', 'connections', 'cache', 'disk'], rows, [2, 3, 4, 5, 6]);
  const told = alerts.map(
    ({ severity, name, host, text }) => `${severity}: ${name}${host === null ? '' : ` (${host})`}: ${text}`,
  );
  return [...sets, table, ...(told.length > 0 ? ['', ...told] : ['', 'No rule is broken.'])].join('\n');
}

function textLineOf({ sample, events, alerts }: WatchUpdate): string {
  const time = new Date(sample.at).toISOString();
  const members = membersOf(sample).map(
    ({ host, state, metrics: { lagSeconds } }) =>
      `${host} ${state}${lagSeconds === null ? '' : ` ${lagSeconds.toFixed(1)} s`}`,
  );
  const firing = alerts.length === 0 ? 'well' : `${alerts.length} firing`;
  return [`${time}  ${firing}  ${members.join('  ')}`, ...events.map(({ text }) => `${time}  ${text}`)].join('\n');
}
