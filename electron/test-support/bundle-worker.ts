/** Bundles worker threads for tests, as the build does. */
import { join } from 'node:path';
import { build } from 'esbuild';

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
    logLevel: 'warning',
  });
  return outfile;
}
