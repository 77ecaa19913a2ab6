/**
 * Locks between processes that share a folder (window and command line), naming their holder.
 *
 * Node has no lock of the operating system, and replacing one well-known file when its owner died cannot be done
 * without a race. So each contender makes a claim: a file of its own, `<path>.<time>-<token>`, whose name is never used
 * again. It holds the lock when, after making its claim, it sees no other live one. Of two claims the later one always
 * sees the earlier, so there are never two holders; claims of the dead can be removed by anyone at any time, because
 * nobody else will ever own that name. Where claims meet before either holds, the lowest name waits and the others
 * withdraw.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AppFailure } from '../../shared/result';
import { toStoreFailure } from './failures';
import { isProcessAlive, processIdentity, processIdentitySchema } from './process-identity';

const holderSchema = z.object({
  title: z.string(),
  origin: z.enum(['window', 'cli']),
  processId: z.number(),
  hostname: z.string(),
  /** ISO time. */
  since: z.string(),
});

/** Who holds a lock and what for, as the 'busy' error tells it. */
export type LockHolder = z.infer<typeof holderSchema>;

const claimSchema = z.object({ holder: holderSchema, identity: processIdentitySchema });

export interface FileLock {
  release(): Promise<void>;
}

export interface FileLockOptions {
  /**
   * Milliseconds without heartbeat after which a holder **on another computer** counts as dead; 30 s by default. On this
   * computer a holder is dead when its process is: a busy or suspended one keeps its lock.
   */
  staleMs?: number;
  /** The claim was taken away (another computer thought us dead): stop writing. */
  onLost?: () => void;
}

interface Claim {
  name: string;
  holder: LockHolder | null;
}

const defaultStaleMs = 30_000;
/** Milliseconds between looks while a claim with a higher name withdraws. */
const lookAgainMs = 15;
const looks = 40;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return null;
  }
}

/** The other live claims on a lock; those of the dead are removed on the way. */
async function otherClaims(path: string, ownName: string, staleMs: number): Promise<Claim[]> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(prefix) && name !== ownName && /^\d{15}-[0-9a-f]{12}$/.test(name.slice(prefix.length)),
  );
  const claims: Claim[] = [];
  for (const name of names.sort()) {
    const claimPath = join(folder, name);
    let content: z.infer<typeof claimSchema> | null = null;
    try {
      const parsed = claimSchema.safeParse(JSON.parse(await readFile(claimPath, 'utf8')));
      content = parsed.success ? parsed.data : null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
    }
    let dead: boolean;
    if (content && content.holder.hostname === hostname()) {
      dead = !isProcessAlive(content.identity);
    } else {
      // Times of two files of one file system, so that clocks of two computers are not compared.
      const theirs = await modifiedAt(claimPath);
      const ours = await modifiedAt(join(folder, ownName));
      if (theirs === null) continue;
      dead = ours !== null && ours - theirs > staleMs;
    }
    if (dead) await rm(claimPath, { force: true });
    else claims.push({ name, holder: content?.holder ?? null });
  }
  return claims;
}

function busy(holder: LockHolder | null): AppFailure {
  if (!holder) {
    return new AppFailure({ code: 'busy', message: 'Another process is at work here.', hint: 'Try again later.' });
  }
  const where = holder.origin === 'window' ? 'the Lifeboat window' : 'the command line';
  return new AppFailure({
    code: 'busy',
    message: `Busy with "${holder.title}", started from ${where} at ${holder.since} (process ${holder.processId} on ${holder.hostname}).`,
    hint: 'Wait until it has finished or cancel it, then try again.',
    details: JSON.stringify(holder),
  });
}

function hold(path: string, staleMs: number, onLost?: () => void): FileLock {
  let released = false;
  const heartbeat = setInterval(
    () => {
      const now = new Date();
      utimes(path, now, now).catch((error: unknown) => {
        if (released || (error as NodeJS.ErrnoException).code !== 'ENOENT') return;
        clearInterval(heartbeat);
        onLost?.();
      });
    },
    Math.max(20, staleMs / 5),
  );
  heartbeat.unref();
  return {
    release: async () => {
      if (released) return;
      released = true;
      clearInterval(heartbeat);
      await rm(path, { force: true });
    },
  };
}

/**
 * Takes the lock or throws 'busy' naming the holder (also as JSON in `details`). The folder of `path` must exist; `path`
 * itself is never made, only claims beside it. The lock is free again after `release()` or when the process has died.
 */
export async function acquireFileLock(
  path: string,
  holder: Omit<LockHolder, 'since'> & { since?: string },
  options: FileLockOptions = {},
): Promise<FileLock> {
  const staleMs = options.staleMs ?? defaultStaleMs;
  const since = holder.since ?? new Date().toISOString();
  const token = randomBytes(6).toString('hex');
  const name = `${basename(path)}.${String(Date.now()).padStart(15, '0')}-${token}`;
  const claimPath = join(dirname(path), name);
  const draft = join(dirname(path), `.${token}.claim.tmp`);
  try {
    await writeFile(draft, JSON.stringify({ holder: { ...holder, since }, identity: processIdentity() }), {
      mode: 0o600,
      flag: 'wx',
    });
    await rename(draft, claimPath);
    for (let look = 1; ; look++) {
      const others = await otherClaims(path, name, staleMs);
      const first = others[0];
      if (!first) return hold(claimPath, staleMs, options.onLost);
      if (first.name < name || look === looks) throw busy(first.holder);
      await pause(lookAgainMs);
    }
  } catch (error) {
    await rm(draft, { force: true });
    await rm(claimPath, { force: true });
    throw toStoreFailure(error, dirname(path));
  }
}

/** As {@link acquireFileLock}, but waits up to `timeoutMs` (10 s by default) for the holder to finish. */
export async function waitForFileLock(
  path: string,
  holder: Omit<LockHolder, 'since'>,
  options: FileLockOptions & { timeoutMs?: number } = {},
): Promise<FileLock> {
  const end = Date.now() + (options.timeoutMs ?? 10_000);
  for (let attempt = 1; ; attempt++) {
    try {
      return await acquireFileLock(path, holder, options);
    } catch (error) {
      if (!(error instanceof AppFailure) || error.error.code !== 'busy' || Date.now() >= end) throw error;
    }
    // Random, so that waiting processes do not meet again and again.
    await pause(5 + Math.random() * Math.min(60, attempt * 10));
  }
}
