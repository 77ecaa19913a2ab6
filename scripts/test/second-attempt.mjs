/**
 * The second attempt of tests that failed on real servers: told in the summary, never silent. A test that needs it has a fault,
 * in itself or in what it tests.
 */

/** @typedef {import('./summary.mjs').Outcome} Outcome */

/** More files than that have not failed by chance. */
const mostFiles = 6;
const separator = ' › ';

/**
 * @param {readonly Outcome[]} outcomes
 * @returns {string[]} the files of what failed; none where a second attempt would tell nothing
 */
export function failedFiles(outcomes) {
  const files = new Set(outcomes.filter(({ state }) => state === 'failed').map(({ name }) => fileOf(name)));
  const known = [...files].every((file) => file.endsWith('.ts'));
  return known && files.size <= mostFiles ? [...files] : [];
}

/**
 * @param {readonly Outcome[]} first
 * @param {readonly Outcome[]} second of the files of what failed alone
 * @returns {Outcome[]} the first ones; what failed there and ran through the second time has passed, with what it failed of
 */
export function withSecondAttempt(first, second) {
  const failed = second.filter(({ state }) => state === 'failed');
  return first.map((outcome) => {
    if (outcome.state !== 'failed') return outcome;
    const { name } = outcome;
    // What failed outside of any single test has passed when its whole file has.
    const isTest = name.includes(separator) && second.some((other) => other.name === name);
    const passed = isTest
      ? second.some((other) => other.name === name && other.state === 'passed')
      : second.some((other) => fileOf(other.name) === fileOf(name)) &&
        !failed.some((other) => fileOf(other.name) === fileOf(name));
    return passed ? { name, state: 'passed', detail: outcome.detail || 'no message' } : outcome;
  });
}

/**
 * @param {string} name `file › suite › test`
 * @returns {string}
 */
function fileOf(name) {
  return name.split(separator)[0] ?? name;
}
