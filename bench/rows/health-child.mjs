/**
 * `node health-child.mjs FOLDER URI SECONDS`: watches a deployment as the window does, recording, and prints what it took beyond
 * an idle process, as JSON: `{ cpuSeconds, seconds, samples }`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { loadProduct, workerFileIn } from '../lib/bundle.mjs';
import { join } from 'node:path';

const [folder = '', uri = '', seconds = '60'] = process.argv.slice(2);
const { createServices, createMemorySecretStore, resolveDataFolder } = loadProduct(folder);
const services = await createServices({
  dataFolder: resolveDataFolder(join(folder, 'health-data')),
  origin: 'cli',
  workerFile: workerFileIn(folder),
  secrets: createMemorySecretStore(),
  version: '0.0.0',
});
const connection = await services.connections.ephemeral(uri, { name: 'bench', environment: 'development' });
let samples = 0;
const watch = await services.health.watch(connection.id, { intervalMs: 5000, record: true }, () => samples++);
// Clients and threads are made with the first samples; a watch lasts days.
await pause(12_000);
const before = process.cpuUsage();
const began = performance.now();
const already = samples;
await pause(Number(seconds) * 1000);
const { user, system } = process.cpuUsage(before);
const taken = (performance.now() - began) / 1000;
process.stdout.write(
  `${JSON.stringify({ cpuSeconds: (user + system) / 1e6, seconds: taken, samples: samples - already })}\n`,
);
await watch.stop();
await services.close();
