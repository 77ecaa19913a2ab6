/** The report of a server's log, against JSON.parse of every line of the same log; `--log-mebibytes 1024` for the real figure. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median, ratioOf } from '../lib/measure.mjs';
import { result } from '../lib/report.mjs';
import { writeLog } from './log-lines.mjs';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./log-child.mjs', import.meta.url));
const target = 2;

/** @typedef {{ seconds: number, cpuSeconds: number, peakBytes: number, counted: number }} Measured */

/** @type {import('../lib/context.mjs').BenchRow} */
export const logRow = {
  name: 'log',
  what: 'report of the slow operations of a log',
  against: 'JSON.parse of every line',
  run: async ({ rounds, folder, logMebibytes }) => {
    const path = join(folder, 'mongod.log');
    const { lines, slow } = await writeLog(path, logMebibytes * 2 ** 20);
    /** @param {'parse' | 'report'} way @returns {Promise<Measured>} */
    const measure = async (way) => {
      const { stdout } = await run(process.execPath, [child, way, folder, path]);
      /** @type {Measured} */
      const measured = JSON.parse(stdout);
      if (measured.counted !== slow) throw new Error(`${way} found ${measured.counted} of ${slow} slow operations.`);
      return measured;
    };
    /** @type {Measured[]} */
    const parses = [];
    /** @type {Measured[]} */
    const reports = [];
    for (let round = 0; round < rounds; round++) {
      parses.push(await measure('parse'));
      reports.push(await measure('report'));
      process.stderr.write(
        `  round ${round + 1}: ${parses[round]?.seconds.toFixed(2)} s, ${reports[round]?.seconds.toFixed(2)} s\n`,
      );
    }
    await rm(path);
    const times = reports.map(({ seconds }) => seconds);
    const yardstick = parses.map(({ seconds }) => seconds);
    const taken = median(times);
    // Steadier on a machine that others use too.
    const cpu = ratioOf(
      reports.map(({ cpuSeconds }) => cpuSeconds),
      parses.map(({ cpuSeconds }) => cpuSeconds),
    );
    const mebibytes = (/** @type {Measured[]} */ list) => median(list.map(({ peakBytes }) => peakBytes)) / 2 ** 20;
    return [
      result({
        name: 'log',
        what: 'worker thread and report, against JSON.parse of every line',
        measured: ratioOf(times, yardstick),
        target,
        detail:
          `${taken.toFixed(2)} s against ${median(yardstick).toFixed(2)} s; ${Math.round(lines / taken)} lines/s ` +
          `of ${lines}, ${slow} slow; ${logMebibytes} MiB; processor time ${cpu.toFixed(2)} ×`,
      }),
      result({
        name: 'log, memory',
        what: 'peak resident memory of the process',
        measured: mebibytes(reports),
        unit: 'MiB',
        target: null,
        detail: `JSON.parse of every line: ${mebibytes(parses).toFixed(0)} MiB; ${logMebibytes} MiB of log`,
      }),
    ];
  },
};
