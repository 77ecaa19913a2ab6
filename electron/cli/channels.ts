import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import {
  channelInputSchema,
  pagerDutyEndpoint,
  type ChannelEntry,
  type ChannelInput,
  type ChannelTest,
} from '../../shared/channels';
import { AppFailure, fail } from '../../shared/result';
import { runCommand } from './command-context';
import { formatTable } from './output';

export function addChannelCommands(program: Command): void {
  const channels = program.command('channels').description('where alerts are told: webhooks, Slack, PagerDuty, e-mail');

  channels
    .command('list')
    .description('the channels, what waits for them and what was given up')
    .action((_options: unknown, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const entries = await services.channels.list();
        output.answer({ channels: entries }, () => describeChannels(entries));
      }),
    );

  channels
    .command('add <name>')
    .description('save a channel; its secrets go into a file encrypted with your passphrase')
    .requiredOption('--file <file>', 'a JSON file that describes it; it may be removed afterwards')
    .addHelpText(
      'after',
      '\nThe file holds "settings" and "secrets", and where they differ from the usual "leastSeverity" (high), "enabled",\n' +
        '"connectionIds", "environments", "sendRecovery":\n' +
        '  { "settings": { "kind": "slack" }, "secrets": { "url": "https://hooks.slack.com/services/…" } }\n' +
        '  { "settings": { "kind": "pagerduty" }, "secrets": { "routingKey": "…" }, "leastSeverity": "critical" }\n' +
        '  { "settings": { "kind": "email", "host": "mail.example.com", "port": 587, "security": "starttls",\n' +
        '                  "username": "lifeboat", "from": "lifeboat@example.com", "to": ["dba@example.com"] },\n' +
        '    "secrets": { "password": "…" } }\n\n' +
        'Example:\n  lifeboat channels add on-call --file on-call.json && rm on-call.json',
    )
    .action((name: string, options: { file: string }, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const added = await services.channels.add(await readInput(name, options.file));
        output.answer(added, () => `Saved ${added.name} (${added.settings.kind}, to ${added.destination}).`);
      }),
    );

  channels
    .command('test <name>')
    .description('send a message that is marked as a test, and tell what was answered')
    .addHelpText('after', '\nExample:\n  lifeboat channels test on-call')
    .action((name: string, _options: unknown, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const channel = await services.channels.get(name);
        const result = await services.channels.test(channel.id);
        if (result.error) throw new AppFailure(result.error);
        output.answer(result, () => describeTest(channel.name, result));
      }),
    );

  channels
    .command('remove <name>')
    .description('forget a channel, its secrets and what waits for it')
    .action((name: string, _options: unknown, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const { id, name: known } = await services.channels.get(name);
        await services.channels.remove(id);
        output.answer({ removed: known }, () => `Removed ${known}.`);
      }),
    );
}

/** What a file may leave out. */
const usualSettings: Readonly<Record<string, Record<string, unknown>>> = {
  webhook: { caFile: null },
  slack: { caFile: null },
  pagerduty: { caFile: null, endpoint: pagerDutyEndpoint },
  email: { caFile: null, username: null },
};

const describedSchema = z.looseObject({ settings: z.looseObject({ kind: z.string() }) });

async function readInput(name: string, file: string): Promise<ChannelInput> {
  const text = await readFile(file, 'utf8').catch(() =>
    fail('usage', `The file ${file} cannot be read.`, 'Check --file.'),
  );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('usage', `${file} is not JSON.`, 'See "lifeboat channels add --help".');
  }
  const described = describedSchema.safeParse(value);
  if (!described.success)
    return fail('usage', `${file} does not say which kind of channel.`, 'See "lifeboat channels add --help".');
  const { settings } = described.data;
  const parsed = channelInputSchema.safeParse({
    enabled: true,
    leastSeverity: 'high',
    connectionIds: null,
    environments: null,
    sendRecovery: true,
    secrets: {},
    ...described.data,
    settings: { ...usualSettings[settings.kind], ...settings },
    name,
    secretPlace: 'passphrase',
  });
  if (parsed.success) return parsed.data;
  // Only where and why: what was written there may be a secret.
  const [issue] = parsed.error.issues;
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.map(String).join('.')}` : '';
  return fail('usage', `${file} describes no channel${where}.`, issue?.message);
}

function describeChannels(entries: readonly ChannelEntry[]): string {
  if (entries.length === 0) return 'There is no channel. Add one with: lifeboat channels add NAME --file FILE';
  const table = formatTable(
    ['name', 'kind', 'to', 'from severity', 'state', 'waiting', 'given up'],
    entries.map(({ channel, problem, waiting, dead, last }) => [
      channel.name,
      channel.settings.kind,
      channel.destination,
      channel.leastSeverity,
      stateOf({ channel, problem, last }),
      String(waiting),
      String(dead),
    ]),
    [5, 6],
  );
  const problems = entries.flatMap(({ channel, problem }) =>
    problem && channel.enabled ? [`${channel.name}: ${problem.message}`] : [],
  );
  return [table, ...(problems.length > 0 ? ['', ...problems] : [])].join('\n');
}

function stateOf({ channel, problem, last }: Pick<ChannelEntry, 'channel' | 'problem' | 'last'>): string {
  if (!channel.enabled) return 'off';
  if (problem) return 'not usable here';
  if (!last) return 'nothing sent yet';
  return last.error ? last.error.message : `delivered ${new Date(last.at).toISOString()}`;
}

function describeTest(name: string, { answer, tookMs }: ChannelTest): string {
  return `${name}: ${answer ?? 'taken'} after ${tookMs} ms`;
}
