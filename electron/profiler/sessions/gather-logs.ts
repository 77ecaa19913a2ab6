/** Log files and folders of them, of several members, by time. */
import { basename, dirname, join } from 'node:path';
import type { ProgressUpdate } from '../../../shared/jobs';
import type { LogTally } from '../logs/log-tally';
import { findLogSources } from '../logs/log-sources';
import { mergeByTime } from '../logs/merge-by-time';
import type { Gathering } from './gathering';

/** Fails with 'not-found' for a path that is not there, 'usage' for a folder without logs. Returns what was no log. */
export async function gatherLogs(
  paths: readonly string[],
  gathering: Gathering,
  { tally, report }: { tally: LogTally; report: (update: ProgressUpdate) => void },
): Promise<{ ignoredFiles: string[] }> {
  const { files, ignored } = await findLogSources(paths);
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesDone = 0;
  const phase = 'Reading logs';
  report({ phase, bytesDone, bytesTotal });
  const names = shortNames(files.map(({ path }) => path));
  let host: string | null = null;
  const batches = mergeByTime(files, {
    tally,
    signal: gathering.stopped,
    onBatchOf: (path) => {
      host = names.get(path) ?? path;
    },
    onBytes: (bytes) => {
      bytesDone += bytes;
      report({ phase, bytesDone, bytesTotal });
    },
  });
  try {
    for await (const batch of batches) gathering.add(batch, host);
  } catch (error) {
    if (!gathering.stopped.aborted) throw error;
    gathering.note('Reading was stopped before the end of the logs.');
  }
  return { ignoredFiles: ignored };
}

/** File names, with as many folders before them as it takes to tell them apart. */
export function shortNames(paths: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (let folders = 0; folders < 8; folders++) {
    const byName = new Map<string, string[]>();
    for (const path of paths) {
      if (names.has(path)) continue;
      const name = lastParts(path, folders);
      byName.set(name, [...(byName.get(name) ?? []), path]);
    }
    for (const [name, same] of byName) if (same.length === 1 && same[0]) names.set(same[0], name);
  }
  return names;
}

function lastParts(path: string, folders: number): string {
  return folders === 0 ? basename(path) : join(lastParts(dirname(path), folders - 1), basename(path));
}
