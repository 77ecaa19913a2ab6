import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { identifyProcess } from './process-identity';
import { streamTool } from './stream-tool';

const node = process.execPath;
const script = (source: string): { path: string; args: string[] } => ({ path: node, args: ['-e', source] });
/** Writes `megabytes` of pseudo-random bytes and their SHA-256 on stderr. */
const writing = (megabytes: number): { path: string; args: string[] } =>
  script(`
    const hash = require('crypto').createHash('sha256');
    const block = Buffer.alloc(1000003);
    for (let i = 0; i < block.length; i++) block[i] = (i * 2654435761) >>> 13;
    const fs = require('fs');
    for (let n = 0; n < ${megabytes}; n++) {
      block[n] = n;
      hash.update(block);
      for (let at = 0; at < block.length; ) at += fs.writeSync(1, block, at);
    }
    console.error(hash.digest('hex'));`);

describe('streaming the output of a tool', () => {
  it('hands over every byte in order', async () => {
    const hash = createHash('sha256');
    let chunks = 0;
    const exit = await streamTool(writing(40), (chunk) => {
      hash.update(chunk);
      chunks++;
    });
    expect(exit).toMatchObject({ code: 0, stderrTail: hash.digest('hex') });
    expect(chunks).toBeGreaterThan(1);
  });

  it('waits for a slow consumer without losing or overwriting anything', async () => {
    const hash = createHash('sha256');
    let inside = 0;
    const exit = await streamTool(writing(8), async (chunk) => {
      expect(++inside).toBe(1);
      const before = createHash('sha256').update(chunk).digest('hex');
      await new Promise((resolve) => setTimeout(resolve, 3));
      expect(createHash('sha256').update(chunk).digest('hex')).toBe(before);
      hash.update(chunk);
      inside--;
    });
    expect(exit).toMatchObject({ code: 0, stderrTail: hash.digest('hex') });
  });

  it('tells of tools that write nothing, fail or are missing', async () => {
    expect(await streamTool(script(''), () => undefined)).toMatchObject({ code: 0 });
    let text = '';
    const failing = { ...script('process.stdout.write("part"); process.exitCode = 3'), okExitCodes: [0] };
    await expect(
      streamTool(failing, (chunk) => {
        text += chunk.toString();
      }),
    ).rejects.toMatchObject({ error: { code: 'tool-failed' } });
    expect(text).toBe('part');
    await expect(streamTool({ path: '/nowhere/mongodump', args: [] }, () => undefined)).rejects.toMatchObject({
      error: { code: 'tool-missing' },
    });
  });

  it.each([
    ['throws', () => fail()],
    ['rejects', () => Promise.resolve().then(fail)],
  ])('ends the tool when the consumer %s, and says why', async (_how, consumer) => {
    let pid = 0;
    const run = {
      ...script('setInterval(() => process.stdout.write("x".repeat(1e5)), 1)'),
      onStarted: (it: number) => (pid = it),
    };
    await expect(streamTool(run, consumer)).rejects.toThrow('the consumer failed');
    expect(identifyProcess(pid)).toBeNull();
  });

  it('is aborted while the tool writes, while it is silent, and while the consumer is slow', async () => {
    for (const source of [
      'setInterval(() => process.stdout.write("x".repeat(1e5)), 1)',
      'setInterval(() => {}, 1000)',
    ]) {
      for (const consumer of [() => undefined, () => new Promise<void>((resolve) => setTimeout(resolve, 50))]) {
        const controller = new AbortController();
        let pid = 0;
        const run = {
          ...script(source),
          signal: controller.signal,
          okExitCodes: [0],
          onStarted: (it: number) => (pid = it),
        };
        const running = streamTool(run, consumer);
        setTimeout(() => controller.abort(), 150);
        await expect(running).rejects.toMatchObject({ error: { code: 'cancelled' } });
        expect(identifyProcess(pid)).toBeNull();
      }
    }
  });

  it('leaves no socket behind', async () => {
    const before = new Set(readdirSync(tmpdir()));
    await streamTool(script('console.log(1)'), () => undefined);
    const sockets = readdirSync(tmpdir()).filter(
      (name) => !before.has(name) && existsSync(`${tmpdir()}/${name}/stdout`),
    );
    expect(sockets).toEqual([]);
  });
});

function fail(): never {
  throw new Error('the consumer failed');
}
