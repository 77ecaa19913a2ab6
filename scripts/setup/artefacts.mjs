/** What set-up provides besides node_modules, and trying each artefact's sources in their order. */
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { artefactFolder, cacheRoot, installArtefact, readCompletion } from './cache.mjs';
import { withLock } from './lock.mjs';

/**
 * @typedef {object} Source
 * @property {string} version
 * @property {string} label where it comes from, for the one line set-up prints
 * @property {boolean} available whether this source has something for this platform
 * @property {number} revision raise it when `fill` changes what it writes
 * @property {(places: { folder: string, work: string }) => Promise<{ sha256: string, downloads: string[] }>} fill
 */

/**
 * @typedef {object} Artefact
 * @property {'electron' | 'mongod' | 'database-tools' | 'other-mongod'} name
 * @property {string} title for people
 * @property {Record<string, string>} programs override variable → path inside the artefact's folder
 * @property {readonly Source[]} sources in the order in which they are tried
 */

/**
 * @param {Artefact} artefact
 * @returns {string | null} the folder of the first source's version that is complete in the cache
 */
export function installedFolder(artefact) {
  for (const source of artefact.sources) {
    const folder = artefactFolder(artefact.name, source.version);
    if (readCompletion(folder, source.revision) !== null) return folder;
  }
  return null;
}

/**
 * Makes sure that the artefact is in the cache.
 * @param {Artefact} artefact
 * @param {(line: string) => void} say
 * @returns {Promise<string>} its folder
 * @throws {Error} that names every source and why it could not be used
 */
export async function provideArtefact(artefact, say) {
  const present = installedFolder(artefact);
  if (present !== null) return present;
  return withLock(
    join(cacheRoot(), 'locks', artefact.name),
    async () => {
      const meanwhile = installedFolder(artefact);
      return meanwhile ?? (await takeFromFirstSource(artefact, say));
    },
    (holder) => say(`${artefact.title}: waiting for ${holder}, which is setting it up`),
  );
}

/**
 * @param {Artefact} artefact
 * @param {(line: string) => void} say
 * @returns {Promise<string>}
 */
async function takeFromFirstSource(artefact, say) {
  /** @type {string[]} */
  const reasons = [];
  for (const source of artefact.sources) {
    if (!source.available) continue;
    const started = Date.now();
    /** @type {string[]} */
    let downloads = [];
    try {
      const completion = await installArtefact(artefact.name, source.version, source.revision, async (places) => {
        const filled = await source.fill(places);
        downloads = filled.downloads;
        return { source: source.label, sha256: filled.sha256 };
      });
      for (const download of downloads) await rm(download, { force: true });
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      say(`${artefact.title} ${completion.version}: taken from ${completion.source} in ${seconds} s`);
      return artefactFolder(artefact.name, source.version);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      reasons.push(`  ${source.label}: ${reason}`);
      say(`${artefact.title} ${source.version}: not from ${source.label} (${reason})`);
    }
  }
  const variables = Object.keys(artefact.programs).join(', ');
  throw new Error(
    [
      `${artefact.title} could not be had for ${process.platform} ${process.arch}:`,
      ...(reasons.length > 0 ? reasons : ['  no source has it for this platform']),
      `  If you have it already, set ${variables} to its path and start again.`,
    ].join('\n'),
  );
}

/**
 * @param {Artefact} artefact
 * @param {Record<string, string | undefined>} [environment]
 * @returns {Record<string, string | null>} override variable → absolute path, null when it is not there
 */
export function resolvePrograms(artefact, environment = process.env) {
  const folder = installedFolder(artefact);
  return Object.fromEntries(
    Object.entries(artefact.programs).map(([variable, inside]) => {
      const override = environment[variable];
      if (override !== undefined && override !== '') return [variable, existsSync(override) ? override : null];
      return [variable, folder === null ? null : join(folder, inside)];
    }),
  );
}

/**
 * @param {string} packageFile
 * @returns {Record<string, unknown>}
 */
export function readPackage(packageFile) {
  return JSON.parse(readFileSync(packageFile, 'utf8'));
}
