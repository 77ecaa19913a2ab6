import type { Command } from 'commander';
import { version } from '../../package.json';
import { gatherFigures } from '../metrics/gather';
import { createFiguresRegistry } from '../metrics/prometheus-text';
import { writeFileDurably } from '../platform/durable-file';
import { toStoreFailure } from '../platform/failures';
import { collect, resolveTarget, runCommand, type CommandContext } from './command-context';

interface MetricsOptions {
  connection: string[];
  uriFile?: string;
  output?: string;
}

export function addMetricsCommand(program: Command): void {
  program
    .command('metrics')
    .description('backups, members, lag, oplog window and alerts as Prometheus text')
    .option('--connection <name>', 'a saved connection, by name; may be given several times', collect, [])
    .option('--uri-file <file>', 'a file that holds a connection string (LIFEBOAT_URI may hold one)')
    .option('--output <file>', 'write there, whole or not at all: for the textfile collector')
    .addHelpText(
      'after',
      '\nWithout a target every saved connection is looked at. One that does not answer is told as such.\n' +
        'Alert rules and a dashboard that fit: resources/prometheus, resources/grafana.\n\nExamples:\n' +
        '  lifeboat metrics --connection shop-prod\n' +
        '  lifeboat metrics --output /var/lib/node_exporter/textfile/lifeboat.prom',
    )
    .action((options: MetricsOptions, command: Command) =>
      runCommand(command, async (context) => {
        const { services, output } = context;
        const connectionIds = await targetsOf(context, options);
        const figures = await gatherFigures(services, { connectionIds, version });
        for (const { name, sample } of figures.deployments)
          if (sample.problem) output.note(`warning: ${name}: ${sample.problem.message}`);
        const registry = createFiguresRegistry(figures);
        const text = await registry.metrics();
        if (options.output === undefined) {
          const value = output.json ? await registry.getMetricsAsJSON() : null;
          output.answer(value, () => text);
          return;
        }
        const file = options.output;
        // Read by the collector, which is another user.
        await writeFileDurably(file, text, 0o644).catch((error: unknown) => {
          throw toStoreFailure(error, file);
        });
        output.answer({ written: file, deployments: figures.deployments.length }, () => `Written to ${file}.`);
      }),
    );
}

/** Null: every saved connection. */
async function targetsOf(context: CommandContext, options: MetricsOptions): Promise<string[] | null> {
  if (options.connection.length > 0) {
    const chosen = await Promise.all(options.connection.map((name) => context.services.connections.get(name)));
    return chosen.map(({ id }) => id);
  }
  const isGiven = options.uriFile !== undefined || process.env['LIFEBOAT_URI'];
  return isGiven ? [(await resolveTarget(context, { uriFile: options.uriFile })).id] : null;
}
