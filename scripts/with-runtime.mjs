/**
 * `node scripts/with-runtime.mjs PROGRAM …`: set-up and build, then a program of this project with the runtime's paths in its
 * environment and a display to draw on.
 */
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { provideDisplay } from './children/display.mjs';
import { exitCodeOf, spawnOwned } from './children/owned-child.mjs';
import { setUp } from './setup.mjs';
import { runtimeEnvironment } from './setup/resolve-runtime.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');

try {
  const [program, ...parameters] = process.argv.slice(2);
  if (program === undefined) throw new Error('Give the program to run.');
  await setUp();
  await build();
  const display = await provideDisplay();
  try {
    const path = `${join(repository, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
    const child = spawnOwned(program, parameters, {
      cwd: repository,
      env: { ...process.env, ...display.environment, ...runtimeEnvironment(), PATH: path },
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    process.exitCode = await exitCodeOf(child);
  } finally {
    await display.end();
  }
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
