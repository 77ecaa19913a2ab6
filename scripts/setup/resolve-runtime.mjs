/** Where the programs are that Lifeboat needs: the environment's choice, else the cache. Downloads nothing. */
import { databaseTools, mongod } from './mongodb.mjs';
import { electron } from './electron.mjs';
import { resolvePrograms } from './artefacts.mjs';

/**
 * @typedef {object} Runtime absolute paths; null for what is not there
 * @property {string | null} electron
 * @property {string | null} mongod
 * @property {string | null} mongodump
 * @property {string | null} mongorestore
 */

/**
 * @param {Record<string, string | undefined>} [environment]
 * @returns {Runtime}
 */
export function resolveRuntime(environment = process.env) {
  const programs = resolveAll(environment);
  return {
    electron: programs['LIFEBOAT_ELECTRON'] ?? null,
    mongod: programs['LIFEBOAT_MONGOD'] ?? null,
    mongodump: programs['LIFEBOAT_MONGODUMP'] ?? null,
    mongorestore: programs['LIFEBOAT_MONGORESTORE'] ?? null,
  };
}

/**
 * The same as variables for a child process: `LIFEBOAT_ELECTRON`, `LIFEBOAT_MONGOD`, `LIFEBOAT_MONGODUMP`,
 * `LIFEBOAT_MONGORESTORE`; what is not there is left out.
 * @param {Record<string, string | undefined>} [environment]
 * @returns {Record<string, string>}
 */
export function runtimeEnvironment(environment = process.env) {
  /** @type {Record<string, string>} */
  const variables = {};
  for (const [variable, path] of Object.entries(resolveAll(environment))) {
    if (path !== null) variables[variable] = path;
  }
  return variables;
}

/**
 * @param {Record<string, string | undefined>} environment
 * @returns {Record<string, string | null>}
 */
function resolveAll(environment) {
  return {
    ...resolvePrograms(electron, environment),
    ...resolvePrograms(mongod, environment),
    ...resolvePrograms(databaseTools, environment),
  };
}
