/** Orders of the lists of differing documents: made once in a worker thread, then pages of them are read from disk. */
import { open } from 'node:fs/promises';
import { readUpTo } from '../../archive/archive-file';
import { orderFile, type ListedBy, type OrderTaskInput, type OrderTaskOutput } from '../../diff/details/order-task';
import type { EntryIdSource } from '../../diff/details/entry-ids';
import type { TaskRunner } from '../../jobs/run-in-worker';

export interface OrderedList {
  total: number;
  /** Positions of the whole list, in order. */
  read(first: number, count: number): Promise<number[]>;
}

const positionBytes = 4;
/** Being made now, by file: a page asked for twice makes no second one. */
const underWay = new Map<string, Promise<unknown>>();

async function sizeOf(path: string): Promise<number | null> {
  try {
    const handle = await open(path, 'r');
    try {
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The list of a namespace in the order asked for. Takes seconds for a million documents the first time. */
export async function orderedList(
  tasks: Pick<TaskRunner, 'run'>,
  source: EntryIdSource,
  listed: ListedBy,
): Promise<OrderedList> {
  const path = orderFile(source.previewFolder, source.index, listed);
  let size = await sizeOf(path);
  if (size === null) {
    const running =
      underWay.get(path) ??
      tasks
        .run<OrderTaskInput, OrderTaskOutput>('diff.order', { ...source, listed })
        .finally(() => underWay.delete(path));
    underWay.set(path, running);
    await running;
    size = (await sizeOf(path)) ?? 0;
  }
  return {
    total: size / positionBytes,
    async read(first, count) {
      const handle = await open(path, 'r');
      try {
        const bytes = await readUpTo(handle, first * positionBytes, count * positionBytes);
        return Array.from({ length: bytes.length / positionBytes }, (_, at) => bytes.readUInt32LE(at * positionBytes));
      } finally {
        await handle.close();
      }
    },
  };
}
