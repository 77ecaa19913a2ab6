import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppFailure } from '../../shared/result';
import { startChild } from '../test-support/child-process';
import { temporaryFolder } from '../test-support/temporary-folder';
import { prepareDataFolder, resolveDataFolder } from './data-folder';
import { renameDurably, writeFileDurably } from './durable-file';
import { toAppError, toStoreFailure } from './failures';
import { createLogger } from './logger';
import { identifyProcess, isProcessAlive, processIdentity } from './process-identity';
import { removeLeftoverToolConfigs, withToolConfig } from './secret-config-file';

describe('the data folder', () => {
  afterEach(() => {
    delete process.env['LIFEBOAT_HOME'];
  });

  it('is the one asked for, else LIFEBOAT_HOME, else the operating system decides', () => {
    process.env['LIFEBOAT_HOME'] = '/somewhere';
    expect(resolveDataFolder('/explicit').root).toBe('/explicit');
    expect(resolveDataFolder().auditFile).toBe(join('/somewhere', 'audit.jsonl'));
    delete process.env['LIFEBOAT_HOME'];
    expect(resolveDataFolder().root.toLowerCase()).toContain('lifeboat');
  });

  it('is readable by its owner alone, also when it was there before', async () => {
    const root = join(temporaryFolder(), 'home');
    mkdirSync(root, { mode: 0o755 });
    const folder = resolveDataFolder(root);
    await prepareDataFolder(folder);
    await prepareDataFolder(folder);
    for (const path of [root, folder.jobsFolder, folder.temporaryFolder, folder.defaultStoreFolder]) {
      expect(statSync(path).mode & 0o777).toBe(0o700);
    }
    expect(readdirSync(root)).not.toContain('databases');
  });

  it('that cannot be made is store-unavailable', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(prepareDataFolder(resolveDataFolder(join(file, 'home')))).rejects.toMatchObject({
      error: { code: 'store-unavailable' },
    });
  });
});

it('durable writes and renames replace a file or folder as a whole', async () => {
  const folder = temporaryFolder();
  await writeFileDurably(join(folder, 'a'), 'one');
  await writeFileDurably(join(folder, 'a'), new Uint8Array([0x32]), 0o644);
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('2');
  await renameDurably(join(folder, 'a'), join(folder, 'b'));
  mkdirSync(join(folder, 'c'));
  await renameDurably(join(folder, 'c'), join(folder, 'd'));
  expect(readdirSync(folder).sort()).toEqual(['b', 'd']);
});

describe('failures', () => {
  it('keep what a service said, and name everything else', () => {
    const error = { code: 'refused', message: 'No.' } as const;
    expect(toAppError(new AppFailure(error))).toBe(error);
    expect(toAppError(Object.assign(new Error('x'), { name: 'AbortError' }))).toMatchObject({ code: 'cancelled' });
    const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', syscall: 'write', path: '/s/a' });
    expect(toAppError(full)).toMatchObject({ code: 'disk-full', message: expect.stringContaining('/s/a') as string });
    expect(toAppError('odd')).toMatchObject({ code: 'internal', logReference: expect.any(String) as string });
  });

  it('of a store say which and why', () => {
    const readOnly = Object.assign(new Error('EROFS: x'), { code: 'EROFS', syscall: 'open' });
    expect(toStoreFailure(readOnly, '/store')).toMatchObject({
      error: { code: 'store-unavailable', message: '/store cannot be used: it is on a read-only disk.' },
    });
    const other = new Error('other');
    expect(toStoreFailure(other, '/store')).toBe(other);
  });
});

describe('the log', () => {
  it('holds every line at once, without secrets', () => {
    const folder = join(temporaryFolder(), 'logs');
    const logger = createLogger({ folder, name: 'cli', level: 'debug' });
    logger.child({ job: 'j1', password: 'hunter2' }).info('connecting to mongodb://u:hunter2@h/');
    const error = new Error('cannot reach mongodb://u:hunter2@h/');
    logger.error({ error, uri: 'mongodb://u:hunter2@h', deep: { apiToken: 'hunter2' } }, 'failed');
    logger.debug('detail');
    const text = readFileSync(join(folder, 'cli.log'), 'utf8');
    expect(text).not.toContain('hunter2');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ level: 'info', name: 'cli', job: 'j1', msg: 'connecting to mongodb://u:***@h/' });
    expect(lines[1]).toMatchObject({ error: { message: 'cannot reach mongodb://u:***@h/' }, msg: 'failed' });
    expect(lines).toHaveLength(3);
    expect(statSync(join(folder, 'cli.log')).mode & 0o777).toBe(0o600);
  });

  it('gives the stack of an unexpected failure its reference', () => {
    const folder = temporaryFolder();
    const { logReference } = toAppError(new TypeError('odd'), createLogger({ folder, name: 'window' }));
    const line = readFileSync(join(folder, 'window.log'), 'utf8');
    expect(line).toContain(`"logReference":"${logReference}"`);
    expect(line).toContain('ground.test.ts');
  });

  it('is renamed when it grew over 10 MB, three old ones kept', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'window.log');
    for (let round = 1; round <= 5; round++) {
      writeFileSync(file, String(round).repeat(10 * 1024 * 1024 + 1));
      createLogger({ folder, name: 'window' }).info('new');
    }
    expect(readdirSync(folder).sort()).toEqual(['window.log', 'window.log.1', 'window.log.2', 'window.log.3']);
    expect(readFileSync(`${file}.3`, 'utf8')[0]).toBe('3');
  });

  it('that cannot be written is silent', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    createLogger({ folder: file, name: 'x' }).error('lost');
  });
});

describe('the identity of a process', () => {
  it('tells the living from the dead and from a later one of the same number', async () => {
    expect(isProcessAlive(processIdentity())).toBe(true);
    expect(isProcessAlive({ pid: process.pid, startedAt: 'long ago' })).toBe(false);
    const child = await startChild('hold-lock', join(temporaryFolder(), 'lock'));
    await child.line('held');
    const identity = identifyProcess(child.pid);
    expect(identity && isProcessAlive(identity)).toBe(true);
    expect(isProcessAlive({ pid: child.pid, startedAt: 'long ago' })).toBe(false);
    await child.kill();
    expect(identity && isProcessAlive(identity)).toBe(false);
    expect(identifyProcess(child.pid)).toBeNull();
    expect(identifyProcess(-1)).toBeNull();
  });
});

describe("a tool's configuration file", () => {
  it('holds the secrets, for its owner alone, and only while it is needed', async () => {
    const folder = join(temporaryFolder(), 'temporary');
    const secret = 'p"\\: #\n{ü}';
    const path = await withToolConfig({ uri: 'mongodb://h/', password: secret }, folder, async (configPath) => {
      expect(statSync(configPath).mode & 0o777).toBe(0o600);
      const { parse } = await import('yaml');
      expect(parse(readFileSync(configPath, 'utf8'))).toEqual({ uri: 'mongodb://h/', password: secret });
      return configPath;
    });
    expect(existsSync(path)).toBe(false);
    await expect(withToolConfig({ password: 'x' }, folder, () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a killed process is removed at the next start, that of a living one is not', async () => {
    const folder = temporaryFolder();
    const child = await startChild('hold-tool-config', folder);
    const path = (await child.line('config ')).slice('config '.length);
    expect(await removeLeftoverToolConfigs(folder)).toBe(0);
    await child.kill();
    expect(existsSync(path)).toBe(true);
    writeFileSync(join(folder, 'other.yaml'), '');
    expect(await removeLeftoverToolConfigs(folder)).toBe(1);
    expect(readdirSync(folder)).toEqual(['other.yaml']);
  });
});
