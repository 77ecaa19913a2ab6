/** Running one stage and reading its results. Exit code 0 alone proves nothing: the report is what counts. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endChild, exitCodeOf, spawnOwned } from '../children/owned-child.mjs';
import { failedFiles, withSecondAttempt } from './second-attempt.mjs';
import { outcomesOfPlaywright } from './summary.mjs';

/**
 * Runs a stage; where it is `attemptedTwice`, the files of its failed tests run once more, alone.
 * @param {import('./stages.mjs').Stage} stage
 * @param {Parameters<typeof runOnce>[1]} context
 * @returns {Promise<import('./summary.mjs').StageResult>}
 */
export async function runStage(stage, context) {
  const first = await runOnce(stage, context);
  const files = stage.attemptedTwice ? failedFiles(first.outcomes) : [];
  const last = stage.commands.at(-1);
  if (files.length === 0 || !last) return first;
  console.log(`\n── ${stage.name}, second attempt: ${files.join(', ')} ──`);
  const again = { ...stage, commands: [{ ...last, parameters: [...last.parameters, ...files] }] };
  const second = await runOnce(again, context);
  return {
    ...first,
    outcomes: withSecondAttempt(first.outcomes, second.outcomes),
    elapsedMs: first.elapsedMs + second.elapsedMs,
  };
}

/**
 * @param {import('./stages.mjs').Stage} stage
 * @param {object} context
 * @param {string} context.repository
 * @param {string} context.reportFolder
 * @param {NodeJS.ProcessEnv} context.environment
 * @param {boolean} context.quiet keeps the output back until the stage has failed
 * @returns {Promise<import('./summary.mjs').StageResult>}
 */
async function runOnce(stage, { repository, reportFolder, environment, quiet }) {
  const started = Date.now();
  const report = join(reportFolder, `${stage.name}.json`);
  await rm(report, { force: true });
  const env = { ...environment, LIFEBOAT_TEST_REPORT: report };
  const deadline = started + stage.timeoutMinutes * 60_000;
  /** @type {string[]} */
  const problems = [];
  for (const command of stage.commands) {
    const problem = await runCommand(command, { repository, env, quiet, deadline });
    if (problem === null) continue;
    problems.push(`${[command.script, ...command.parameters].join(' ')}: ${problem}`);
    // Type checks are independent of each other; what prepares a test run is not.
    if (stage.kind !== 'check') break;
  }
  const outcomes = stage.kind === 'check' ? [] : await readReport(report, stage.kind, problems);
  if (stage.kind === 'check') {
    outcomes.push({
      name: stage.name,
      state: problems.length === 0 ? 'passed' : 'failed',
      detail: problems.join('; '),
    });
  } else if (problems.length > 0 && !outcomes.some(({ state }) => state === 'failed')) {
    outcomes.push({ name: stage.name, state: 'failed', detail: problems.join('; ') });
  }
  return { stage: stage.name, outcomes, elapsedMs: Date.now() - started };
}

/**
 * @param {import('./stages.mjs').Command} command
 * @param {{ repository: string, env: NodeJS.ProcessEnv, quiet: boolean, deadline: number }} context
 * @returns {Promise<string | null>} null when it went well
 */
async function runCommand(command, { repository, env, quiet, deadline }) {
  const output = quiet ? 'pipe' : 'inherit';
  const child = spawnOwned(process.execPath, [join(repository, command.script), ...command.parameters], {
    cwd: repository,
    env,
    stdio: ['ignore', output, output],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => (said += text));
  child.stderr?.setEncoding('utf8').on('data', (text) => (said += text));
  let late = false;
  const limit = setTimeout(
    () => {
      late = true;
      void endChild(child);
    },
    Math.max(1, deadline - Date.now()),
  );
  const code = await exitCodeOf(child);
  clearTimeout(limit);
  if (code !== 0) process.stdout.write(said);
  if (late) return 'did not finish in time and was ended';
  return code === 0 ? null : `exit code ${code}`;
}

/**
 * @param {string} file
 * @param {'vitest' | 'playwright'} kind
 * @param {string[]} problems gets one more when there is no report
 * @returns {Promise<import('./summary.mjs').Outcome[]>}
 */
async function readReport(file, kind, problems) {
  try {
    const content = JSON.parse(await readFile(file, 'utf8'));
    return kind === 'playwright' ? outcomesOfPlaywright(content) : content;
  } catch (error) {
    problems.push(`no report was written (${error instanceof Error ? error.message : String(error)})`);
    return [];
  }
}
