/** What came out of a test run, whatever ran it, and how it is told at the end. */

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {'passed' | 'failed' | 'skipped'} state
 * @property {string} detail why it failed, was skipped, or failed at its first attempt; else empty
 *
 * @typedef {object} StageResult
 * @property {string} stage
 * @property {Outcome[]} outcomes
 * @property {number} elapsedMs
 */

/**
 * @typedef {object} PlaywrightTest
 * @property {'expected' | 'unexpected' | 'flaky' | 'skipped'} status
 * @property {{ type: string, description?: string }[]} annotations
 * @property {{ error?: { message?: string } }[]} results
 *
 * @typedef {object} PlaywrightSuite
 * @property {string} title
 * @property {PlaywrightSuite[]} [suites]
 * @property {{ title: string, tests: PlaywrightTest[] }[]} specs
 */

/**
 * @param {{ suites: PlaywrightSuite[], errors: { message?: string }[] }} report of Playwright's JSON reporter
 * @returns {Outcome[]}
 */
export function outcomesOfPlaywright(report) {
  /** @type {Outcome[]} */
  const outcomes = report.errors.map((error) => ({
    name: 'outside of any test',
    state: 'failed',
    detail: error.message ?? '',
  }));
  const visit = (/** @type {PlaywrightSuite} */ suite, /** @type {readonly string[]} */ path) => {
    const here = [...path, suite.title];
    for (const inner of suite.suites ?? []) visit(inner, here);
    for (const spec of suite.specs) {
      for (const test of spec.tests) outcomes.push(outcomeOfPlaywright([...here, spec.title].join(' › '), test));
    }
  };
  for (const suite of report.suites) visit(suite, []);
  return outcomes;
}

/**
 * @param {string} name
 * @param {PlaywrightTest} test
 * @returns {Outcome}
 */
function outcomeOfPlaywright(name, test) {
  if (test.status === 'expected') return { name, state: 'passed', detail: '' };
  if (test.status === 'skipped') {
    const reason = test.annotations.find(({ type }) => type === 'skip' || type === 'fixme')?.description;
    return { name, state: 'skipped', detail: reason ?? 'no reason given' };
  }
  const message = test.results.find((result) => result.error !== undefined)?.error?.message ?? '';
  return { name, state: 'failed', detail: message };
}

/**
 * @param {readonly StageResult[]} results
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countOutcomes(results) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcomes } of results) for (const { state } of outcomes) counts[state] += 1;
  return counts;
}

/**
 * @param {readonly StageResult[]} results
 * @returns {string} the end of `npm test`'s output; its last line is `N passed, N failed, N skipped`
 */
export function renderSummary(results) {
  const lines = [''];
  for (const [state, heading] of /** @type {const} */ ([
    ['skipped', 'skipped'],
    ['passed', 'passed only at the second attempt'],
    ['failed', 'failed'],
  ])) {
    const found = results.flatMap(({ stage, outcomes }) =>
      outcomes
        .filter((outcome) => outcome.state === state && (state !== 'passed' || outcome.detail !== ''))
        .map((outcome) => ({ stage, ...outcome })),
    );
    if (found.length === 0) continue;
    lines.push(`${heading}:`);
    for (const { stage, name, detail } of found) lines.push(`  [${stage}] ${name}: ${firstLine(detail)}`);
    lines.push('');
  }
  lines.push(
    `${'stage'.padEnd(14)}${['passed', 'failed', 'skipped', 'time'].map((word) => word.padStart(9)).join('')}`,
  );
  for (const result of results) {
    const { passed, failed, skipped } = countOutcomes([result]);
    const cells = [passed, failed, skipped, `${(result.elapsedMs / 1000).toFixed(1)} s`];
    lines.push(`${result.stage.padEnd(14)}${cells.map((cell) => String(cell).padStart(9)).join('')}`);
  }
  const total = countOutcomes(results);
  lines.push('', `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`, '');
  return lines.join('\n');
}

/**
 * @param {string} text
 * @returns {string}
 */
function firstLine(text) {
  // Terminals' colour codes would hide in a log what the line says.
  // eslint would call a literal escape character a mistake, so the expression is made from text.
  const plain = text.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
  return (
    plain
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? 'no message'
  );
}
