/** The window's page, built by Vite beside the present one and put in its place when it is whole. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

/**
 * @param {string} repository
 * @param {string} output
 * @param {'development' | 'production'} mode
 */
export async function bundleRenderer(repository, output, mode) {
  const fresh = join(output, `.renderer-${process.pid}`);
  const old = join(output, `.renderer-${process.pid}-old`);
  const final = join(output, 'renderer');
  try {
    await build({
      configFile: join(repository, 'vite.config.ts'),
      mode,
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true, minify: mode === 'production', sourcemap: true },
    });
    if (existsSync(final)) await rename(final, old);
    await rename(fresh, final);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}
