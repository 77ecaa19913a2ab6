/** `profile start|set|stop|status|restore`: profilers for a time. */
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { formatBytes } from '../../shared/format';
import type { LeftOutMember, ProfilingLevel, ProfilingStatus, TimeBox } from '../../shared/profiling';
import { exitCodes, fail } from '../../shared/result';
import {
  collect,
  resolveTarget,
  runCommand,
  withTarget,
  type CommandContext,
  type GlobalOptions,
  type TargetOptions,
} from './command-context';
import { formatTable } from './output';

interface StartOptions extends TargetOptions {
  db: string[];
  host: string[];
  level: string;
  slowms: string;
  sampleRate: string;
  filter?: string;
  for: string;
  wait?: boolean;
  yes?: boolean;
}

/** Milliseconds between two looks at the clock, and at a member that was down. */
const lookEvery = 1000;
const retryEvery = 30_000;

export function addProfileControlCommands(profile: Command): void {
  const start = (name: string): Command =>
    withTarget(profile.command(name))
      .option('--db <name>', 'a database; may be repeated; all by default', collect, [])
      .option('--host <host:port>', 'a member; may be repeated; all that hold data by default', collect, [])
      .option('--level <level>', '0 nothing, 1 slow operations, 2 every operation', '1')
      .option('--slowms <ms>', 'what is slow, for the whole server and its log', '100')
      .option('--sample-rate <rate>', 'share of the slow operations that is recorded, 0 to 1', '1')
      .option('--filter <json>', 'only what matches it (Extended JSON, servers from 4.4.2 on)')
      .option('--for <time>', 'then everything is put back to what it was: 90s, 10m, 2h', '10m')
      .option('--wait', 'stay, and put it back on Ctrl-C as well')
      .option('--yes', 'do it, also level 2 on production')
      .action((options: StartOptions, command: Command) =>
        runCommand(command, (context) => startProfiling(context, options, command.optsWithGlobals<GlobalOptions>())),
      );
  start('start')
    .description('set profilers for a time; what they were is put back by itself')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  lifeboat profile start --connection shop-prod --db shop --slowms 50 --for 10m\n' +
        '  lifeboat profile start --connection shop-prod --level 2 --for 1m --wait --yes\n' +
        '\nShould the computer go down meanwhile, `lifeboat profile restore` from a schedule puts everything back.',
    );
  start('set').description('the same as start');

  withTarget(profile.command('stop'))
    .description('put profilers back to what they were, now')
    .addHelpText('after', '\nExample:\n  lifeboat profile stop --connection shop-prod')
    .action((options: TargetOptions, command: Command) =>
      runCommand(command, async (context) => {
        const target = await resolveTarget(context, options);
        answerBoxes(context, await context.services.profilers.restore({ connectionId: target.id, all: true }));
      }),
    );

  withTarget(profile.command('restore'))
    .description('put back profilers whose time is over or whose Lifeboat was ended; for schedules')
    .addHelpText(
      'after',
      '\nExamples:\n  lifeboat profile restore\n  LIFEBOAT_URI=mongodb://… lifeboat profile restore --json' +
        '\n\nWithout a target all saved connections are looked at.',
    )
    .action((options: TargetOptions, command: Command) =>
      runCommand(command, async (context) => {
        const isNamed = [options.connection, options.uri, options.uriFile, process.env.LIFEBOAT_URI].some(Boolean);
        const target = isNamed ? await resolveTarget(context, options) : null;
        answerBoxes(context, await context.services.profilers.restore(target ? { connectionId: target.id } : {}));
      }),
    );

  withTarget(profile.command('status'))
    .description('what the profilers of all members are set to')
    .addHelpText('after', '\nExample:\n  lifeboat profile status --connection shop-prod --json')
    .action((options: TargetOptions, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output, exitWith } = context;
        const target = await resolveTarget(context, options);
        // Before anything is told of them: what a killed predecessor left is put back first.
        await services.profilers.restore({ connectionId: target.id });
        const status = await services.profilers.status(target.id);
        output.answer(status, () => describeStatus(status));
        if (status.members.some(({ error }) => error !== null)) exitWith(exitCodes.warnings);
      }),
    );

  withTarget(profile.command('keep <box>', { hidden: true })).action(
    (box: string, options: TargetOptions, command: Command) =>
      runCommand(command, async (context) => {
        const uri = await firstLineOfStandardInput();
        const target = await resolveTarget(context, uri === '' ? options : { uri });
        await keep(context, target.id, box);
      }),
  );
}

async function startProfiling(context: CommandContext, options: StartOptions, globals: GlobalOptions): Promise<void> {
  const { services, output, exitWith } = context;
  const target = await resolveTarget(context, options);
  const level = levelOf(options.level);
  const order = {
    connectionId: target.id,
    hosts: options.host.length > 0 ? options.host : null,
    databases: options.db.length > 0 ? options.db : null,
    level,
    slowms: numberOf(options.slowms, '--slowms', -1, 86_400_000),
    sampleRate: numberOf(options.sampleRate, '--sample-rate', 0, 1),
    filter: options.filter ?? null,
    minutes: minutesOf(options.for),
    // A level that records all of what a production server does is asked for twice.
    typedName: level < 2 || options.yes ? target.name : null,
  };
  const preview = await services.profilers.preview(order);
  for (const line of [...preview.problems, ...preview.costs]) output.note(line);
  if (preview.guarded && order.typedName === null)
    fail('refused', `${target.name} may be production, and level 2 records everything.`, 'Say --yes to do it.');
  const { box, claimId } = await services.profilers.start(order, { outlives: !options.wait });
  for (const member of box.leftOut) output.note(leftOutText(member));
  if (box.leftOut.length > 0) exitWith(exitCodes.warnings);
  if (options.wait) {
    await waitUntil(Date.parse(box.until), context.signal);
    const ended = await services.profilers.release(claimId);
    answerBoxes(context, ended ? [ended] : []);
    return;
  }
  const isKept = await startKeeper(context, target, box, options, globals);
  if (!isKept) output.note('Put it back by `lifeboat profile restore`, from a schedule, when its time is over.');
  output.answer(box, () =>
    [...preview.changes, ...box.leftOut.map(leftOutText), `Until ${box.until}; then everything is put back.`].join(
      '\n',
    ),
  );
}

/** A process of its own that puts everything back when the time is over. The connection string goes through a pipe. */
async function startKeeper(
  { services }: CommandContext,
  target: { id: string; name: string },
  box: TimeBox,
  options: StartOptions,
  globals: GlobalOptions,
): Promise<boolean> {
  const program = process.argv[1];
  if (program === undefined) return false;
  const isSaved = options.connection !== undefined;
  const uri = isSaved ? '' : await services.connections.use(target.id, (open) => Promise.resolve(open.toolUri()));
  const { LIFEBOAT_URI: _uri, ...environment } = process.env;
  const child = spawn(
    process.execPath,
    [
      program,
      'profile',
      'keep',
      box.id,
      '--quiet',
      ...(isSaved ? [`--connection=${target.name}`] : []),
      ...(globals.dataDir === undefined ? [] : [`--data-dir=${globals.dataDir}`]),
      ...(globals.passphraseFile === undefined ? [] : [`--passphrase-file=${globals.passphraseFile}`]),
    ],
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: environment, windowsHide: true },
  );
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.stdin.once('error', () => resolve(false));
    child.stdin.end(`${uri}\n`, () => {
      child.unref();
      resolve(true);
    });
  });
}

async function firstLineOfStandardInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text.split('\n')[0]?.trim() ?? '';
}

/** Until the box is closed, by this process or another. */
async function keep({ services, signal }: CommandContext, connectionId: string, boxId: string): Promise<void> {
  for (;;) {
    const box = (await services.profilers.boxes()).find(({ id }) => id === boxId);
    if (!box || box.endedAt !== null || signal.aborted) return;
    if (Date.now() < Date.parse(box.until)) {
      await waitUntil(Math.min(Date.parse(box.until), Date.now() + lookEvery), signal);
      continue;
    }
    const [restored] = await services.profilers.restore({ connectionId });
    if (restored?.status === 'waiting') await waitUntil(Date.now() + retryEvery, signal);
    else await waitUntil(Date.now() + lookEvery, signal);
  }
}

async function waitUntil(time: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && Date.now() < time)
    await new Promise((resolve) => setTimeout(resolve, Math.min(200, time - Date.now())));
}

function answerBoxes({ output, exitWith }: CommandContext, boxes: TimeBox[]): void {
  output.answer({ boxes }, () =>
    boxes.length === 0 ? 'There was nothing to put back.' : boxes.map(describeBox).join('\n'),
  );
  if (boxes.some(({ status }) => status !== 'restored')) exitWith(exitCodes.warnings);
}

function leftOutText({ host, message }: LeftOutMember): string {
  return `${host} is left out and profiles as it did before: ${message}`;
}

function describeBox({ connectionName, status, databases, leftOut }: TimeBox): string {
  const notes = [
    ...databases.flatMap(({ host, database, note }) => (note ? [`  ${database} on ${host}: ${note}`] : [])),
    ...leftOut.map(({ host, message }) => `  ${host} was left out: ${message}`),
  ];
  const words: Record<TimeBox['status'], string> = {
    open: 'stays as it is, for somebody else',
    waiting: 'could not be put back yet',
    restored: 'is what it was',
    left: 'was changed by somebody else meanwhile: that was left',
  };
  return [`${connectionName} ${words[status]}.`, ...notes].join('\n');
}

function describeStatus({ members, boxes }: ProfilingStatus): string {
  const rows = members.flatMap(({ host, state, process: profiled, databases, error }) =>
    error
      ? [[host, state, '', '', '', '', '', error.message]]
      : databases.map(({ name, level, filter, collection, until }) => [
          host,
          state,
          name,
          String(level),
          String(profiled?.slowms ?? ''),
          String(profiled?.sampleRate ?? ''),
          collection
            ? `${formatBytes(collection.bytes)}${collection.maxBytes === null ? '' : ` of ${formatBytes(collection.maxBytes)}`}`
            : '',
          [filter === null ? '' : `filter ${filter}`, until === null ? '' : `until ${until}`]
            .filter(Boolean)
            .join(', '),
        ]),
  );
  const table = formatTable(
    ['member', 'state', 'database', 'level', 'slowms', 'rate', 'system.profile', ''],
    rows,
    [3, 4, 5],
  );
  const waiting = boxes.filter(({ status }) => status === 'waiting').map(describeBox);
  return [table, ...waiting].join('\n');
}

function levelOf(text: string): ProfilingLevel {
  const level = Number(text);
  return level === 0 || level === 1 || level === 2 ? level : fail('usage', `--level is 0, 1 or 2, not "${text}".`);
}

function numberOf(text: string, option: string, least: number, most: number): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number >= least && number <= most))
    fail('usage', `${option} is a number from ${least} to ${most}, not "${text}".`);
  return number;
}

function minutesOf(text: string): number {
  const [, amount, unit = 'm'] = /^(\d+(?:\.\d+)?)([smh])?$/.exec(text) ?? [];
  const minutes = Number(amount) * (unit === 's' ? 1 / 60 : unit === 'h' ? 60 : 1);
  if (!(minutes > 0 && minutes <= 24 * 60))
    fail('usage', `--for is a time up to 24h such as 90s or 10m, not "${text}".`);
  return minutes;
}
