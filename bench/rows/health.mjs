/** Watching a set of three and fifty of them, against one core; and charts over a month of history, against a second. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSet } from '../lib/mongod-set.mjs';
import { result } from '../lib/report.mjs';

const run = promisify(execFile);
const child = (/** @type {string} */ name) => fileURLToPath(new URL(`./${name}`, import.meta.url));
const seconds = 60;
const fleet = 50;

/** @type {import('../lib/context.mjs').BenchRow} */
export const healthRow = {
  name: 'health',
  what: 'sampling three members every 5 s into the history',
  against: 'one core',
  run: async ({ folder, programs }) => {
    const place = join(folder, 'health-set');
    await mkdir(place);
    const set = await startSet({ mongod: programs.mongod, members: 3, folder: place });
    try {
      const watched = await run(process.execPath, [child('health-child.mjs'), folder, set.uri, String(seconds)]);
      /** @type {{ cpuSeconds: number, seconds: number, samples: number }} */
      const { cpuSeconds, seconds: taken, samples } = JSON.parse(watched.stdout);
      if (samples < seconds / 5 - 3) throw new Error(`Only ${samples} samples in ${taken} s.`);
      const all = await run(process.execPath, [
        child('health-fleet-child.mjs'),
        folder,
        set.uri,
        String(fleet),
        String(seconds),
      ]);
      /** @type {{ cpuSeconds: number, seconds: number, samples: number, rssBefore: number, rssHighest: number, historyBytes: number }} */
      const many = JSON.parse(all.stdout);
      if (many.samples < fleet * (seconds / 5 - 3)) throw new Error(`Only ${many.samples} samples of the fleet.`);
      const asked = await run(process.execPath, [child('health-history-child.mjs'), folder], { maxBuffer: 2 ** 24 });
      /** @type {{ milliseconds: number, fineMilliseconds: number, bytes: number, points: number }} */
      const charts = JSON.parse(asked.stdout);
      return [
        result({
          name: 'health',
          what: 'processor time of sampling 3 members every 5 s, of one core',
          measured: (cpuSeconds / taken) * 100,
          unit: '%',
          target: 2,
          detail: `${cpuSeconds.toFixed(2)} s in ${taken.toFixed(0)} s, ${samples} samples, history and alerts included`,
        }),
        result({
          name: 'health, fleet',
          what: `processor time of ${fleet} deployments, ${3 * fleet} members (3 real), every 5 s, of one core`,
          measured: (many.cpuSeconds / many.seconds) * 100,
          unit: '%',
          target: null,
          detail:
            `${many.samples} samples in ${many.seconds.toFixed(0)} s; memory ${(many.rssHighest / 2 ** 20).toFixed(0)} MiB at most, ` +
            `${((many.rssHighest - many.rssBefore) / 2 ** 20).toFixed(0)} MiB of it for the fleet`,
        }),
        result({
          name: 'health, charts',
          what: '30 days of 3 members, 4 series each, 1,000 points',
          measured: charts.milliseconds / 1000,
          unit: 's',
          target: 1,
          detail:
            `by minutes (5,000 points and more): ${charts.fineMilliseconds.toFixed(0)} ms; ` +
            `${(charts.bytes / 2 ** 20).toFixed(0)} MiB of history, ${charts.points} points`,
        }),
      ];
    } finally {
      await set.stop();
    }
  },
};
