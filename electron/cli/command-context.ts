/** What every command of the line shares: options, services, the target connection, following a job. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { createServices, type Services } from '../app';
import { resolveDataFolder } from '../platform/data-folder';
import { toAppError } from '../platform/failures';
import { isFinished, type Job } from '../../shared/jobs';
import { AppFailure, exitCodeOf, exitCodes, fail } from '../../shared/result';
import { createOutput, type Output, type ProgressStyle } from './output';
import { createPassphraseSecrets } from './passphrase';
import { cliEnvironment } from './environment';

export interface GlobalOptions {
  json?: boolean;
  quiet?: boolean;
  progress?: string;
  dataDir?: string;
  passphraseFile?: string;
}

export interface TargetOptions {
  connection?: string;
  uri?: string;
  uriFile?: string;
}

export interface CommandContext {
  services: Services;
  output: Output;
  /** Ends with this exit code when the command returns; 0 until set. */
  exitWith(code: number): void;
  signal: AbortSignal;
}

function chooseProgress(options: GlobalOptions, terminal: boolean): ProgressStyle {
  if (options.quiet) return 'none';
  if (options.progress === 'json') return 'json';
  if (options.progress !== undefined && options.progress !== 'bar')
    fail('usage', `--progress knows "json" and "bar", not "${options.progress}".`);
  return terminal ? 'bar' : 'lines';
}

/**
 * Runs one command: makes the services, turns failures into text and exit codes, cancels on Ctrl-C, and closes what was
 * opened. Sets `process.exitCode`.
 */
export async function runCommand(command: Command, work: (context: CommandContext) => Promise<void>): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  let output = createOutput({ json: options.json === true, progress: 'none' });
  let services: Services | null = null;
  let exitCode: number = exitCodes.done;
  const cancel = new AbortController();
  const onSignal = () => {
    if (cancel.signal.aborted) process.exit(exitCodes.cancelled);
    cancel.abort();
    output.note('Cancelling; once more to stop without cleaning up.');
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    output = createOutput({
      json: options.json === true,
      progress: chooseProgress(options, process.stderr.isTTY === true),
    });
    const dataFolder = resolveDataFolder(options.dataDir);
    services = await createServices({
      ...cliEnvironment(),
      dataFolder,
      origin: 'cli',
      secrets: createPassphraseSecrets(dataFolder, options.passphraseFile, output),
    });
    await work({
      services,
      output,
      signal: cancel.signal,
      exitWith: (code) => {
        exitCode = code;
      },
    });
  } catch (error) {
    const appError = toAppError(error, services?.logger);
    output.failure(appError);
    exitCode = exitCodeOf(appError.code);
  } finally {
    await services?.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
  process.exitCode = exitCode;
}

/** The connection a command works on: a saved one by name, or one that lives as long as the command. */
export async function resolveTarget(
  { services, output }: CommandContext,
  options: TargetOptions,
): Promise<{ id: string; name: string }> {
  requireOneTarget(options);
  if (options.connection !== undefined) return services.connections.get(options.connection);
  if (options.uri !== undefined) {
    if (/^[^:]+:\/\/[^/@]*:[^/@]*@/.test(options.uri))
      output.note(
        'warning: a password in --uri is visible to every user of this machine; use --uri-file or LIFEBOAT_URI.',
      );
    return services.connections.ephemeral(options.uri);
  }
  if (options.uriFile !== undefined) {
    const text = await readFile(options.uriFile, 'utf8').catch(() =>
      fail(
        'usage',
        `The file ${options.uriFile} cannot be read.`,
        'Give --uri-file a file that holds a connection string.',
      ),
    );
    return services.connections.ephemeral(text.trim());
  }
  const fromEnvironment = process.env.LIFEBOAT_URI;
  if (fromEnvironment) return services.connections.ephemeral(fromEnvironment);
  return fail('usage', 'Which deployment?', 'Give --connection NAME, --uri-file FILE, or set LIFEBOAT_URI.');
}

/** Throws 'usage' where the target is named twice, or by an empty text as of a variable that is not set. */
function requireOneTarget({ connection, uri, uriFile }: TargetOptions): void {
  const given = Object.entries({ '--connection': connection, '--uri': uri, '--uri-file': uriFile }).filter(
    ([, value]) => value !== undefined,
  );
  const names = given.map(([name]) => name);
  if (names.length > 1) fail('usage', `${names.join(' and ')} name a target each.`, 'Give one of them.');
  if (given.some(([, value]) => value === '')) fail('usage', `${names.join()} is empty.`, 'Say which deployment.');
}

/** Adds the ways to name a target to a command. */
export function withTarget(command: Command): Command {
  return command
    .option('--connection <name>', 'a saved connection, by name')
    .option('--uri-file <file>', 'a file that holds the connection string')
    .option('--uri <uri>', 'a connection string without password (LIFEBOAT_URI may hold one)');
}

/** Shows a job's progress until it ends; throws its failure; Ctrl-C cancels it. Returns the finished job. */
export async function followJob({ services, output, signal, exitWith }: CommandContext, job: Job): Promise<Job> {
  const stop = services.jobs.onChange((changed) => {
    if (changed.id === job.id) output.job(changed);
  });
  const cancel = () => void services.jobs.cancel(job.id);
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  try {
    const finished = await services.jobs.wait(job.id);
    if (!isFinished(finished.status)) fail('internal', `Job ${job.id} ended without an end state.`);
    for (const warning of finished.warnings) output.note(`warning: ${warning}`);
    if (finished.error) throw new AppFailure(finished.error);
    if (finished.status === 'cancelled') fail('cancelled', `${finished.title} was cancelled; nothing is left of it.`);
    if (finished.status === 'succeeded-with-warnings') exitWith(exitCodes.warnings);
    return finished;
  } finally {
    signal.removeEventListener('abort', cancel);
    stop();
  }
}

/** Collects a repeatable option. */
export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
