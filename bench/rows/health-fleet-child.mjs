/**
 * `node health-fleet-child.mjs FOLDER URI DEPLOYMENTS SECONDS`: watches that many sets of three every 5 s as the window does,
 * recording; one of them is real. The others answer at the sampler's edge with what the real ones said, decoded anew each
 * time, under names of their own. Prints what it took as JSON:
 * `{ cpuSeconds, seconds, samples, members, rssBefore, rssAfter, rssHighest, historyBytes }`.
 */
import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { loadProduct, workerFileIn } from '../lib/bundle.mjs';

const [folder = '', uri = '', count = '50', seconds = '60'] = process.argv.slice(2);
const {
  createServices,
  createHealth,
  createMemberReader,
  createTaskRunner,
  createMemorySecretStore,
  resolveDataFolder,
  BSON,
} = loadProduct(folder);
const workerFile = workerFileIn(folder);
const dataFolder = resolveDataFolder(join(folder, 'fleet-data'));
const services = await createServices({
  dataFolder,
  origin: 'window',
  workerFile,
  secrets: createMemorySecretStore(),
  version: '0.0.0',
});
const real = await services.connections.ephemeral(uri, { name: 'real', environment: 'production' });
const addresses = await services.connections.memberAddresses(real.id);

/** What one real member says, as bytes: reading is decoding, as it is with a server. */
/** @typedef {{ hello: Uint8Array, serverStatus: Uint8Array, replicaSetStatus: Uint8Array, configuration: Uint8Array }} Recorded */
/** @type {Map<string, Recorded>} */
const recorded = new Map();
/** @param {unknown} document */
const encode = (document) => BSON.serialize(/** @type {import('mongodb').Document} */ (document));
for (const host of addresses.seeds) {
  const reader = createMemberReader(host, addresses.uriOf(host), { anonymous: false });
  const said = await reader.read(4000);
  recorded.set(host, {
    hello: encode(said.hello),
    serverStatus: encode(said.serverStatus),
    replicaSetStatus: encode(said.replicaSetStatus),
    configuration: encode(await reader.configuration(4000)),
  });
  reader.close();
}

/** Hosts of a simulated set: `d17-127.0.0.1:4711`. @param {unknown} value @param {string} prefix @returns {unknown} */
function renamed(value, prefix) {
  if (typeof value === 'string') return recorded.has(value) ? `${prefix}${value}` : value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, prefix));
  if (value === null || typeof value !== 'object' || '_bsontype' in value || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, renamed(each, prefix)]));
}

/** @type {import('../../electron/health/sampler/deployment-sampler').OpenReader} */
function simulate(host, prefix) {
  const plain = host.slice(prefix.length);
  const bytes = recorded.get(plain);
  if (!bytes) throw new Error(`Nobody recorded ${plain}`);
  /** @param {Uint8Array} from */
  const decode = (from) => BSON.deserialize(from);
  /** @param {Uint8Array} from */
  const own = (from) => encode(renamed(decode(from), prefix));
  const mine = {
    hello: own(bytes.hello),
    status: own(bytes.replicaSetStatus),
    configuration: own(bytes.configuration),
  };
  const began = Date.now();
  return {
    async read() {
      await pause(2);
      const passed = Date.now() - began;
      const serverStatus = decode(bytes.serverStatus);
      serverStatus['uptimeMillis'] = Number(serverStatus['uptimeMillis']) + passed;
      for (const name of Object.keys(serverStatus['opcounters'] ?? {}))
        serverStatus['opcounters'][name] = Number(serverStatus['opcounters'][name]) + passed;
      return {
        at: Date.now(),
        roundTripMs: 2,
        hello: decode(mine.hello),
        serverStatus,
        replicaSetStatus: decode(mine.status),
        problem: null,
      };
    },
    oplog: () => Promise.resolve({ firstSeconds: 1, lastSeconds: 200_000, bytes: 1e9, maxBytes: 2e9 }),
    sizes: () => Promise.resolve({ diskUsedBytes: 1e11, diskTotalBytes: 4e11 }),
    capacity: () => Promise.resolve({ indexBytes: 1e9, memoryBytes: 8e9 }),
    configuration: () => Promise.resolve(decode(mine.configuration)),
    shardMap: () => Promise.resolve({}),
    firstEntryAfter: () => Promise.resolve(null),
    close: () => undefined,
  };
}

const connections = [
  real,
  ...Array.from({ length: Number(count) - 1 }, (_, index) => ({
    ...real,
    id: `sim-${index}`,
    name: `simulated ${index}`,
  })),
];
/** @param {string} id */
const get = (id) => {
  const found = connections.find((connection) => connection.id === id);
  return found ? Promise.resolve(found) : Promise.reject(new Error(`No connection ${id}`));
};
const tasks = createTaskRunner({ workerFile, maxWorkers: 2 });
const health = createHealth({
  connections: {
    get,
    list: () => Promise.resolve(connections),
    onChange: () => () => undefined,
    memberAddresses: (id) => {
      if (id === real.id) return Promise.resolve(addresses);
      const prefix = `d${id.slice('sim-'.length)}-`;
      return Promise.resolve({
        direct: false,
        seeds: addresses.seeds.map((host) => `${prefix}${host}`),
        uriOf: () => prefix,
      });
    },
  },
  settings: services.settings,
  catalogue: services.catalogue,
  jobs: services.jobs,
  captures: services.captures,
  audit: services.audit,
  tasks,
  logger: services.logger,
  origin: 'window',
  historyFile: dataFolder.healthHistoryFile,
  alertsFile: dataFolder.alertsFile,
  locksFolder: dataFolder.locksFolder,
  openReader: (host, target, options) =>
    recorded.has(host) ? createMemberReader(host, target, options) : simulate(host, target, options),
});

let samples = 0;
let members = 0;
const rss = () => process.memoryUsage().rss;
const rssBefore = rss();
health.fleet.onChanged(({ sample, recordedHere }) => {
  if (!sample?.sets[0] || !recordedHere) return;
  samples++;
  members = Math.max(members, sample.sets[0].members.filter(({ answered }) => answered).length);
});
health.fleet.start();
// Clients and threads are made with the first samples; a watch lasts days.
await pause(15_000);
const already = samples;
const before = process.cpuUsage();
const start = performance.now();
let rssHighest = 0;
while (performance.now() - start < Number(seconds) * 1000) {
  await pause(1000);
  rssHighest = Math.max(rssHighest, rss());
}
const { user, system } = process.cpuUsage(before);
const taken = (performance.now() - start) / 1000;
const told = {
  cpuSeconds: (user + system) / 1e6,
  seconds: taken,
  samples: samples - already,
  members,
  rssBefore,
  rssAfter: rss(),
  rssHighest,
  historyBytes: statSync(dataFolder.healthHistoryFile).size,
};
await health.close();
await services.close();
await tasks.close();
process.stdout.write(`${JSON.stringify(told)}\n`);
