/** Files that matter: temporary name → write → fsync → rename → fsync of the folder. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Makes the names in a folder durable (what was created, renamed or removed in it). Does nothing where folders cannot
 * be opened (Windows) or synced (some network file systems).
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
  } finally {
    await folder.close();
  }
}

const windowsRetryCodes = new Set(['EPERM', 'EACCES', 'EBUSY']);

async function renameOver(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      // Windows refuses to replace a file that a virus scanner or another reader has open for a moment.
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (process.platform !== 'win32' || attempt === 10 || !windowsRetryCodes.has(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, attempt * 10));
    }
  }
}

/** fsync of the file or folder `temporary`, rename to `final`, fsync of the folder around it: then `final` is durable. */
export async function renameDurably(temporary: string, final: string): Promise<void> {
  // Windows can flush only files it may write to.
  const file = await open(temporary, process.platform === 'win32' ? 'r+' : 'r').catch((error: unknown) => {
    if (process.platform === 'win32' && (error as NodeJS.ErrnoException).code === 'EISDIR') return null;
    throw error;
  });
  if (file) {
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await renameOver(temporary, final);
  await syncFolder(dirname(final));
}

function temporaryNameBeside(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`);
}

async function replaceFile(path: string, data: string | Uint8Array, mode: number, durable: boolean): Promise<void> {
  const temporary = temporaryNameBeside(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await renameOver(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (durable) await syncFolder(dirname(path));
}

/**
 * Replaces `path` by `data`: a reader sees the old content or the new one, never a part; once the promise resolves the
 * new one survives a power cut. `mode` defaults to 0600.
 */
export async function writeFileDurably(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  await replaceFile(path, data, mode, true);
}

/** As {@link writeFileDurably} without the flushes: atomic for readers, may be lost by a power cut. For what is only shown. */
export async function writeFileAtomically(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  await replaceFile(path, data, mode, false);
}
