/** Puts the operations of many files into one order of time, with few of them open at once. */
import type { Operation } from '../../../shared/profiler';
import { readLogFile, type LogFile, type ReadLogOptions } from './log-file';

interface Lane {
  path: string;
  batches: AsyncGenerator<Operation[], void>;
  batch: Operation[];
  next: number;
}

export interface MergeOptions extends ReadLogOptions {
  /** Before each batch: the file it is of. */
  onBatchOf?: (path: string) => void;
}

/**
 * Operations of all files by time, in batches, each of one file. A file is opened when the merge has come to its first line, so that rotated
 * files of one member are read one after the other and those of several members beside each other. Within a file the
 * order is the server's.
 */
export async function* mergeByTime(
  files: readonly LogFile[],
  options: MergeOptions,
): AsyncGenerator<Operation[], void> {
  const waiting = [...files].sort((a, b) => (a.firstTime ?? -Infinity) - (b.firstTime ?? -Infinity));
  const lanes: Lane[] = [];
  try {
    while (waiting.length > 0 || lanes.length > 0) {
      if (lanes.length === 0) await openLane(waiting, lanes, options);
      while (waiting.length > 0 && firstTimeOf(waiting) <= headTime(lanes)) await openLane(waiting, lanes, options);
      const lane = lanes[0];
      if (!lane) continue;
      const limit = Math.min(firstTimeOf(waiting), headTime(lanes.slice(1)));
      const ready =
        lane.next === 0 && timeOf(lane.batch[lane.batch.length - 1]) <= limit ? lane.batch : takeUntil(lane, limit);
      if (ready === lane.batch) lane.next = lane.batch.length;
      if (ready.length > 0) {
        options.onBatchOf?.(lane.path);
        yield ready;
      }
      await settle(lanes, lane);
    }
  } finally {
    for (const lane of lanes) await lane.batches.return();
  }
}

function timeOf(operation: Operation | undefined): number {
  return operation?.time ?? Infinity;
}

function firstTimeOf(waiting: readonly LogFile[]): number {
  const first = waiting[0];
  return first ? (first.firstTime ?? -Infinity) : Infinity;
}

/** Lanes are kept in the order of their heads. */
function headTime(lanes: readonly Lane[]): number {
  const first = lanes[0];
  return first ? timeOf(first.batch[first.next]) : Infinity;
}

/** What comes before the next head elsewhere; always at least one, since lines of a file may go back in time. */
function takeUntil(lane: Lane, limit: number): Operation[] {
  const start = lane.next;
  lane.next += 1;
  while (lane.next < lane.batch.length && timeOf(lane.batch[lane.next]) <= limit) lane.next += 1;
  return lane.batch.slice(start, lane.next);
}

async function openLane(waiting: LogFile[], lanes: Lane[], options: ReadLogOptions): Promise<void> {
  const file = waiting.shift();
  if (!file) return;
  const lane: Lane = { path: file.path, batches: readLogFile(file, options), batch: [], next: 0 };
  lanes.push(lane);
  await settle(lanes, lane);
}

/** Fills a lane that is used up, and puts it where its head belongs; one that has ended is gone. */
async function settle(lanes: Lane[], lane: Lane): Promise<void> {
  lanes.splice(lanes.indexOf(lane), 1);
  if (lane.next >= lane.batch.length) {
    const { value, done } = await lane.batches.next();
    if (done) return;
    lane.batch = value;
    lane.next = 0;
  }
  const head = timeOf(lane.batch[lane.next]);
  const place = lanes.findIndex((other) => timeOf(other.batch[other.next]) > head);
  lanes.splice(place < 0 ? lanes.length : place, 0, lane);
}
