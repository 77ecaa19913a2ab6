/** The stages of `npm test`, in the order in which they run. */
import { readdirSync } from 'node:fs';

/**
 * @typedef {object} Command
 * @property {string} script path of a JavaScript file below the repository, run with this Node
 * @property {readonly string[]} parameters
 *
 * @typedef {object} Stage
 * @property {string} name
 * @property {'check' | 'vitest' | 'playwright'} kind a check counts as one test
 * @property {readonly Command[]} commands the last one of a test stage writes the report
 * @property {boolean} [needsBuild]
 * @property {boolean} [needsDisplay]
 * @property {boolean} [attemptedTwice] its tests wait for real servers and windows, which a busy machine can hold up
 * @property {number} timeoutMinutes
 */

/**
 * @param {string} repository
 * @returns {Stage[]}
 */
export function allStages(repository) {
  const projects = readdirSync(repository).filter((name) => /^tsconfig\.(?!base\.).+\.json$/.test(name));
  return [
    { name: 'format', kind: 'check', timeoutMinutes: 5, commands: [tool('prettier/bin/prettier.cjs', '--check', '.')] },
    {
      name: 'lint',
      kind: 'check',
      timeoutMinutes: 10,
      commands: [tool('eslint/bin/eslint.js', '--max-warnings', '0', '.')],
    },
    {
      name: 'imports',
      kind: 'check',
      timeoutMinutes: 5,
      commands: [
        tool(
          'dependency-cruiser/bin/dependency-cruise.mjs',
          '--config',
          '.dependency-cruiser.mjs',
          'electron',
          'shared',
          'renderer',
        ),
      ],
    },
    {
      name: 'types',
      kind: 'check',
      timeoutMinutes: 10,
      commands: projects.map((project) => tool('typescript/bin/tsc', '-p', project, '--noEmit')),
    },
    { name: 'unit', kind: 'vitest', timeoutMinutes: 10, commands: [vitest('unit')] },
    { name: 'property', kind: 'vitest', timeoutMinutes: 20, commands: [vitest('property')] },
    {
      name: 'integration',
      kind: 'vitest',
      needsBuild: true,
      attemptedTwice: true,
      timeoutMinutes: 60,
      commands: [vitest('integration')],
    },
    {
      name: 'faults',
      kind: 'vitest',
      needsBuild: true,
      attemptedTwice: true,
      timeoutMinutes: 45,
      commands: [vitest('faults')],
    },
    {
      name: 'compatibility',
      kind: 'vitest',
      needsBuild: true,
      attemptedTwice: true,
      timeoutMinutes: 90,
      commands: [{ script: 'scripts/setup/other-servers.mjs', parameters: [] }, vitest('compatibility')],
    },
    {
      name: 'e2e',
      kind: 'playwright',
      needsBuild: true,
      needsDisplay: true,
      attemptedTwice: true,
      timeoutMinutes: 60,
      commands: [playwright('e2e')],
    },
    {
      name: 'package',
      kind: 'playwright',
      needsBuild: true,
      needsDisplay: true,
      attemptedTwice: true,
      timeoutMinutes: 20,
      commands: [{ script: 'scripts/package.mjs', parameters: ['--for-tests'] }, playwright('packaged')],
    },
  ];
}

/**
 * @param {string} script below node_modules
 * @param {string[]} parameters
 * @returns {Command}
 */
function tool(script, ...parameters) {
  return { script: `node_modules/${script}`, parameters };
}

/**
 * @param {string} project
 * @returns {Command}
 */
function vitest(project) {
  const reporters = ['--reporter=default', '--reporter=./scripts/test/vitest-report.mjs'];
  return tool('vitest/vitest.mjs', 'run', '--project', project, ...reporters);
}

/**
 * @param {string} project
 * @returns {Command}
 */
function playwright(project) {
  return tool('@playwright/test/cli.js', 'test', `--project=${project}`, '--pass-with-no-tests');
}
