import { readdirSync, utimesSync, writeFileSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppFailure } from '../../shared/result';
import { startChild } from '../test-support/child-process';
import { temporaryFolder } from '../test-support/temporary-folder';
import { acquireFileLock, waitForFileLock } from './file-lock';

const holder = { title: 'Restore of shop', origin: 'window' as const, processId: process.pid, hostname: hostname() };
const newLock = (): string => join(temporaryFolder(), 'target');

describe('a file lock', () => {
  it('is held by one and free again after release', async () => {
    const path = newLock();
    const lock = await acquireFileLock(path, holder);
    await expect(acquireFileLock(path, holder)).rejects.toMatchObject({ error: { code: 'busy' } });
    await lock.release();
    await lock.release();
    await (await acquireFileLock(path, holder)).release();
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('names its holder in another process', async () => {
    const path = newLock();
    const child = await startChild('hold-lock', path);
    try {
      await child.line('held');
      const failure = await acquireFileLock(path, holder).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(AppFailure);
      const { code, message, details } = (failure as AppFailure).error;
      expect(code).toBe('busy');
      expect(message).toMatch(
        new RegExp(`"Child at work", started from the command line at 2.*process ${child.pid} on ${hostname()}`),
      );
      expect(JSON.parse(details ?? '')).toMatchObject({ processId: child.pid, origin: 'cli', title: 'Child at work' });
    } finally {
      await child.kill();
    }
  });

  it('is free at once after its holder was killed', async () => {
    const path = newLock();
    const child = await startChild('hold-lock', path);
    await child.line('held');
    await child.kill();
    const started = Date.now();
    const lock = await acquireFileLock(path, holder);
    expect(Date.now() - started).toBeLessThan(500);
    await lock.release();
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  it('never has two holders, however many processes contend and die', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'target');
    const counter = join(folder, 'counter');
    writeFileSync(counter, '0');
    const dead = await startChild('hold-lock', path);
    await dead.line('held');
    await dead.kill();
    const children = await Promise.all([1, 2, 3].map(() => startChild('count-under-lock', path, counter, '60')));
    const ends = await Promise.all(children.map((child) => child.ended));
    expect(ends.map(({ code, stderr }) => stderr || code)).toEqual([0, 0, 0]);
    expect(readFileSync(counter, 'utf8')).toBe('180');
  });

  it('goes to exactly one of many that come at the same moment', async () => {
    const path = newLock();
    for (let round = 0; round < 10; round++) {
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => acquireFileLock(path, holder)));
      const held = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      expect(held).toHaveLength(1);
      await held[0]?.release();
    }
  });

  it('of another computer is respected while its heartbeat is fresh and taken over when it stopped', async () => {
    const path = newLock();
    const foreign = await acquireFileLock(path, { ...holder, hostname: 'elsewhere' });
    await expect(acquireFileLock(path, holder, { staleMs: 5000 })).rejects.toMatchObject({ error: { code: 'busy' } });
    const claim = readdirSync(join(path, '..'))[0] ?? '';
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(join(path, '..', claim), longAgo, longAgo);
    await (await acquireFileLock(path, holder, { staleMs: 5000 })).release();
    await foreign.release();
  });

  it('tells its holder when it was taken away', async () => {
    const path = newLock();
    let lost = 0;
    const lock = await acquireFileLock(
      path,
      { ...holder, hostname: 'elsewhere' },
      { staleMs: 1000, onLost: () => lost++ },
    );
    const claim = join(path, '..', readdirSync(join(path, '..'))[0] ?? '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(claim, longAgo, longAgo);
    await (await acquireFileLock(path, holder, { staleMs: 1000 })).release();
    await expect.poll(() => lost).toBe(1);
    await lock.release();
  });

  it('is waited for, up to a time', async () => {
    const path = newLock();
    const lock = await acquireFileLock(path, holder);
    await expect(waitForFileLock(path, holder, { timeoutMs: 50 })).rejects.toMatchObject({ error: { code: 'busy' } });
    const waiting = waitForFileLock(path, holder);
    await lock.release();
    await (await waiting).release();
  });

  it('in a folder that is gone is store-unavailable', async () => {
    await expect(acquireFileLock('/nowhere/at/all', holder)).rejects.toMatchObject({
      error: { code: 'store-unavailable' },
    });
  });
});
