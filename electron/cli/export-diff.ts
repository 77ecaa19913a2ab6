import { extname, resolve } from 'node:path';
import { exportFormats, type ExportRequest, type Preview } from '../../shared/restore';
import { fail } from '../../shared/result';
import { followJob, type CommandContext } from './command-context';

/** The format that a file's name asks for. Throws 'usage' for another one. */
export function exportFormatOf(file: string): ExportRequest['format'] {
  const extension = extname(file).slice(1).toLowerCase();
  const format = exportFormats.find((known) => known === extension);
  return (
    format ?? fail('usage', `--export takes a file whose name ends in .${exportFormats.join(', .')}, not "${file}".`)
  );
}

export async function exportDiff(context: CommandContext, preview: Preview, file: string): Promise<void> {
  const format = exportFormatOf(file);
  const { restores } = context.services;
  await followJob(context, await restores.exportDiff({ previewId: preview.id, format, path: resolve(file) }));
}
