/** `replica-set`: operations on a set, shown first and done when told to. */
import { extname } from 'node:path';
import type { Command } from 'commander';
import type { Job } from '../../shared/jobs';
import {
  operationSchema,
  reportFormats,
  type Operation,
  type OperationOutcome,
  type OperationReportFormat,
} from '../../shared/operations';
import { AppFailure, exitCodeOf, exitCodes, fail } from '../../shared/result';
import { writeOutcomeReport } from '../operations/reports/outcome-report';
import {
  collect,
  followJob,
  resolveTarget,
  runCommand,
  withTarget,
  type CommandContext,
  type TargetOptions,
} from './command-context';
import { describeFailure } from './output';
import { addReplicaSetHistory } from './replica-set-history';
import { memberChangeOf, numberOf, tagsOf } from './replica-set-options';
import { describeOutcome, describePreview } from './replica-set-text';

interface OperationOptions extends TargetOptions {
  set?: string;
  dryRun?: boolean;
  yes?: boolean;
  confirm?: string;
  report: string[];
}

const lead = `
Without --yes only the preview is shown: exit code 0 when it could be done, 4 when it is refused.
A saved production connection wants its name typed as well: --confirm NAME.
`;

export function addReplicaSetCommands(program: Command): void {
  const replicaSet = program
    .command('replica-set')
    .description('operations on a replica set: previewed, guarded, one change at a time');
  addElections(replicaSet);
  addConfiguration(replicaSet);
  addMembers(replicaSet);
  addCompact(replicaSet);
  addReplicaSetHistory(replicaSet);
}

function operationCommand(parent: Command, name: string, description: string, examples: readonly string[]): Command {
  return withTarget(parent.command(name))
    .description(description)
    .option('--set <name>', 'of a sharded deployment: the replica set')
    .option('--dry-run', 'show what would be done, which is what happens without --yes')
    .option('--yes', 'do it')
    .option('--confirm <name>', 'the name of the connection, which production wants typed')
    .option('--report <file>', 'write the outcome to a .md, .html or .json file (repeatable)', collect, [])
    .addHelpText('after', `${lead}\nExamples:\n${examples.map((line) => `  lifeboat replica-set ${line}`).join('\n')}`);
}

function addElections(parent: Command): void {
  operationCommand(parent, 'step-down', 'have the primary give way to another member', [
    'step-down --connection shop-prod',
    'step-down --connection shop-prod --seconds 120 --yes --confirm shop-prod',
  ])
    .option('--seconds <n>', 'how long it may not be primary again', '60')
    .option('--catch-up <n>', 'how many seconds it waits for a secondary to catch up', '10')
    .option('--force', 'also when nobody can take over')
    .action((options: OperationOptions & { seconds: string; catchUp: string; force?: boolean }, command: Command) =>
      perform(command, options, () => ({
        kind: 'step-down',
        seconds: numberOf('--seconds', options.seconds),
        catchUpSeconds: numberOf('--catch-up', options.catchUp),
        force: options.force === true,
      })),
    );

  operationCommand(parent, 'freeze', 'keep a secondary from being elected; 0 seconds ends that', [
    'freeze db2.example:27017 --connection shop-prod --seconds 600 --yes --confirm shop-prod',
  ])
    .argument('<host:port>', 'the secondary')
    .option('--seconds <n>', 'for how long', '60')
    .action((host: string, options: OperationOptions & { seconds: string }, command: Command) =>
      perform(command, options, () => ({ kind: 'freeze', host, seconds: numberOf('--seconds', options.seconds) })),
    );

  operationCommand(
    parent,
    'failover-test',
    'step down with clients at work, and measure; exit code 3 when it does not pass',
    ['failover-test --connection shop-staging --yes --report failover.html'],
  )
    .option('--return', 'have the former primary elected again at the end, a second election')
    .action((options: OperationOptions & { return?: boolean }, command: Command) =>
      perform(command, options, () => ({ kind: 'failover-test', returnToFormer: options.return === true })),
    );
}

function addConfiguration(parent: Command): void {
  operationCommand(parent, 'reconfigure', 'change priority, votes, hidden, delay and tags of members', [
    'reconfigure --connection shop-prod --change db3.example:27017,priority=0,hidden=true',
    'reconfigure --connection shop-prod --change db2:27017,priority=2 --change db3:27017,tags.dc=west --yes --confirm shop-prod',
  ])
    .option(
      '--change <host:port,name=value,...>',
      'priority, votes, hidden, delay (seconds), tags.NAME; tags= takes all tags away (repeatable)',
      collect,
      [],
    )
    .action((options: OperationOptions & { change: string[] }, command: Command) =>
      perform(command, options, () => {
        if (options.change.length === 0) fail('usage', 'What is to be changed?', 'Say --change HOST:PORT,priority=2.');
        return { kind: 'reconfigure', changes: options.change.map(memberChangeOf) };
      }),
    );
}

interface AddOptions extends OperationOptions {
  arbiter?: boolean;
  priority: string;
  votes: string;
  hidden?: boolean;
  delay: string;
  tag: string[];
}

function addMembers(parent: Command): void {
  operationCommand(parent, 'add-member', 'take a mongod in: without vote first, with its settings once it follows', [
    'add-member db4.example:27017 --connection shop-prod',
    'add-member db4.example:27017 --connection shop-prod --priority 0 --hidden --tag use=reports --yes --confirm shop-prod',
  ])
    .argument('<host:port>', 'as the members are to name it')
    .option('--arbiter', 'votes, but holds no data')
    .option('--priority <n>', 'its priority in elections', '1')
    .option('--votes <n>', '0 or 1', '1')
    .option('--hidden', 'not seen by clients; wants --priority 0')
    .option('--delay <seconds>', 'stays behind on purpose; wants --priority 0', '0')
    .option('--tag <name=value>', 'a tag (repeatable)', collect, [])
    .action((host: string, options: AddOptions, command: Command) =>
      perform(command, options, () => ({
        kind: 'add-member',
        host,
        arbiterOnly: options.arbiter === true,
        priority: numberOf('--priority', options.priority),
        votes: numberOf('--votes', options.votes) === 0 ? 0 : 1,
        hidden: options.hidden === true,
        delaySeconds: numberOf('--delay', options.delay),
        tags: tagsOf(options.tag),
      })),
    );

  operationCommand(parent, 'remove-member', 'take a member out; its mongod goes on running', [
    'remove-member db4.example:27017 --connection shop-prod --yes --confirm shop-prod',
  ])
    .argument('<host:port>', 'the member')
    .action((host: string, options: OperationOptions, command: Command) =>
      perform(command, options, () => ({ kind: 'remove-member', host })),
    );

  operationCommand(parent, 'replace-member', "give a new mongod a member's place and settings", [
    'replace-member db2.example:27017 db5.example:27017 --connection shop-prod --yes --confirm shop-prod',
  ])
    .argument('<host:port>', 'the member')
    .argument('<new host:port>', 'what takes its place')
    .action((host: string, newHost: string, options: OperationOptions, command: Command) =>
      perform(command, options, () => ({ kind: 'replace-member', host, newHost })),
    );
}

function addCompact(parent: Command): void {
  operationCommand(parent, 'compact', 'give unused space of collections back to the disk, on one member', [
    'compact db2.example:27017 shop.orders shop.carts --connection shop-prod --yes --confirm shop-prod',
  ])
    .argument('<host:port>', 'the member, a secondary by preference')
    .argument('<namespace...>', 'database.collection')
    .option('--force', 'on the primary, too')
    .action((host: string, namespaces: string[], options: OperationOptions & { force?: boolean }, command: Command) =>
      perform(command, options, () => ({ kind: 'compact', host, namespaces, force: options.force === true })),
    );
}

function parse(operation: Operation): Operation {
  const parsed = operationSchema.safeParse(operation);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return fail('usage', `${issue?.path.map(String).join('.') ?? operation.kind}: ${issue?.message ?? 'is not valid'}.`);
}

function formatOf(file: string): OperationReportFormat {
  const format = reportFormats.find((known) => extname(file).toLowerCase() === `.${known}`);
  return format ?? fail('usage', `${file} has no ending that tells the format.`, 'Name it .md, .html or .json.');
}

function perform(command: Command, options: OperationOptions, make: () => Operation): Promise<void> {
  return runCommand(command, async (context) => {
    const { services, output } = context;
    const operation = parse(make());
    const reports = options.report.map((file) => ({ file, format: formatOf(file) }));
    const target = await resolveTarget(context, options);
    const request = { connectionId: target.id, set: options.set ?? null, operation };
    const preview = await services.operations.preview(request);
    if (!options.yes || options.dryRun) {
      output.answer(preview, () => describePreview(preview));
      if (preview.refusal) {
        output.note(describeFailure(preview.refusal));
        context.exitWith(exitCodeOf(preview.refusal.code));
      } else output.note('Nothing was done: say --yes to do it.');
      return;
    }
    output.note(describePreview(preview));
    // An address is the only name that a connection has which is not saved.
    const typedName = options.confirm ?? (options.connection === undefined ? target.name : null);
    const job = await services.operations.start({ ...request, pin: preview.pin, typedName });
    const outcome = await follow(context, job);
    for (const { file, format } of reports) await writeOutcomeReport(outcome, format, file);
    output.answer(outcome, () => describeOutcome(outcome));
  });
}

/** The outcome, also of what failed, with the exit code that goes with it. */
async function follow(context: CommandContext, job: Job): Promise<OperationOutcome> {
  const { services, output, exitWith } = context;
  try {
    await followJob(context, job);
  } catch (error) {
    if (!(error instanceof AppFailure)) throw error;
    const { code } = error.error;
    if (code === 'cancelled') exitWith(exitCodes.cancelled);
    else {
      output.note(describeFailure(error.error));
      exitWith(exitCodeOf(code));
    }
  }
  const { resultId } = await services.jobs.get(job.id);
  return services.operations.outcome(resultId ?? '');
}
