/** What makes `build/` a folder Electron can be started with: its package.json, and the resources needed at run time. */
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Drawings and installer parts that only packaging needs. */
const packagingOnly = new Set(['icon.icns', 'icon.ico', 'icon.svg', 'packaging']);

/**
 * @param {string} repository
 * @param {string} output
 */
export async function buildApplicationFolder(repository, output) {
  const { name, productName, version, description, author, license } = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  );
  const manifest = { name, productName, version, description, author, license, main: 'main.cjs', type: 'commonjs' };
  await mkdir(output, { recursive: true });
  const temporary = join(output, `.package-${process.pid}.json`);
  await writeFile(temporary, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(temporary, join(output, 'package.json'));

  const resources = join(repository, 'resources');
  if (!existsSync(resources)) return;
  const fresh = join(output, `.resources-${process.pid}`);
  const old = join(output, `.resources-${process.pid}-old`);
  try {
    await cp(resources, fresh, { recursive: true, filter: (path) => !packagingOnly.has(basename(path)) });
    if (existsSync(join(output, 'resources'))) await rename(join(output, 'resources'), old);
    await rename(fresh, join(output, 'resources'));
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}
