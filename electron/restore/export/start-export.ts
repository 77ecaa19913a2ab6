import { randomBytes } from 'node:crypto';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Job } from '../../../shared/jobs';
import type { ExportRequest } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import type { RestoreDependencies } from '../dependencies';
import type { PreviewStore } from '../preview/preview-store';
import type { ExportTaskInput } from './export-task';

/**
 * A job whose result is the file's path: complete, or not there. Reads the target where the preview kept no version.
 * Throws 'usage' for a path that is not absolute, 'not-found' for a closed preview.
 */
export async function startExport(
  { jobs, tasks, connections, catalogue }: Pick<RestoreDependencies, 'jobs' | 'tasks' | 'connections' | 'catalogue'>,
  previews: PreviewStore,
  { previewId, format, path }: ExportRequest & { path: string },
): Promise<Job> {
  if (!isAbsolute(path)) fail('usage', `${path} is no whole path.`);
  const { preview, plan } = await previews.load(previewId);
  const { connectionId, backupId } = preview.request;
  const { archive, blockIndex } = await catalogue.location(backupId);
  const name = basename(path);
  const temporary = join(dirname(path), `.${name.slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
  const definition = {
    kind: 'export' as const,
    title: `Export the diff to ${name}`,
    phases: ['Writing'],
    connectionId,
  };
  return jobs.start(definition, async (context) => {
    await context.own(temporary);
    await connections.use(
      connectionId,
      async (deployment) => {
        const input: ExportTaskInput = {
          uri: deployment.toolUri(),
          preview,
          plan,
          previewFolder: previews.folderOf(previewId),
          archive,
          blockIndex,
          format,
          temporary,
          path,
        };
        await tasks.run<ExportTaskInput, null>('restore.export', input, {
          signal: context.signal,
          report: (update) => context.report(update),
          log: (line) => context.log(line),
        });
      },
      { signal: context.signal },
    );
    context.setResult(path);
  });
}
