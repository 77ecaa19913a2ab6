/**
 * A vitest reporter that writes what the summary of `npm test` needs, the reasons of skipped tests included, to the file
 * LIFEBOAT_TEST_REPORT names.
 */
import { writeFileSync } from 'node:fs';

/** @typedef {import('./summary.mjs').Outcome} Outcome */

/** Loaded by vitest from its path, which takes the default export; hence the one in this repository. */
class SummaryReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest').SerializedError[]} unhandled
   */
  onTestRunEnd(modules, unhandled) {
    /** @type {Outcome[]} */
    const outcomes = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        const name = `${module.relativeModuleId} › ${test.fullName}`;
        if (result.state === 'passed') outcomes.push({ name, state: 'passed', detail: '' });
        else if (result.state === 'failed') {
          outcomes.push({ name, state: 'failed', detail: result.errors[0]?.message ?? '' });
        } else outcomes.push({ name, state: 'skipped', detail: skipReason(result, test) });
      }
      for (const error of module.errors()) {
        outcomes.push({ name: module.relativeModuleId, state: 'failed', detail: error.message });
      }
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) {
          outcomes.push({
            name: `${module.relativeModuleId} › ${suite.fullName}`,
            state: 'failed',
            detail: error.message,
          });
        }
      }
    }
    for (const error of unhandled)
      outcomes.push({ name: 'outside of any test', state: 'failed', detail: error.message });
    const file = process.env['LIFEBOAT_TEST_REPORT'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(outcomes));
  }
}

/**
 * @param {import('vitest/node').TestResult} result
 * @param {import('vitest/node').TestCase} test
 * @returns {string}
 */
function skipReason(result, test) {
  if ('note' in result && result.note !== undefined) return result.note;
  if (test.options.mode === 'todo') return 'not written yet';
  return result.state === 'pending' ? 'it never ran' : 'no reason given';
}

export { SummaryReporter as default };
