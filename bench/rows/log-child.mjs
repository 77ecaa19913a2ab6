/**
 * `node log-child.mjs parse|report FOLDER LOG`: reads a log in a process of its own, by JSON.parse of every line or by
 * Lifeboat's report from a worker thread, and prints `{ seconds, cpuSeconds, peakBytes, counted }` as JSON.
 */
import { createReadStream } from 'node:fs';
import { loadProduct, workerFileIn } from '../lib/bundle.mjs';

const [way = '', folder = '', log = ''] = process.argv.slice(2);

async function parseEveryLine() {
  let counted = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(log, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      const line = JSON.parse(bytes.toString('utf8', start, end));
      if (line.msg === 'Slow query') counted += 1;
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  return counted;
}

/** @param {import('../../electron/jobs/run-in-worker').TaskRunner} tasks */
async function makeReport(tasks) {
  const filter = { database: null, since: null, until: null };
  /** @type {import('../../shared/profiler').ProfileReport} */
  const { operations } = await tasks.run('profiler.log-report', { paths: [log], filter, obfuscate: false });
  return operations;
}

// The program runs already when somebody asks for a report; the worker thread's start is a part of it.
const tasks =
  way === 'report' ? loadProduct(folder).createTaskRunner({ workerFile: workerFileIn(folder), maxWorkers: 1 }) : null;
const before = process.cpuUsage();
const started = performance.now();
const counted = tasks ? await makeReport(tasks) : await parseEveryLine();
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1e6;
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds, peakBytes, counted })}\n`);
