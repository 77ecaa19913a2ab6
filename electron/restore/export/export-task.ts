/** Writes a preview's diff to a file, in a worker thread. */
import { open, rm, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { MongoClient } from 'mongodb';
import type { ExportRequest, Preview } from '../../../shared/restore';
import { fail } from '../../../shared/result';
import { diffDocuments, summariseDocument } from '../../diff/document-diff';
import type { Task, TaskContext } from '../../jobs/task';
import { renameDurably } from '../../platform/durable-file';
import { forEachDifference, idOf, type PairSource } from '../documents/document-pairs';
import type { PlanNamespace } from '../preview/preview-store';
import { createCsvWriter } from './csv';
import type { ExportWriter } from './export-writer';
import { createHtmlWriter } from './html';
import { createNdjsonWriter } from './ndjson';

export interface ExportTaskInput {
  /** Connection string with secrets. */
  uri: string;
  preview: Preview;
  plan: PlanNamespace[];
  previewFolder: string;
  archive: string;
  blockIndex: string;
  format: ExportRequest['format'];
  /** Written first; beside `path`. */
  temporary: string;
  /** Replaced when it is complete, and only then. */
  path: string;
}

const bufferedCharacters = 512 * 1024;

const writers: Readonly<Record<ExportRequest['format'], () => ExportWriter>> = {
  ndjson: createNdjsonWriter,
  csv: createCsvWriter,
  html: createHtmlWriter,
};

class TextFile {
  readonly #handle: FileHandle;
  #parts: string[] = [];
  #length = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(text: string): Promise<void> {
    if (text === '') return;
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length >= bufferedCharacters) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    if (text !== '') await this.#handle.writeFile(text, 'utf8');
  }
}

async function writeAll(
  input: ExportTaskInput,
  client: MongoClient,
  file: TextFile,
  context: TaskContext,
): Promise<void> {
  const { preview, plan, previewFolder, archive, blockIndex } = input;
  const writer = writers[input.format]();
  const differing = (index: number): number => {
    const counts = preview.result.namespaces[index]?.documents;
    const all = counts ? counts.changed + counts.onlyInBackup + counts.onlyInTarget : 0;
    return Math.min(all, writer.mostDocuments);
  };
  const total = plan.reduce((sum, _, at) => sum + differing(at), 0);
  let done = 0;
  await file.write(writer.begin(preview));
  for (const [at, namespace] of plan.entries()) {
    const { ns } = namespace;
    await file.write(writer.namespace(ns));
    const source: PairSource = {
      previewFolder,
      archive,
      blockIndex,
      namespace,
      readPreference: preview.request.readPreference,
      withTarget: (fn) => fn(client),
      signal: context.signal,
    };
    if (differing(at) > 0) {
      await forEachDifference(source, writer.mostDocuments, async (placed, sides) => {
        const { change } = placed.entry;
        const isChanged = change === 'changed' && sides.backup !== null && sides.target !== null;
        const { rows, rowsOmitted } = isChanged
          ? diffDocuments(sides.backup, sides.target)
          : { rows: [], rowsOmitted: 0 };
        const summary = isChanged ? '' : summariseDocument(change, sides.backup, sides.target);
        const id = idOf(placed, sides).text;
        await file.write(writer.document({ ns, id, change, rows, rowsOmitted, summary }));
        if (++done % 100 === 0) {
          context.report({ phase: `Writing ${basename(input.path)}`, documentsDone: done, documentsTotal: total });
        }
      });
    }
    await file.write(writer.endNamespace(ns));
    if (context.signal.aborted) fail('cancelled', 'Cancelled.');
  }
  await file.write(writer.end());
  await file.flush();
}

export const exportTask: Task<ExportTaskInput, null> = async (input, context) => {
  const client = new MongoClient(input.uri, { appName: 'Lifeboat', serverSelectionTimeoutMS: 15_000 });
  const { temporary, path } = input;
  try {
    // Documents of the target may be in it: for the user alone.
    const handle = await open(temporary, 'wx', 0o600).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
      return fail('usage', `${path} cannot be written (${code ?? String(error)}).`, 'Choose another place.');
    });
    try {
      await writeAll(input, client, new TextFile(handle), context);
    } finally {
      await handle.close();
    }
    await renameDurably(temporary, path);
    return null;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await client.close();
  }
};
