/** A log gathered into a capture, and how fast it answers; `--log-mebibytes 700` makes a million operations. Runs when named. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { result } from '../lib/report.mjs';
import { writeLog } from './log-lines.mjs';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./captures-child.mjs', import.meta.url));
/** Milliseconds a window may take to answer. */
const target = 200;

/** @type {import('../lib/context.mjs').BenchRow} */
export const capturesRow = {
  name: 'captures',
  what: 'questions to a capture',
  against: '200 ms',
  onRequest: true,
  run: async ({ folder, logMebibytes }) => {
    const path = join(folder, 'captured.log');
    await writeLog(path, logMebibytes * 2 ** 20);
    const { stdout } = await run(process.execPath, [child, folder, path]);
    await rm(path);
    /** @type {{ seconds: number, cpuSeconds: number, operations: number, answers: Record<string, number>, peakBytes: number }} */
    const measured = JSON.parse(stdout);
    const { seconds, cpuSeconds, operations, answers, peakBytes } = measured;
    const slowest = Math.max(...Object.values(answers));
    const each = Object.entries(answers).map(([name, milliseconds]) => `${name} ${milliseconds.toFixed(0)}`);
    return [
      result({
        name: 'captures',
        what: 'slowest of the questions of a page, each with a filter of its own',
        measured: slowest,
        unit: 'ms',
        target,
        detail: `${operations} operations: ${each.join(', ')} ms`,
      }),
      result({
        name: 'captures, memory',
        what: 'peak resident memory of the process',
        measured: peakBytes / 2 ** 20,
        unit: 'MiB',
        target: null,
        detail: `${logMebibytes} MiB of log gathered in ${seconds.toFixed(1)} s (processor ${cpuSeconds.toFixed(1)} s)`,
      }),
    ];
  },
};
