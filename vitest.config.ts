import { defineConfig } from 'vitest/config';
import { otherServersEnvironment } from './scripts/setup/other-servers.mjs';
import { runtimeEnvironment } from './scripts/setup/resolve-runtime.mjs';

const everywhere = ['electron/**', 'shared/**', 'renderer/**', 'scripts/**', 'e2e/**', 'bench/**'];
const named = (suffix: string): string[] => everywhere.map((folder) => `${folder}/*${suffix}`);
const never = ['**/node_modules/**', 'build/**', 'dist/**', 'e2e/**/*.spec.ts'];
const special = ['int', 'property', 'faults', 'compat'].map((kind) => `**/*.${kind}.test.ts`);
const minute = 60_000;
/** In CI one other version does the main job; see scripts/test.mjs. */
const isSample = process.env['LIFEBOAT_TEST_SERVERS'] === 'sample';

/**
 * Five kinds of tests, told apart by the ends of their file names. Those on real mongods run two files at a time: more only
 * wait for each other's disks. Long suites take their number of runs from LIFEBOAT_TEST_RUNS, those on other versions of the
 * server their versions from LIFEBOAT_TEST_SERVERS.
 */
export default defineConfig({
  test: {
    passWithNoTests: true,
    globalSetup: ['scripts/test/build-kernel-first.mjs', 'electron/test-support/bundle-worker-first.ts'],
    restoreMocks: true,
    teardownTimeout: minute,
    // `npx vitest run <path>` finds the programs without any preparation.
    env: runtimeEnvironment(),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [...named('.test.ts'), ...named('.test.tsx'), ...named('.test.mjs')],
          exclude: [...never, ...special],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'property',
          include: named('.property.test.ts'),
          exclude: never,
          testTimeout: 30 * minute,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: named('.int.test.ts'),
          exclude: never,
          pool: 'forks',
          maxWorkers: 2,
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: named('.faults.test.ts'),
          exclude: never,
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 30 * minute,
          hookTimeout: 5 * minute,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'compatibility',
          include: named(isSample ? 'main-job.compat.test.ts' : '.compat.test.ts'),
          exclude: never,
          env: otherServersEnvironment(),
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 10 * minute,
          hookTimeout: 5 * minute,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
