/**
 * Makes the list of a namespace's differing documents in another order, or of only some of them, in a worker thread: a file
 * of positions of the whole list, four bytes each, from which any page is one read.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { documentChanges, type DocumentChange } from '../../../shared/diff';
import type { DocumentsRequest } from '../../../shared/restore';
import type { Task } from '../../jobs/task';
import { Appender, DifferingReader, namespaceFolder } from '../differing-files';
import { pathsFile } from './details-task';
import { forEachEntryId, type EntryIdSource } from './entry-ids';
import { ExternalSort } from './external-sort';
import { idSortKey } from './id-order';
import { parseIdSearch } from './id-search';
import { positionsOfPath } from './path-sets';

/** What of a request decides which documents are listed, and in which ascending order. */
export type ListedBy = Pick<DocumentsRequest, 'change' | 'path' | 'search' | 'sort'>;

export interface OrderTaskInput extends EntryIdSource {
  listed: ListedBy;
}

export interface OrderTaskOutput {
  total: number;
}

/** Memory for sorting; more goes through the disk. */
const runBytes = 64 * 1024 * 1024;
const runKeys = 2_000_000;

/** The file with the positions that {@link orderTask} writes. */
export function orderFile(previewFolder: string, index: number, { change, path, search, sort }: ListedBy): string {
  const name = createHash('sha256')
    .update(JSON.stringify([change, path, search, sort]))
    .digest('hex')
    .slice(0, 24);
  return join(namespaceFolder(previewFolder, index), `order-${name}`);
}

const storedPathsSchema = z.object({ paths: z.record(z.string(), z.number()) });

/** Positions among the changed documents; none where no details were read. */
async function ofPath({ previewFolder, index }: EntryIdSource, path: string): Promise<Set<number>> {
  const file = join(namespaceFolder(previewFolder, index), pathsFile);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return new Set();
  const { paths } = storedPathsSchema.parse(JSON.parse(text));
  const id = new Map(Object.entries(paths)).get(`:${path}`);
  return id === undefined ? new Set() : new Set(await positionsOfPath(previewFolder, index, id));
}

export const orderTask: Task<OrderTaskInput, OrderTaskOutput> = async (input, context) => {
  const { previewFolder, index, listed } = input;
  const reader = await DifferingReader.open(previewFolder, index);
  const final = orderFile(previewFolder, index, listed);
  const temporary = `${final}.${randomBytes(4).toString('hex')}`;
  const sort = new ExternalSort({ path: temporary, runBytes, runKeys });
  const output = new Appender(temporary);
  let isOpen = true;
  let total = 0;
  const put = (position: number): void => {
    const { buffer, at } = output.reserve(4);
    buffer.writeUInt32LE(position, at);
    total++;
  };
  try {
    const search = listed.search === null || listed.search.trim() === '' ? null : parseIdSearch(listed.search);
    const onPath = listed.path === null ? null : await ofPath(input, listed.path);
    const sorted = listed.sort !== 'position';
    const rank = Buffer.alloc(1);
    for (const change of kindsOf(listed)) {
      const first = reader.firstIndex(change);
      rank[0] = listed.sort === 'change' ? 1 + documentChanges.indexOf(change) : 0;
      if (!search && !sorted) {
        for (let at = 0; at < reader.counts[change]; at++) if (!onPath || onPath.has(at)) put(first + at);
        continue;
      }
      await forEachEntryId(reader, input, change, context.signal, (at, id) => {
        if (onPath && !onPath.has(at)) return;
        if (search && !(id && search.matches(id))) return;
        if (sorted) sort.add(Buffer.concat([rank, idSortKey(id)]), first + at);
        else put(first + at);
      });
    }
    if (sorted) for await (const position of sort.values()) put(position);
    output.close();
    isOpen = false;
    await rename(temporary, final);
    return { total };
  } catch (error) {
    if (isOpen) output.close();
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await sort.remove();
    await reader.close();
  }
};

/** In the list's own order. */
function kindsOf({ change, path }: ListedBy): readonly DocumentChange[] {
  if (path !== null) return change === null || change === 'changed' ? ['changed'] : [];
  return change === null ? ['onlyInBackup', 'changed', 'onlyInTarget'] : [change];
}
