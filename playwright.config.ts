import { defineConfig } from '@playwright/test';
import { runtimeEnvironment } from './scripts/setup/resolve-runtime.mjs';

// Workers inherit it: `npx playwright test` then works alone where there is a display.
Object.assign(process.env, runtimeEnvironment());

const report = process.env['LIFEBOAT_TEST_REPORT'];

export default defineConfig<{ documents: number }>({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  // One real Electron with real mongods at a time: timing and screenshots then depend on nothing else.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ...(report === undefined ? [] : [['json', { outputFile: report }] as const])],
  projects: [
    { name: 'e2e', testIgnore: ['**/screenshots.spec.ts', '**/packaged.spec.ts'] },
    { name: 'packaged', testMatch: '**/packaged.spec.ts' },
    {
      name: 'large',
      testMatch: '**/restore-large.spec.ts',
      timeout: 1_800_000,
      use: { documents: 1_000_000 },
    },
    { name: 'screenshots', testMatch: '**/screenshots.spec.ts', timeout: 900_000 },
  ],
});
