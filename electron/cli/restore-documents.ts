import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Preview } from '../../shared/restore';
import { toStoreFailure } from '../platform/failures';
import type { CommandContext } from './command-context';

const pageSize = 200;

/**
 * One JSON line per differing document: `ns`, `_id` (canonical Extended JSON), `change`, and the changed paths. Throws
 * 'disk-full' or 'store-unavailable'; a file that could not be finished is removed.
 */
export async function writeDifferingDocuments(
  context: CommandContext,
  preview: Preview,
  file: string,
  withFields: boolean,
): Promise<void> {
  try {
    // Documents of the target may be in it: for the user alone.
    const handle = await open(file, 'w', 0o600);
    try {
      await writeLines(context, preview, handle, withFields);
    } catch (error) {
      // Not a pipe or a terminal that was named.
      if ((await handle.stat()).isFile()) await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toStoreFailure(error, file);
  }
}

async function writeLines(
  { services }: CommandContext,
  preview: Preview,
  handle: FileHandle,
  withFields: boolean,
): Promise<void> {
  for (const { ns } of preview.result.namespaces) {
    for (let offset = 0; ; offset += pageSize) {
      const page = await services.restores.documents({
        previewId: preview.id,
        ns,
        change: null,
        offset,
        limit: pageSize,
      });
      const lines: string[] = [];
      for (const document of page.documents) {
        const line: Record<string, unknown> = { ns, _id: JSON.parse(document.id), change: document.change };
        if (withFields && document.change === 'changed') {
          const diff = await services.restores.document({ previewId: preview.id, ns, index: document.index });
          line.fields = diff.rows
            .filter((row) => row.kind !== 'same')
            .map(({ path, kind, backup, target }) => ({ path, kind, backup, target }));
        }
        lines.push(`${JSON.stringify(line)}\n`);
      }
      if (lines.length > 0) await handle.writeFile(lines.join(''));
      if (offset + pageSize >= page.total) break;
    }
  }
}
