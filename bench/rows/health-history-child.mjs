/** `node health-history-child.mjs FOLDER`: makes 30 days of three members and asks for charts of them; prints what that took. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { loadProduct } from '../lib/bundle.mjs';

const [folder = ''] = process.argv.slice(2);
const { HistoryStore, queryHistory, packMetrics, noMetrics, metricNames } = loadProduct(folder);
const path = join(folder, `health-${process.pid}.db`);
const store = await HistoryStore.open(path, { largestBytes: 2 ** 31 });
const day = 86_400_000;
const end = Math.floor(Date.now() / day) * day;
const hosts = ['a:1', 'b:1', 'c:1'];
// Once a minute: the tiers that a month is read from are the same as of a sample every five seconds.
for (let at = end - 30 * day; at < end; at += 60_000) {
  const members = hosts.map((host, index) => {
    const values = Object.fromEntries(
      metricNames.map((name, metric) => [name, Math.sin(at / 1e6 + metric + index) * 1000 + Math.random()]),
    );
    return { host, set: 'rs', values: packMetrics({ ...noMetrics, ...values }) };
  });
  store.append({ deployment: 'd', at, members, events: [] });
}
/** @type {import('../../shared/health').MetricName[]} */
const metrics = ['lagSeconds', 'connections', 'insertsPerSecond', 'cacheUsedPercent'];
const ask = (/** @type {number} */ points) => {
  const began = performance.now();
  const answer = queryHistory(
    store,
    { deployment: 'd', hosts: null, metrics, from: end - 30 * day, to: end, points },
    end,
  );
  const count = answer.series.reduce((sum, line) => sum + line.at.length, 0);
  return { milliseconds: performance.now() - began, count };
};
const coarse = ask(1000);
const fine = ask(5000);
const bytes = statSync(path).size;
process.stdout.write(
  `${JSON.stringify({ milliseconds: coarse.milliseconds, fineMilliseconds: fine.milliseconds, bytes, points: coarse.count })}\n`,
);
store.close();
