import type { Command } from 'commander';
import { fail } from '../../shared/result';
import type { Sandbox } from '../../shared/toolchain';
import { runCommand } from './command-context';
import { formatTable } from './output';

interface StartOptions {
  members: string;
  demo?: boolean;
}

export function addSandboxCommands(program: Command): void {
  const sandbox = program.command('sandbox').description('mongods of your own to try things on');

  sandbox
    .command('start')
    .description('start a replica set on loopback; it runs until "sandbox stop"')
    .option('--members <count>', '1 or 3', '3')
    .option('--demo', 'fill it with the demo shop')
    .addHelpText('after', '\nExample:\n  lifeboat sandbox start --members 3 --demo --json')
    .action((options: StartOptions, command: Command) =>
      runCommand(command, async ({ services, output, signal }) => {
        if (options.members !== '1' && options.members !== '3')
          fail('usage', `A sandbox has 1 or 3 members, not ${options.members}.`);
        const started = await services.sandboxes.start({
          members: options.members === '1' ? 1 : 3,
          purpose: options.demo ? 'demo' : 'scratch',
          detached: true,
          signal,
          report: (update) => output.phase(update.phase),
        });
        output.answer(
          { id: started.id, uri: started.uri, members: started.members },
          () => `${started.id} is up: ${started.uri}`,
        );
      }),
    );

  sandbox
    .command('stop [id]')
    .description('stop a sandbox and remove its files')
    .option('--all', 'stop every sandbox')
    .action((id: string | undefined, options: { all?: boolean }, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        if (!id && !options.all) fail('usage', 'Which sandbox?', 'Give its id, or --all.');
        const stopped = options.all ? await services.sandboxes.stopAll() : [await services.sandboxes.stop(id ?? '')];
        output.answer({ stopped: stopped.map((each) => each.id) }, () =>
          stopped.length === 0 ? 'No sandbox was running.' : `Stopped ${stopped.map((each) => each.id).join(', ')}.`,
        );
      }),
    );

  sandbox
    .command('list')
    .description('list the sandboxes that run')
    .action((_options: unknown, command: Command) =>
      runCommand(command, async ({ services, output }) => {
        const sandboxes = await services.sandboxes.list();
        output.answer({ sandboxes }, () => describeSandboxes(sandboxes));
      }),
    );
}

function describeSandboxes(sandboxes: readonly Sandbox[]): string {
  if (sandboxes.length === 0) return 'No sandbox is running. Start one with: lifeboat sandbox start --demo';
  return formatTable(
    ['id', 'purpose', 'since', 'uri'],
    sandboxes.map((running) => [running.id, running.purpose, running.startedAt, running.uri]),
  );
}
