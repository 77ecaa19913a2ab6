/**
 * libsql, the one package with native code: its JavaScript is bundled as all else, its libraries lie in `native/` beside the
 * bundle, one for each kind of computer that was installed for.
 */
import { copyFile, mkdir, readFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

const asked = 'return require(`@libsql/${target}`);';
const beside = "return require(require('node:path').join(__dirname, 'native', `libsql-${target}.node`));";

/** @type {import('esbuild').Plugin} */
export const nativeLibrary = {
  name: 'native-library',
  setup: (bundler) => {
    bundler.onLoad({ filter: /[\\/]node_modules[\\/]libsql[\\/]index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes(asked)) throw new Error(`${path} loads its library in another way than the build knows.`);
      return { contents: source.replace(asked, beside), loader: 'js' };
    });
  },
};

/**
 * @param {string} repository
 * @param {string} output
 */
export async function copyNativeLibraries(repository, output) {
  const installed = join(repository, 'node_modules', '@libsql');
  const folder = join(output, 'native');
  await mkdir(folder, { recursive: true });
  for (const target of await readdir(installed)) {
    const file = join(folder, `libsql-${target}.node`);
    await copyFile(join(installed, target, 'index.node'), `${file}.${process.pid}.tmp`);
    await rename(`${file}.${process.pid}.tmp`, file);
  }
}
