import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatBytes, formatCount, formatQuantity } from '../../shared/format';
import type { IndexReview, PlanPreview, PlanResult, ReviewedIndex } from '../../shared/indexes';
import { exitCodes, fail } from '../../shared/result';
import { writeFileAtomically } from '../platform/durable-file';
import { followJob, resolveTarget, runCommand, withTarget, type TargetOptions } from './command-context';
import { formatTable } from './output';

interface ChangeOptions extends TargetOptions {
  yes?: boolean;
  unwatched?: boolean;
}

const example = `
A plan is JSON; everything beside name and key is an option of createIndexes:
  {"kind": "lifeboat-index-plan", "formatVersion": 1, "database": "shop", "collections": [
    {"collection": "orders", "indexes": [{"key": {"status": 1, "at": -1}}], "drop": ["status_1"]}]}
"exact": true beside "collection" drops what the plan does not name.`;

export function addIndexCommands(program: Command): void {
  const index = program.command('index').description('review, plan and change indexes, one at a time');
  addReview(index);
  addPlan(index);
  addChanges(index);
}

function addReview(index: Command): void {
  withTarget(index.command('review'))
    .description('sizes and uses on every member, and what could go or is missing; exit code 3 when there is a warning')
    .requiredOption('--db <database>', 'the database')
    .addHelpText('after', '\nExample:\n  lifeboat index review --connection shop-prod --db shop --json')
    .action((options: TargetOptions & { db: string }, command: Command) =>
      runCommand(command, async (context) => {
        const target = await resolveTarget(context, options);
        const review = await context.services.indexes.review(target.id, options.db, { signal: context.signal });
        if (review.collections.length === 0) fail('not-found', `There is no database ${options.db}, or nothing in it.`);
        context.output.answer(review, () => describeReview(review));
        if (review.findings.some(({ severity }) => severity === 'warning')) context.exitWith(exitCodes.differs);
      }),
    );
}

function addPlan(index: Command): void {
  withTarget(index.command('plan'))
    .description(
      'what a plan file would do; without one, writes down what exists as a plan; exit code 3 when something would change',
    )
    .argument('[file]', 'the plan')
    .option('--db <database>', 'without a file: the database to write down')
    .option('--out <file>', 'without a file: where to write it; stdout by default')
    .addHelpText('after', example)
    .action((file: string | undefined, options: TargetOptions & { db?: string; out?: string }, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output, exitWith } = context;
        if (file === undefined) {
          if (options.db === undefined)
            fail('usage', 'Which plan?', 'Name its file, or a database by --db to write down what exists.');
          const target = await resolveTarget(context, options);
          const text = await services.indexes.exportPlan(target.id, options.db);
          if (options.out !== undefined) await writeFileAtomically(options.out, text);
          output.answer(JSON.parse(text), () => (options.out === undefined ? text : `Wrote ${options.out}.`));
          return;
        }
        const plan = await readPlan(file);
        const target = await resolveTarget(context, options);
        const preview = await services.indexes.previewPlan({ connectionId: target.id, plan });
        output.answer(preview, () => describePreview(preview));
        if (preview.steps.some(({ action }) => action !== 'keep')) exitWith(exitCodes.differs);
      }),
    );

  withTarget(index.command('apply'))
    .description('do what a plan says, one index at a time; --yes is needed')
    .argument('<file>', 'the plan')
    .option('--yes', 'do it, on production too')
    .addHelpText('after', example)
    .action((file: string, options: ChangeOptions, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output } = context;
        const plan = await readPlan(file);
        const target = await resolveTarget(context, options);
        const preview = await services.indexes.previewPlan({ connectionId: target.id, plan });
        const wanted = preview.steps.filter(({ action }) => action !== 'keep');
        if (wanted.length === 0) {
          output.answer({ steps: [] }, () => 'Everything is as the plan says.');
          return;
        }
        if (!options.yes) {
          output.note(describePreview(preview));
          fail(
            'refused',
            `${formatQuantity(wanted.length, 'change')} would be made on ${target.name}.`,
            'Say --yes to make them.',
          );
        }
        const job = await services.indexes.applyPlan({
          connectionId: target.id,
          plan,
          fingerprint: preview.fingerprint,
          typedName: target.name,
        });
        const finished = await followJob(context, job);
        const result = await services.indexes.planResult(finished.resultId ?? '');
        output.answer(result, () => describeResult(result));
      }),
    );
}

function addChanges(index: Command): void {
  const verbs = [
    ['hide', 'have the planner overlook an index, as a rehearsal of dropping it'],
    ['unhide', 'let the planner use an index again'],
    ['drop', 'drop an index that was hidden and watched for a week; --yes is needed'],
  ] as const;
  for (const [verb, description] of verbs) {
    const command = withTarget(index.command(verb))
      .description(description)
      .argument('<namespace>', 'database.collection')
      .argument('<name>', 'the name of the index')
      .option('--yes', 'do it, on production too');
    if (verb === 'drop') command.option('--unwatched', 'also when it was not hidden and watched before');
    command.action((ns: string, name: string, options: ChangeOptions, self: Command) =>
      runCommand(self, async (context) => {
        const { services, output } = context;
        const target = await resolveTarget(context, options);
        if (verb === 'drop' && !options.yes)
          fail('refused', `The index ${name} of ${ns} would be dropped on ${target.name}.`, 'Say --yes to drop it.');
        const change = { connectionId: target.id, ns, name, typedName: options.yes ? target.name : null };
        if (verb === 'drop') {
          const dropped = await services.indexes.drop({ ...change, unwatched: options.unwatched === true });
          output.answer({ dropped }, () => `Dropped ${name} ${dropped.keyText} of ${ns}.`);
        } else {
          await services.indexes[verb](change);
          output.answer(
            { ns, name, hidden: verb === 'hide' },
            () => `${name} of ${ns} is ${verb === 'hide' ? 'hidden' : 'in use again'}.`,
          );
        }
      }),
    );
  }

  withTarget(index.command('validate'))
    .description('have the server check a collection and its indexes; it is locked meanwhile, so --yes is needed')
    .argument('<namespace>', 'database.collection')
    .option('--yes', 'do it, on production too')
    .action((ns: string, options: ChangeOptions, command: Command) =>
      runCommand(command, async (context) => {
        const target = await resolveTarget(context, options);
        requireYes(options, `${ns} would be locked on ${target.name} while it is validated.`);
        await followJob(
          context,
          await context.services.indexes.validate({ connectionId: target.id, ns, typedName: target.name }),
        );
        context.output.answer({ ns, valid: true }, () => `${ns} is valid.`);
      }),
    );

  withTarget(index.command('rebuild'))
    .description('drop an index and build it anew; it is missing meanwhile, so --yes is needed')
    .argument('<namespace>', 'database.collection')
    .argument('<name>', 'the name of the index')
    .option('--yes', 'do it, on production too')
    .action((ns: string, name: string, options: ChangeOptions, command: Command) =>
      runCommand(command, async (context) => {
        const target = await resolveTarget(context, options);
        requireYes(options, `${name} of ${ns} would be missing on ${target.name} while it is built.`);
        await followJob(
          context,
          await context.services.indexes.rebuild({ connectionId: target.id, ns, name, typedName: target.name }),
        );
        context.output.answer({ ns, name, rebuilt: true }, () => `${name} of ${ns} was built anew.`);
      }),
    );
}

function requireYes({ yes }: ChangeOptions, message: string): void {
  if (!yes) fail('refused', message, 'Say --yes to do it.');
}

async function readPlan(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => fail('not-found', `The plan ${file} cannot be read.`));
}

function usesText({ used, observedDays, uses }: ReviewedIndex): string {
  const total = uses.reduce((sum, { operations }) => sum + operations, 0);
  const days = observedDays === null ? '' : ` in ${observedDays < 1 ? 'under a day' : `${Math.floor(observedDays)} d`}`;
  return used === 'unknown' ? 'unknown' : `${formatCount(total)}${days}`;
}

function describeReview({ collections, findings, members, database }: IndexReview): string {
  const lines = [
    `${database}: uses of ${members.filter(({ problem }) => problem === null).length} of ${formatQuantity(members.length, 'member')}`,
  ];
  lines.push(
    formatTable(
      ['namespace', 'index', 'key', 'size', 'uses', ''],
      collections.flatMap(({ ns, indexes }) =>
        indexes.map((index) => [
          ns,
          index.name,
          index.keyText,
          index.bytes === null ? '' : formatBytes(index.bytes),
          usesText(index),
          Object.keys(index.options).join(', '),
        ]),
      ),
      [3],
    ),
  );
  if (findings.length === 0) return [...lines, '', 'Nothing to be mended was found.'].join('\n');
  return [
    ...lines,
    '',
    ...findings.map(({ severity, message, hint }) => `${severity}: ${message}${hint ? ` ${hint}` : ''}`),
  ].join('\n');
}

function describePreview({ steps }: PlanPreview): string {
  return formatTable(
    ['action', 'namespace', 'index', 'key', 'note'],
    steps.map(({ action, ns, name, keyText, note }) => [action, ns, name, keyText, note ?? '']),
  );
}

function describeResult({ steps }: PlanResult): string {
  return formatTable(
    ['outcome', 'action', 'namespace', 'index', 'ms'],
    steps.map(({ outcome, action, ns, name, ms }: PlanResult['steps'][number]) => [
      outcome,
      action,
      ns,
      name,
      formatCount(ms),
    ]),
    [4],
  );
}
