/**
 * `npm run -s lifeboat -- <noun> <verb> …`: the command line from this checkout. Builds first when sources changed, and
 * prints nothing of its own on stdout. Downloads nothing: `npm run setup` does that.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from './build.mjs';
import { runtimeEnvironment } from './setup/resolve-runtime.mjs';

try {
  const application = await build({ say: () => {} });
  Object.assign(process.env, runtimeEnvironment());
  const bundle = join(application, 'cli.cjs');
  process.argv = [process.execPath, bundle, ...process.argv.slice(2)];
  createRequire(import.meta.url)(bundle);
} catch (error) {
  const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (missing) process.stderr.write('Run `npm run setup` once first.\n');
  process.exitCode = 1;
}
