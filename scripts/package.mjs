/**
 * `npm run package`: the unpacked application for this machine in `dist/`, from the Electron at hand. Further parameters go to
 * electron-builder (`npm run package -- --linux deb`). With `--for-tests` the result lies in `dist/for-tests/` and accepts
 * the inspector that Playwright needs; it must not be given to anybody.
 */
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { exitCodeOf, spawnOwned } from './children/owned-child.mjs';
import { setUp } from './setup.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const platformFlags = { linux: '--linux', darwin: '--mac', win32: '--win' };

/** The first Electron with this fuse; older ones refuse to be told about it. */
const fileFuseSince = 29;

/** @returns {Promise<number>} the exit code */
async function pack() {
  const passed = process.argv.slice(2);
  const forTests = passed.includes('--for-tests');
  const parameters = passed.filter((parameter) => parameter !== '--for-tests');
  const runtime = await setUp();
  const output = forTests ? 'dist/for-tests' : 'dist';
  await build({ mode: 'production', output: join(repository, 'dist', 'app') });

  const host = platformFlags[/** @type {keyof typeof platformFlags} */ (process.platform)];
  const targets = parameters.length > 0 ? parameters : [host, 'dir'];
  const isForHost = targets.includes(host);
  const isForMac = targets.includes('--mac');
  const electron = isForHost ? electronAtHand(/** @type {string} */ (runtime.electron)) : null;
  const settings = [
    `directories.output=${output}`,
    ...(electron === null ? [] : [`electronDist=${electron.folder}`, `electronVersion=${electron.version}`]),
    ...(electron !== null && Number.parseInt(electron.version, 10) < fileFuseSince
      ? []
      : ['electronFuses.grantFileProtocolExtraPrivileges=false']),
    ...(isForMac ? ['electronFuses.runAsNode=false'] : []),
    ...(forTests ? ['electronFuses.enableNodeCliInspectArguments=true'] : []),
  ];
  await rm(join(repository, output, `${process.platform}-unpacked`), { recursive: true, force: true });
  const child = spawnOwned(
    process.execPath,
    [
      join(repository, 'node_modules', 'electron-builder', 'cli.js'),
      ...targets,
      '--publish',
      'never',
      '--config',
      'electron-builder.yml',
      ...settings.map((setting) => `-c.${setting}`),
    ],
    { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return exitCodeOf(child);
}

/**
 * @param {string} executable
 * @returns {{ folder: string, version: string }} what electron-builder copies
 */
function electronAtHand(executable) {
  // On macOS the executable lies three folders deep in Electron.app.
  const folder = process.platform === 'darwin' ? join(executable, '..', '..', '..', '..') : dirname(executable);
  const file = join(folder, 'version');
  if (!existsSync(file)) throw new Error(`${folder} does not say which version of Electron it is.`);
  return { folder, version: readFileSync(file, 'utf8').trim().replace(/^v/, '') };
}

try {
  process.exitCode = await pack();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
