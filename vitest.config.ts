import { defineConfig } from 'vitest/config';
import { runtimeEnvironment } from './scripts/setup/resolve-runtime.mjs';

const everywhere = ['electron/**', 'shared/**', 'renderer/**', 'scripts/**', 'e2e/**', 'bench/**'];
const named = (suffix: string): string[] => everywhere.map((folder) => `${folder}/*${suffix}`);
const never = ['**/node_modules/**', 'build/**', 'dist/**', 'e2e/**/*.spec.ts'];
const special = ['**/*.int.test.ts', '**/*.property.test.ts', '**/*.faults.test.ts'];
const minute = 60_000;

/**
 * Four kinds of tests, told apart by the ends of their file names. Those on real mongods run two files at a time: more only
 * wait for each other's disks. Long suites take their number of runs from LIFEBOAT_TEST_RUNS.
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
    ],
  },
});
