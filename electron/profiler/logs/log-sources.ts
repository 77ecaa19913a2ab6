/** Which files a person means by files and folders. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../../shared/result';
import { peekLogFile, type LogFile } from './log-file';

/** Folders of members inside a folder of logs, and rotated files inside those. */
const deepestFolder = 4;

export interface LogSources {
  /** Each file once, however often it was named. */
  files: LogFile[];
  /** Of folders: what is no log. */
  ignored: string[];
}

/**
 * Files are taken as they are, of folders (four levels deep) what begins like a log of mongod or mongos. Throws
 * 'not-found' for a path that is not there and 'usage' for a folder without any log.
 */
export async function findLogSources(paths: readonly string[]): Promise<LogSources> {
  const files = new Map<string, LogFile>();
  const ignored: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (!found) fail('not-found', `There is no file or folder ${path}.`, 'Name log files or folders of them.');
    if (!found.isDirectory()) files.set(await realpath(path), await peek(path));
    else if (!(await addFolder(path, 1, files, ignored)))
      fail('usage', `The folder ${path} holds no log of mongod or mongos.`, 'Name log files or folders of them.');
  }
  return { files: [...files.values()], ignored };
}

async function peek(path: string): Promise<LogFile> {
  return peekLogFile(path).catch((error: unknown) =>
    fail(
      'not-found',
      `The file ${path} cannot be read.`,
      undefined,
      error instanceof Error ? error.message : undefined,
    ),
  );
}

/** True when a log was found in it. */
async function addFolder(
  folder: string,
  depth: number,
  files: Map<string, LogFile>,
  ignored: string[],
): Promise<boolean> {
  let found = false;
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth < deepestFolder && (await addFolder(path, depth + 1, files, ignored))) found = true;
    } else if (entry.isFile()) {
      const file = await peekLogFile(path).catch(() => null);
      if (file?.firstTime == null) ignored.push(path);
      else {
        files.set(await realpath(path), file);
        found = true;
      }
    }
  }
  return found;
}
