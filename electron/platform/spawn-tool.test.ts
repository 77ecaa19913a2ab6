import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { startChild } from '../test-support/child-process';
import { temporaryFolder } from '../test-support/temporary-folder';
import { identifyProcess } from './process-identity';
import { runTool, startTool } from './spawn-tool';

const node = process.execPath;
const script = (source: string): { path: string; args: string[] } => ({ path: node, args: ['-e', source] });

afterEach(() => {
  delete process.env['LIFEBOAT_URI'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
});

describe('a tool', () => {
  it('gets an allow-listed environment: no secret of ours, but what it needs', async () => {
    process.env['LIFEBOAT_URI'] = 'mongodb://u:hunter2@h/';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'hunter2';
    const { stdout } = await runTool({
      ...script('console.log(JSON.stringify(process.env))'),
      env: { GOMAXPROCS: '2' },
    });
    const environment = JSON.parse(stdout) as Record<string, string>;
    expect(environment).toMatchObject({ PATH: process.env['PATH'], GOMAXPROCS: '2' });
    expect(environment).not.toHaveProperty('LIFEBOAT_URI');
    expect(stdout).not.toContain('hunter2');
  });

  it('loses nothing of a short output whose reader begins only after it has ended', async () => {
    const tool = startTool({ ...script('process.stdout.write("all of it")'), stdout: 'pipe' });
    await expect.poll(() => identifyProcess(tool.pid)).toBeNull();
    // The turn in which Node handles the exit of a child.
    await new Promise((resolve) => setTimeout(resolve, 50));
    let text = '';
    for await (const chunk of tool.stdout ?? []) text += String(chunk);
    expect(text).toBe('all of it');
    expect((await tool.done).code).toBe(0);
  });

  it('gets arguments as they are, without a shell', async () => {
    const args = ['$(id)', '`id`', '; rm -rf x', 'a b', '*', "'", '"', '-x', 'ü 漢', '%PATH%'];
    const { stdout } = await runTool({
      path: node,
      args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args],
    });
    expect(JSON.parse(stdout)).toEqual(args);
  });

  it('tells its exit code and the end of its stderr', async () => {
    const exit = await runTool(script('console.error("first"); console.error("last"); process.exit(7)'));
    expect(exit).toMatchObject({ code: 7, signal: null, stderrTail: 'first\nlast' });
  });

  it('rejects with tool-failed for codes that were not declared', async () => {
    const run = { ...script('console.error("why"); process.exit(3)'), okExitCodes: [0, 1] };
    await expect(runTool(run)).rejects.toMatchObject({ error: { code: 'tool-failed', details: 'why' } });
    await expect(runTool({ ...script('process.exit(1)'), okExitCodes: [0, 1] })).resolves.toMatchObject({ code: 1 });
  });

  it('has its stderr split into lines without control characters and secrets', async () => {
    const lines: string[] = [];
    const source = String.raw`
      const parts = ['one\ntw', 'o\r\n', '10%\r20%\r\n', '\x1b[31mred\x1b[0m\x07\n', 'uri mongodb://u:hunter2@h/db\n', 'p=s3cr3t\n', '\n', 'caf\xc3'];
      for (const part of parts) process.stderr.write(Buffer.from(part, 'latin1'));
      setTimeout(() => process.stderr.write(Buffer.from([0xa9])), 30);`;
    await startTool({ ...script(source), secrets: ['s3cr3t'], onStderrLine: (line) => lines.push(line) }).done;
    expect(lines).toEqual(['one', 'two', '10%', '20%', 'red', 'uri mongodb://u:***@h/db', 'p=***', 'café']);
  });

  it('keeps only the last 64 KiB of a long stderr', async () => {
    const { stderrTail } = await runTool(script('for (let i = 0; i < 20000; i++) console.error("line " + i)'));
    expect(stderrTail.length).toBeLessThanOrEqual(64 * 1024);
    expect(stderrTail).toMatch(/line 19999$/);
  });

  it('hands on stdout as a stream, as chunks or as lines', async () => {
    const writing = script('process.stdout.write("a\\nb\\n".repeat(50000))');
    let streamed = 0;
    const running = startTool({ ...writing, stdout: 'pipe' });
    for await (const chunk of running.stdout ?? []) streamed += (chunk as Buffer).length;
    expect((await running.done).code).toBe(0);
    expect(streamed).toBe(200_000);

    let chunked = 0;
    await startTool({ ...writing, stdout: 'pipe', onStdoutChunk: (chunk) => (chunked += chunk.length) }).done;
    expect(chunked).toBe(200_000);

    const lines: string[] = [];
    await startTool({ ...writing, stdout: 'lines', onStdoutLine: (line) => lines.push(line) }).done;
    expect(lines).toHaveLength(100_000);
  });

  it('reads what it is given on stdin, and survives a tool that does not read it all', async () => {
    const echo = script('process.stdin.pipe(process.stdout)');
    expect((await runTool({ ...echo, stdin: Readable.from(['to', ' ', 'it']) })).stdout).toBe('to it');
    const big = Readable.from(Array.from({ length: 200 }, () => Buffer.alloc(65_536)));
    expect((await runTool({ ...script('process.exit(4)'), stdin: big })).code).toBe(4);
  });

  it('that is missing, a folder or not executable says so', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'mongodump');
    const run = (path: string): Promise<unknown> => runTool({ path, args: [] });
    await expect(run(file)).rejects.toMatchObject({ error: { code: 'tool-missing' } });
    await expect(run(folder)).rejects.toMatchObject({ error: { code: 'tool-unusable' } });
    writeFileSync(file, 'not a program', { mode: 0o644 });
    await expect(run(file)).rejects.toMatchObject({ error: { code: 'tool-unusable' } });
    chmodSync(file, 0o755);
    writeFileSync(file, '#!/nowhere/interpreter\n');
    await expect(run(file)).rejects.toMatchObject({ error: { code: 'tool-missing' } });
    await expect(run('no-such-program-anywhere')).rejects.toMatchObject({ error: { code: 'tool-missing' } });
  });
});

describe('an aborted tool', () => {
  it('is terminated, and done settles only when it is gone', async () => {
    const controller = new AbortController();
    const running = startTool({ ...script('setInterval(() => {}, 1000)'), signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    expect(await running.done).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(identifyProcess(running.pid)).toBeNull();
  });

  it('is killed when it does not listen', async () => {
    const controller = new AbortController();
    let ready = false;
    const running = startTool({
      ...script('process.on("SIGTERM", () => {}); console.error("ready"); setInterval(() => {}, 1000)'),
      signal: controller.signal,
      killAfterMs: 200,
      onStderrLine: () => (ready = true),
    });
    await expect.poll(() => ready).toBe(true);
    controller.abort();
    expect(await running.done).toMatchObject({ signal: 'SIGKILL' });
  });

  it('takes along what it started itself', async () => {
    const folder = temporaryFolder();
    const pidFile = join(folder, 'pid');
    const controller = new AbortController();
    const running = startTool({
      path: '/bin/sh',
      args: ['-c', `sleep 300 & echo $! > '${pidFile}'; wait`],
      signal: controller.signal,
    });
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n')).toBe(true);
    controller.abort();
    await running.done;
    await expect.poll(() => identifyProcess(Number(readFileSync(pidFile, 'utf8')))).toBeNull();
  });

  it('does not hang on a stdout nobody reads', async () => {
    const controller = new AbortController();
    const running = startTool({
      ...script('process.stdout.write("x".repeat(1e6)); setInterval(() => {}, 1000)'),
      stdout: 'pipe',
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 100);
    await running.done;
  });

  it('was cancelled, not failed, where exit codes are declared', async () => {
    const controller = new AbortController();
    const running = startTool({
      ...script('setInterval(() => {}, 1000)'),
      signal: controller.signal,
      okExitCodes: [0],
    });
    controller.abort();
    await expect(running.done).rejects.toMatchObject({ error: { code: 'cancelled' } });
    expect(() => startTool({ ...script(''), signal: controller.signal })).toThrow('Cancelled.');
  });
});

it('programs end with the process that started them', async () => {
  const child = await startChild('start-tool-and-exit');
  const pid = Number((await child.line('started')).split(' ')[1]);
  await child.ended;
  await expect.poll(() => identifyProcess(pid)).toBeNull();
});
