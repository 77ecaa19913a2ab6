import { spawn } from 'node:child_process';
import { existsSync, openSync, closeSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWorker } from '../test-support/bundle-worker';
import { runCommandLine } from '../test-support/run-command-line';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import { startTestMongod, type TestMongod } from '../test-support/test-mongod';

let server: TestMongod;
let folder: string;
let program: string;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = temporaryFolder('cli-streams');
  program = await bundleWorker('electron/cli/index.ts', folder, 'cli');
  const worker = await bundleWorker('electron/worker/index.ts', folder, 'worker');
  server = await startTestMongod({ replicaSet: true });
  const items = Array.from({ length: 20_000 }, (_, n) => ({ n, text: `${Math.sin(n)}`.repeat(20) }));
  await (await server.connect()).db('shop').collection('items').insertMany(items);
  environment = { LIFEBOAT_URI: server.uri, LIFEBOAT_WORKER_FILE: worker, LIFEBOAT_HOME: join(folder, 'data') };
});
afterAll(async () => {
  await server.stop();
  removeTemporaryFolder(folder);
});

/** Ends the reading of one stream after its first bytes. */
function readOnlyTheStart(args: string[], which: 'stdout' | 'stderr'): Promise<{ code: number | null; other: string }> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } });
  let other = '';
  child[which].once('data', () => child[which].destroy());
  child[which === 'stdout' ? 'stderr' : 'stdout'].setEncoding('utf8').on('data', (text: string) => (other += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, other }));
  });
}

describe('a command whose output is no longer read', () => {
  it('finishes its backup when the reader of its progress went away', async () => {
    const { code, other } = await readOnlyTheStart(['backup', 'run', '--json', '--progress', 'json'], 'stderr');
    expect(code).toBe(0);
    const { path } = JSON.parse(other) as { path: string };
    expect(readdirSync(path)).toContain('manifest.json');
  });

  it('ends without a word when the reader of its answer went away', async () => {
    for (const args of [['backup', 'run', '--help'], ['metrics'], ['backup', 'show', 'latest', '--json', '--quiet']]) {
      const { code, other } = await readOnlyTheStart(args, 'stdout');
      expect({ code, other }, args.join(' ')).toEqual({ code: 0, other: '' });
    }
  });

  it('stops watching health', async () => {
    const { code } = await readOnlyTheStart(['health', 'watch', '--interval', '1', '--json'], 'stdout');
    expect([0, 3]).toContain(code);
  });

  it.skipIf(!existsSync('/dev/full'))('fails when the answer could not be written', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      const child = spawn(process.execPath, [program, 'backup', 'list', '--json'], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', full, 'pipe'],
      });
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const code = await new Promise((resolve) => child.once('close', resolve));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: The answer could not be written to stdout: ENOSPC/);
    } finally {
      closeSync(full);
    }
  });
});

describe('a file of differing documents', () => {
  it('that cannot be written is told of, and none is left', async () => {
    const { code, stderr } = await runCommandLine(
      program,
      ['restore', 'diff', 'latest', '--documents', join(folder, 'absent', 'documents.ndjson')],
      environment,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/documents\.ndjson cannot be used: it does not exist/);
  });
});
