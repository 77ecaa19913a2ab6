/** What all rows share: programs, a replica set with the documents, the bundled tasks, a folder that is removed. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { resolveRuntime } from '../../scripts/setup/resolve-runtime.mjs';
import { bundleServices } from './bundle.mjs';
import { loadDocuments } from './documents.mjs';
import { startSet } from './mongod-set.mjs';

/**
 * @typedef {object} BenchResult
 * @property {string} name
 * @property {string} what what was measured against what
 * @property {number} measured
 * @property {string} unit `×` for ratios
 * @property {number | null} target at most; null: for information
 * @property {boolean | null} met
 * @property {string} detail the figures behind
 */

/**
 * @typedef {object} BenchRow
 * @property {string} name
 * @property {string} what
 * @property {string} against
 * @property {boolean} [onRequest] takes minutes: runs only when it is named
 * @property {(context: BenchContext) => Promise<BenchResult[]>} run
 */

/**
 * @typedef {object} BenchContext
 * @property {number} rounds
 * @property {number} documents
 * @property {number} level of compression
 * @property {number} logMebibytes size of the log that is measured with
 * @property {string} folder empty at first, removed at the end
 * @property {{ mongod: string, mongodump: string, mongorestore: string }} programs
 * @property {import('./mongod-set.mjs').MongodSet} set holds `bench.documents`
 * @property {import('./bundle.mjs').BundledServices} services
 * @property {Record<string, string | number>} machine
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ rounds: number, documents: number, members: number, level: number, logMebibytes: number }} options
 * @returns {Promise<BenchContext>}
 */
export async function createContext({ rounds, documents, members, level, logMebibytes }) {
  const { mongod, mongodump, mongorestore } = resolveRuntime();
  if (!mongod || !mongodump || !mongorestore) {
    throw new Error('mongod, mongodump or mongorestore is missing: run the set-up, or set the LIFEBOAT_ variables.');
  }
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-bench-'));
  const services = await bundleServices(folder);
  const set = await startSet({ mongod, members, folder });
  // Also when the run is interrupted, after the set has ended itself.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const close = async () => {
    await set.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await loadDocuments(set.uri, documents);
  } catch (error) {
    await close();
    throw error;
  }
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    documents,
    members,
    level,
  };
  return {
    rounds,
    documents,
    level,
    logMebibytes,
    folder,
    programs: { mongod, mongodump, mongorestore },
    set,
    services,
    machine,
    close,
  };
}
