/** Bundles worker threads for tests, as the build does. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Packages the MongoDB driver takes only when they are installed. */
const optionalPackages = [
  'kerberos',
  '@mongodb-js/zstd',
  '@aws-sdk/credential-providers',
  'gcp-metadata',
  'snappy',
  'socks',
  'aws4',
  'mongodb-client-encryption',
];

/** The one native package stays where it is installed, which no folder above the bundle is. */
const installedLibrary: Plugin = {
  name: 'installed-library',
  setup: (bundler) => {
    const path = createRequire(import.meta.url).resolve('libsql');
    bundler.onResolve({ filter: /^libsql$/ }, () => ({ path, external: true }));
  },
};

/** Writes `<folder>/<name>.cjs` made of `entry` and all it imports; returns its path. */
export async function bundleWorker(entry: string, folder: string, name = 'worker'): Promise<string> {
  const outfile = join(folder, `${name}.cjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node16',
    sourcemap: 'inline',
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    external: ['electron', ...optionalPackages],
    plugins: [installedLibrary],
    logLevel: 'warning',
  });
  return outfile;
}
