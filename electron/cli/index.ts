/** `lifeboat <noun> <verb>`: the same services as the window. */
import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { maskControlCharacters } from '../../shared/format';
import { exitCodes } from '../../shared/result';
import { addAuditCommands } from './audit';
import { addBackupCommands } from './backup';
import { addChannelCommands } from './channels';
import { addConnectionCommands } from './connection';
import { addDoctorCommand } from './doctor';
import { addHealthCommands } from './health';
import { addIndexCommands } from './index-command';
import { addMetricsCommand } from './metrics';
import { addProfileCommands } from './profile';
import { addReplicaSetCommands } from './replica-set';
import { addRestoreCommands } from './restore';
import { createOutput } from './output';
import { addSandboxCommands } from './sandbox';
import { guardStandardStreams } from './standard-streams';

function createProgram(): Command {
  const program = new Command('lifeboat')
    .description('Backups, restores with a dry-run diff preview and proof, for MongoDB.')
    .version(version)
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--progress <style>', 'progress on stderr: bar, or json (a JSON line per step)')
    .option('--quiet', 'no progress')
    .option('--data-dir <folder>', 'where the state is kept (LIFEBOAT_HOME)')
    .option('--passphrase-file <file>', 'holds the passphrase of saved secrets (LIFEBOAT_PASSPHRASE_FILE)')
    .showHelpAfterError('(lifeboat --help lists the commands)')
    .addHelpText(
      'after',
      `
Exit codes: 0 done · 1 failed · 2 usage · 3 differences found or verification failed · 4 refused by a guard ·
            5 busy · 6 done with warnings · 7 unreachable · 130 cancelled

Examples:
  lifeboat doctor
  LIFEBOAT_URI=mongodb://localhost lifeboat backup run --db shop
  lifeboat restore diff latest --connection shop-prod --json
  lifeboat restore apply latest --mode exact --connection shop-prod`,
    );
  program.exitOverride();
  // What was typed comes back in messages: from a script it may hold anything.
  program.configureOutput({ writeErr: (text) => void process.stderr.write(maskControlCharacters(text)) });
  addDoctorCommand(program);
  addConnectionCommands(program);
  addSandboxCommands(program);
  addBackupCommands(program);
  addRestoreCommands(program);
  addProfileCommands(program);
  addIndexCommands(program);
  addHealthCommands(program);
  addMetricsCommand(program);
  addChannelCommands(program);
  addReplicaSetCommands(program);
  addAuditCommands(program);
  for (const command of allCommands(program)) {
    command.exitOverride();
    // `backup run shop` must not back up everything, nor `restore apply latest shop.orders` restore it.
    command.allowExcessArguments(false);
    inheritGlobalOptions(command, program);
  }
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

/** Lets global options stand after the verb as well: `backup list --json`. */
function inheritGlobalOptions(command: Command, program: Command): void {
  if (command.commands.length > 0) return;
  for (const option of program.options) {
    if (option.long !== '--version' && !command.options.some((own) => own.long === option.long))
      command.addOption(option);
  }
}

export async function main(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are answers; everything else that commander throws is a wrong call.
    if (error.exitCode === 0) return;
    process.exitCode = exitCodes.usage;
    if (argv.includes('--json')) answerWrongCall(error);
  }
}

/** Commander has told it on stderr by now. */
function answerWrongCall(error: CommanderError): void {
  const message = error.code === 'commander.help' ? 'Which command?' : error.message.replace(/^error: /, '');
  const output = createOutput({ json: true, progress: 'none' });
  output.answer({ error: { code: 'usage', message, hint: 'See --help.' } }, () => message);
}

const settleStreams = guardStandardStreams(process);

/** Settles when the command is done; plain Node ends by itself then, Electron's main process has to be told. */
export const finished = main(process.argv.slice(2)).then(settleStreams);
