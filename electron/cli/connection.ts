import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  connectionColours,
  environmentSchema,
  secretPlaceSchema,
  type Connection,
  type ConnectionTest,
} from '../../shared/connections';
import { AppFailure, fail } from '../../shared/result';
import { resolveTarget, runCommand, withTarget, type TargetOptions } from './command-context';
import { formatTable } from './output';

interface AddOptions {
  uri?: string;
  uriFile?: string;
  user?: string;
  passwordFile?: string;
  environment: string;
  colour: string;
  readOnly?: boolean;
  secret: string;
}

export function addConnectionCommands(program: Command): void {
  const connection = program.command('connection').description('saved connections');

  connection
    .command('add <name>')
    .description('save a connection; the password goes into a file encrypted with your passphrase')
    .option('--uri <uri>', 'connection string (without password)')
    .option('--uri-file <file>', 'a file that holds the connection string; its password is taken into the secret store')
    .option('--user <name>', 'user name')
    .option('--password-file <file>', 'a file that holds the password')
    .option('--environment <environment>', 'production, staging, development or sandbox', 'production')
    .option('--colour <colour>', connectionColours.join(', '), 'gray')
    .option('--read-only', 'refuse everything that writes to it')
    .option('--secret <place>', 'passphrase, ask or none', 'passphrase')
    .addHelpText(
      'after',
      '\nExample:\n  lifeboat connection add shop-prod --uri-file prod.uri --environment production --read-only',
    )
    .action((name: string, options: AddOptions, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const uri = options.uriFile
          ? (await readTextFile(options.uriFile, '--uri-file')).trim()
          : (options.uri ?? process.env.LIFEBOAT_URI);
        if (!uri) fail('usage', 'Which connection string?', 'Give --uri-file FILE, --uri URI, or set LIFEBOAT_URI.');
        const environment = environmentSchema.safeParse(options.environment);
        if (!environment.success) fail('usage', `"${options.environment}" is no environment.`, 'See --help.');
        const secretPlace = secretPlaceSchema.safeParse(options.secret);
        if (!secretPlace.success || secretPlace.data === 'keychain')
          fail('usage', `--secret knows passphrase, ask and none, not "${options.secret}".`);
        const colour = connectionColours.find((known) => known === options.colour);
        if (!colour) fail('usage', `"${options.colour}" is no colour.`, `One of ${connectionColours.join(', ')}.`);
        const password = options.passwordFile
          ? (await readTextFile(options.passwordFile, '--password-file')).replace(/\r?\n$/, '')
          : undefined;
        const added = await services.connections.add({
          name,
          colour,
          environment: environment.data,
          readOnly: options.readOnly === true,
          uri,
          username: options.user ?? null,
          ...(password === undefined ? {} : { password }),
          secretPlace: secretPlace.data,
        });
        output.answer(added, () => `Saved ${added.name} (${added.environment}${added.readOnly ? ', read-only' : ''}).`);
      }),
    );

  connection
    .command('list')
    .description('list the saved connections')
    .action((_options: unknown, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const connections = await services.connections.list();
        output.answer({ connections }, () => describeConnections(connections));
      }),
    );

  withTarget(connection.command('test [name]'))
    .description('connect and tell what was found, or exactly why not')
    .action((name: string | undefined, options: TargetOptions, command: Command) =>
      runCommand(command, async (context) => {
        const target = await resolveTarget(context, { ...options, ...(name ? { connection: name } : {}) });
        const result = await context.services.connections.test(target.id);
        if (result.error) throw new AppFailure(result.error);
        context.output.answer(result, () => describeTest(target.name, result));
      }),
    );

  connection
    .command('remove <name>')
    .description('forget a connection and its password; backups stay')
    .action((name: string, _options: unknown, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const { id } = await services.connections.get(name);
        await services.connections.remove(id);
        output.answer({ removed: name }, () => `Removed ${name}.`);
      }),
    );
}

async function readTextFile(file: string, option: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => fail('usage', `The file ${file} cannot be read.`, `Check ${option}.`));
}

function describeConnections(connections: readonly Connection[]): string {
  if (connections.length === 0)
    return 'No connection is saved yet. Add one with: lifeboat connection add NAME --uri-file FILE';
  return formatTable(
    ['name', 'environment', 'mode', 'user', 'connection string'],
    connections.map((saved) => [
      saved.name,
      saved.environment,
      saved.readOnly ? 'read-only' : 'read-write',
      saved.username ?? '',
      saved.uri,
    ]),
  );
}

function describeTest(name: string, result: ConnectionTest): string {
  const { deployment } = result;
  if (!deployment) return `${name}: reachable`;
  const lines = [
    `${name}: MongoDB ${deployment.serverVersion}, ${deployment.topology}${deployment.setName ? ` ${deployment.setName}` : ''}`,
    `feature compatibility version ${deployment.featureCompatibilityVersion ?? 'unknown'}`,
    `authenticated as ${result.authenticatedAs ?? 'nobody'}`,
  ];
  if (deployment.members.length > 0)
    lines.push(
      formatTable(
        ['member', 'state', 'lag'],
        deployment.members.map((member) => [
          member.host,
          member.state,
          member.lagSeconds === null ? '' : `${member.lagSeconds.toFixed(1)} s`,
        ]),
        [2],
      ),
    );
  lines.push(
    formatTable(
      ['to', 'privileges'],
      result.privileges.map((check) => [
        check.feature,
        check.granted ? 'granted' : `missing: ${check.missing.join(', ')}`,
      ]),
    ),
  );
  lines.push(...result.warnings.map((warning) => `warning: ${warning}`));
  return lines.join('\n');
}
