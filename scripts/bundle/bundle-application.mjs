/** The Node side: one CommonJS bundle per process, with every package inside and only Electron left out. */
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { copyNativeLibraries, nativeLibrary } from './native-library.mjs';

/** Entry → bundle. The names are fixed: the main process finds preload and workers by them. */
const nodeEntries = [
  { from: 'electron/main/index.ts', to: 'main' },
  { from: 'electron/cli/index.ts', to: 'cli' },
  { from: 'electron/worker/index.ts', to: 'worker' },
];
const preloadEntries = [{ from: 'electron/preload/index.ts', to: 'preload' }];

/**
 * Packages the MongoDB driver takes when they happen to be installed. Here they never are, in a checkout as in a release:
 * otherwise a bundle could pick up whatever lies in a node_modules folder above it.
 */
const absent = [
  'kerberos',
  '@mongodb-js/zstd',
  '@aws-sdk/credential-providers',
  'gcp-metadata',
  'snappy',
  'socks',
  'aws4',
  'mongodb-client-encryption',
];

/** @type {import('esbuild').Plugin} */
const absentPackages = {
  name: 'absent-packages',
  setup: (bundler) => {
    const filter = new RegExp(`^(${absent.map((name) => name.replace(/[/.]/g, '\\$&')).join('|')})$`);
    bundler.onResolve({ filter }, ({ path }) => ({ path, namespace: 'absent' }));
    bundler.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path }) => ({
      loader: 'js',
      contents: `throw Object.assign(new Error(${JSON.stringify(`Cannot find module '${path}'`)}), { code: 'MODULE_NOT_FOUND' });`,
    }));
  },
};

/**
 * @param {string} repository
 * @param {string} output
 * @param {'development' | 'production'} mode
 */
export async function bundleApplication(repository, output, mode) {
  /** @type {import('esbuild').BuildOptions} */
  const shared = {
    absWorkingDir: repository,
    outdir: output,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    external: ['electron'],
    sourcemap: 'linked',
    sourcesContent: mode === 'development',
    minifySyntax: mode === 'production',
    minifyWhitespace: mode === 'production',
    // Names stay: stack traces in logs and `error.name` must be readable.
    keepNames: true,
    legalComments: 'external',
    logLevel: 'warning',
  };
  const environment = { 'process.env.NODE_ENV': JSON.stringify(mode) };
  await bundle(repository, nodeEntries, {
    ...shared,
    platform: 'node',
    target: 'node16',
    define: { ...environment, 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [absentPackages, nativeLibrary],
  });
  await copyNativeLibraries(repository, output);
  // A sandboxed preload has neither Node's modules nor a file name of its own.
  await bundle(repository, preloadEntries, {
    ...shared,
    platform: 'browser',
    target: 'chrome108',
    define: environment,
  });
}

/**
 * @param {string} repository
 * @param {readonly { from: string, to: string }[]} entries
 * @param {import('esbuild').BuildOptions} options
 */
async function bundle(repository, entries, options) {
  const present = entries.filter(({ from }) => existsSync(join(repository, from)));
  if (present.length === 0) return;
  const entryPoints = present.map(({ from, to }) => ({ in: from, out: to }));
  const result = await build({ ...options, entryPoints, write: false });
  for (const file of result.outputFiles) {
    // A process that starts during the build must find a whole file, the old one or the new one.
    const temporary = `${file.path}.${process.pid}.tmp`;
    await mkdir(dirname(file.path), { recursive: true });
    await writeFile(temporary, file.contents);
    await rename(temporary, file.path);
  }
}
