/**
 * `npm test`: set-up, build, and every check and test there is. Goes on after a failure, so that one run tells everything.
 * `--only unit,e2e` runs some stages, `--long` gives the property, fault and compatibility suites their full length.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { provideDisplay } from './children/display.mjs';
import { setUp } from './setup.mjs';
import { runtimeEnvironment } from './setup/resolve-runtime.mjs';
import { runStage } from './test/run-stage.mjs';
import { allStages } from './test/stages.mjs';
import { countOutcomes, renderSummary } from './test/summary.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const sampleRuns = '20';
const longRuns = '1000';

/** The user's own Lifeboat must neither change a test nor be changed by one. */
const personal = ['LIFEBOAT_HOME', 'LIFEBOAT_URI', 'LIFEBOAT_PASSPHRASE_FILE', 'LIFEBOAT_SCREENSHOT'];

/**
 * @typedef {import('./test/summary.mjs').StageResult} StageResult
 * @typedef {import('./test/stages.mjs').Stage} Stage
 */

/** @returns {Promise<number>} the exit code */
async function test() {
  const { values } = parseArgs({ options: { only: { type: 'string' }, long: { type: 'boolean', default: false } } });
  const stages = chooseStages(values.only);
  const reportFolder = join(repository, 'test-results', 'reports');
  /** @type {StageResult[]} */
  const results = [];
  try {
    await setUp();
  } catch (error) {
    results.push(singleResult('set-up', 'failed', messageOf(error)));
    process.stderr.write(`${messageOf(error)}\n`);
    return finish(results);
  }
  const built = await buildStage();
  results.push(built);
  const buildFailed = countOutcomes([built]).failed > 0;
  // Playwright empties its results folder when it starts; the reports of the others are read before that.
  await mkdir(reportFolder, { recursive: true });
  const environment = testEnvironment(values.long);

  const checks = stages.filter(({ kind }) => kind === 'check');
  if (checks.length > 0) announce(checks.map(({ name }) => name).join(', '));
  results.push(...(await runChecks(checks, { repository, reportFolder, environment, quiet: true })));

  const display = stages.some(({ needsDisplay }) => needsDisplay) ? await provideDisplay() : null;
  try {
    for (const stage of stages.filter(({ kind }) => kind !== 'check')) {
      if (stage.needsBuild && buildFailed) {
        results.push(singleResult(stage.name, 'skipped', 'the build failed'));
        continue;
      }
      announce(stage.name);
      await mkdir(reportFolder, { recursive: true });
      const env = { ...environment, ...(stage.needsDisplay ? display?.environment : {}) };
      results.push(await runStage(stage, { repository, reportFolder, environment: env, quiet: false }));
    }
  } finally {
    await display?.end();
  }
  return finish(results);
}

/**
 * @param {string | undefined} only
 * @returns {Stage[]}
 */
function chooseStages(only) {
  const stages = allStages(repository);
  if (only === undefined) return stages;
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !stages.some((stage) => stage.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no stage ${unknown}: choose of ${stages.map(({ name }) => name).join(', ')}.`);
  }
  return stages.filter(({ name }) => names.includes(name));
}

/** @returns {Promise<StageResult>} */
async function buildStage() {
  const started = Date.now();
  try {
    await build();
    return { ...singleResult('build', 'passed', ''), elapsedMs: Date.now() - started };
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return { ...singleResult('build', 'failed', messageOf(error)), elapsedMs: Date.now() - started };
  }
}

/**
 * Two at a time: they mostly wait for one core each. In the order of the list, whichever ends first.
 * @param {readonly Stage[]} checks
 * @param {Parameters<typeof runStage>[1]} context
 * @returns {Promise<StageResult[]>}
 */
async function runChecks(checks, context) {
  /** @type {StageResult[]} */
  const results = [];
  const waiting = checks.map((stage, index) => ({ stage, index }));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results[next.index] = await runStage(next.stage, context);
    }
  };
  await Promise.all([work(), work()]);
  return results;
}

/**
 * @param {boolean} long
 * @returns {NodeJS.ProcessEnv}
 */
function testEnvironment(long) {
  /** @type {NodeJS.ProcessEnv} */
  const environment = {
    LIFEBOAT_TEST_RUNS: long ? longRuns : sampleRuns,
    LIFEBOAT_TEST_SERVERS: long ? 'all' : 'sample',
    ...process.env,
    ...runtimeEnvironment(),
  };
  for (const name of personal) delete environment[name];
  return environment;
}

/**
 * @param {string} stage
 * @param {'passed' | 'failed' | 'skipped'} state
 * @param {string} detail
 * @returns {StageResult}
 */
function singleResult(stage, state, detail) {
  return { stage, outcomes: [{ name: stage, state, detail }], elapsedMs: 0 };
}

/** @param {string} name */
function announce(name) {
  console.log(`\n── ${name} ──`);
}

/**
 * @param {readonly StageResult[]} results
 * @returns {number}
 */
function finish(results) {
  process.stdout.write(renderSummary(results));
  return countOutcomes(results).failed > 0 ? 1 : 0;
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await test();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
