/** `node captures-child.mjs FOLDER LOG`: gathers a log into a capture and prints what it took and how fast questions are answered, as JSON. */
import { join } from 'node:path';
import { loadProduct, workerFileIn } from '../lib/bundle.mjs';

const [folder = '', log = ''] = process.argv.slice(2);
const product = loadProduct(folder);
const services = await product.createServices({
  dataFolder: product.resolveDataFolder(join(folder, 'captures-data')),
  origin: 'window',
  workerFile: workerFileIn(folder),
  secrets: product.createMemorySecretStore(),
  version: '0.0.0',
});
const { captures, jobs } = services;
const before = process.cpuUsage();
const started = performance.now();
const { captureId, jobId } = await captures.start({ source: { type: 'log-files', paths: [log] }, title: null });
await jobs.wait(jobId);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const { operations } = await captures.get(captureId);

/** @type {import('../../shared/slow-queries').CaptureFilter} */
const filter = {
  ...{ ns: [], kinds: [], apps: [], hosts: [], plan: '', text: '', collscan: null, sortStage: null },
  ...{ from: null, to: null, minMs: null, maxMs: null, shapeId: null, setApart: 'counted' },
};
/** @type {Record<string, number>} */
const answers = {};
/** @param {string} name @param {() => Promise<unknown>} ask */
async function timed(name, ask) {
  const times = [];
  for (let round = 0; round < 5; round++) {
    const asked = performance.now();
    await ask();
    times.push(performance.now() - asked);
  }
  answers[name] = times.sort((a, b) => a - b)[2] ?? 0;
}
let round = 0;
// Another filter each time, so that nothing is at hand from the question before.
const fresh = () => ({ ...filter, minMs: ++round / 1000 });
const page = { sort: /** @type {const} */ ('totalMs'), descending: true, offset: 0, limit: 100, buckets: 60 };
await timed('shapes', () => captures.ask(captureId, 'shapes', { filter: fresh(), ...page }));
await timed('summary', () => captures.ask(captureId, 'summary', { filter: fresh() }));
await timed('points', () => captures.ask(captureId, 'points', { filter: fresh(), limit: 5000 }));
await timed('heat map', () => captures.ask(captureId, 'heatMap', { filter: fresh(), columns: 200, rows: 40 }));
await timed('operations', () =>
  captures.ask(captureId, 'operations', {
    filter: fresh(),
    ...{ sort: 'durationMs', descending: true, offset: 0, limit: 100, masked: false },
  }),
);
await captures.delete(captureId);
await services.close();
const peakBytes = process.resourceUsage().maxRSS * 1024;
const cpuSeconds = (user + system) / 1e6;
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds, operations, answers, peakBytes })}\n`);
