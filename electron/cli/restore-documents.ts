import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Preview } from '../../shared/restore';
import type { CommandContext } from './command-context';

const pageSize = 200;

/** One JSON line per differing document: `ns`, `_id` (canonical Extended JSON), `change`, and the changed paths. */
export async function writeDifferingDocuments(
  { services }: CommandContext,
  preview: Preview,
  file: string,
  withFields: boolean,
): Promise<void> {
  const stream = createWriteStream(file);
  await once(stream, 'open');
  for (const { ns } of preview.result.namespaces) {
    for (let offset = 0; ; offset += pageSize) {
      const page = await services.restores.documents({
        previewId: preview.id,
        ns,
        change: null,
        offset,
        limit: pageSize,
      });
      for (const document of page.documents) {
        const line: Record<string, unknown> = { ns, _id: JSON.parse(document.id), change: document.change };
        if (withFields && document.change === 'changed') {
          const diff = await services.restores.document({ previewId: preview.id, ns, index: document.index });
          line.fields = diff.rows
            .filter((row) => row.kind !== 'same')
            .map(({ path, kind, backup, target }) => ({ path, kind, backup, target }));
        }
        if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
      }
      if (offset + pageSize >= page.total) break;
    }
  }
  stream.end();
  await once(stream, 'close');
}
