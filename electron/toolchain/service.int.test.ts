import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ToolName } from '../../shared/toolchain';
import { testMongodPath, testTools } from '../test-support/runtime';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { platformKey } from './cache-folder';
import { createToolchain } from './service';

const tools = testTools();
const mongodPath = testMongodPath();

function toolchain(toolPaths: Partial<Record<ToolName, string>> = {}) {
  return createToolchain({ settings: { get: () => Promise.resolve({ toolPaths }) }, versionTimeoutMs: 2000 });
}

/** A program of the test's own, to stand for an installation that went wrong. */
function program(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function mongodump(toolPaths: Partial<Record<ToolName, string>> = {}) {
  const found = (await toolchain(toolPaths).list()).find((tool) => tool.name === 'mongodump');
  if (!found) throw new Error('mongodump is not in the list');
  return found;
}

describe.skipIf(process.platform === 'win32')('the toolchain', () => {
  let folder: string;

  beforeEach(() => {
    folder = temporaryFolder('lifeboat-toolchain');
    for (const variable of ['LIFEBOAT_MONGOD', 'LIFEBOAT_MONGODUMP', 'LIFEBOAT_MONGORESTORE']) vi.stubEnv(variable, '');
    vi.stubEnv('LIFEBOAT_CACHE', folder);
    vi.stubEnv('HOME', folder);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    removeTemporaryFolder(folder);
  });

  it('finds the real mongod where the environment says, with its version', async () => {
    vi.stubEnv('LIFEBOAT_MONGOD', mongodPath);
    expect(await toolchain().require('mongod')).toEqual({
      path: mongodPath,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    });
  });

  it.skipIf(tools.skip)('finds the real database tools where settings say, before all other places', async () => {
    if (tools.skip !== null) return;
    vi.stubEnv('LIFEBOAT_MONGODUMP', '/nowhere/mongodump');
    const found = await mongodump({ mongodump: tools.mongodump });
    expect(found).toMatchObject({ path: tools.mongodump, foundIn: 'settings', problem: null });
  });

  it('prefers PATH over its runtime folder, and passes over what is too old there', async () => {
    const onPath = program(join(folder, 'path'), 'mongodump', 'echo "mongodump version: 100.9.4"');
    const bin = join(folder, 'database-tools', `100.7.0-${platformKey()}`, 'bin');
    const inRuntime = program(bin, 'mongodump', 'echo "mongodump version: 100.7.0"');
    writeFileSync(join(bin, '..', 'complete.json'), '{}');
    vi.stubEnv('PATH', [join(folder, 'path'), '/usr/bin', '/bin'].join(delimiter));
    expect(await mongodump()).toMatchObject({ path: onPath, foundIn: 'path', version: '100.9.4', problem: null });

    program(join(folder, 'path'), 'mongodump', 'echo "mongodump version: 100.4.0"');
    expect(await mongodump()).toMatchObject({ path: inRuntime, foundIn: 'runtime-folder', version: '100.7.0' });
  });

  it('does not take a runtime folder that set-up did not finish', async () => {
    const bin = join(folder, 'database-tools', `100.7.0-${platformKey()}`, 'bin');
    program(bin, 'mongodump', 'echo "mongodump version: 100.7.0"');
    vi.stubEnv('PATH', join(folder, 'path'));
    expect((await mongodump()).foundIn).not.toBe('runtime-folder');
  });

  it('says that a chosen tool is missing, and what to do', async () => {
    const found = await mongodump({ mongodump: join(folder, 'gone') });
    expect(found.problem).toMatchObject({ code: 'tool-missing', hint: expect.stringContaining('Settings') as string });
    await expect(toolchain({ mongodump: join(folder, 'gone') }).require('mongodump')).rejects.toMatchObject({
      error: { code: 'tool-missing' },
    });
  });

  it('says that a tool is not executable', async () => {
    const path = program(folder, 'mongodump', 'echo "mongodump version: 100.7.0"');
    chmodSync(path, 0o644);
    expect((await mongodump({ mongodump: path })).problem?.code).toBe('tool-unusable');
    expect((await mongodump({ mongodump: folder })).problem?.code).toBe('tool-unusable');
  });

  it('says that a tool is too old, and sees it anew once it was replaced', async () => {
    const path = program(folder, 'mongodump', 'echo "mongodump version: 100.4.0"');
    const chain = toolchain({ mongodump: path });
    await expect(chain.require('mongodump')).rejects.toMatchObject({
      error: { code: 'tool-too-old', message: expect.stringContaining('100.4.0') as string },
    });
    program(folder, 'mongodump', 'echo "mongodump version: 100.10.0"');
    expect((await chain.require('mongodump')).version).toBe('100.10.0');
  });

  it('gives up on a tool that hangs', async () => {
    const path = program(folder, 'mongodump', 'exec sleep 60');
    const found = await mongodump({ mongodump: path });
    expect(found.problem).toMatchObject({
      code: 'tool-unusable',
      message: expect.stringContaining('within 2 s') as string,
    });
  });

  it('says that another program answers under the name', async () => {
    const path = program(folder, 'mongodump', 'echo "hello"; exit 3');
    expect((await mongodump({ mongodump: path })).problem).toMatchObject({
      code: 'tool-unusable',
      details: 'hello\n',
    });
  });
});
