import { expect, test } from 'vitest';
import { failedFiles, withSecondAttempt } from './second-attempt.mjs';
import { renderSummary } from './summary.mjs';

/** @typedef {import('./summary.mjs').Outcome} Outcome */

/**
 * @param {string} name
 * @param {Outcome['state']} state
 * @param {string} [detail]
 * @returns {Outcome}
 */
const outcome = (name, state, detail = state === 'failed' ? 'too late' : '') => ({ name, state, detail });

test('the files of failed tests are tried again, each once', () => {
  const outcomes = [
    outcome('a.int.test.ts › x', 'failed'),
    outcome('a.int.test.ts › y', 'failed'),
    outcome('b.int.test.ts › x', 'passed'),
    outcome('c.int.test.ts', 'failed'),
  ];
  expect(failedFiles(outcomes)).toEqual(['a.int.test.ts', 'c.int.test.ts']);
});

test('what failed outside of any file, or in many, is not tried again', () => {
  expect(failedFiles([outcome('outside of any test', 'failed'), outcome('a.test.ts › x', 'failed')])).toEqual([]);
  expect(failedFiles(Array.from({ length: 7 }, (_, at) => outcome(`${at}.test.ts › x`, 'failed')))).toEqual([]);
});

test('a second failure stays one, a pass is told with what failed first, and nothing else changes', () => {
  const first = [
    outcome('a.test.ts › mended', 'failed'),
    outcome('a.test.ts › broken', 'failed'),
    outcome('a.test.ts › passed before', 'passed'),
    outcome('b.test.ts › hook', 'failed'),
    outcome('c.test.ts', 'failed'),
    outcome('d.test.ts › gone', 'failed'),
  ];
  const second = [
    outcome('a.test.ts › mended', 'passed'),
    outcome('a.test.ts › broken', 'failed'),
    outcome('a.test.ts › passed before', 'failed'),
    outcome('b.test.ts › hook › test', 'passed'),
    outcome('c.test.ts › test', 'failed'),
  ];
  const outcomes = withSecondAttempt(first, second);
  expect(outcomes).toEqual([
    outcome('a.test.ts › mended', 'passed', 'too late'),
    outcome('a.test.ts › broken', 'failed'),
    outcome('a.test.ts › passed before', 'passed'),
    outcome('b.test.ts › hook', 'passed', 'too late'),
    outcome('c.test.ts', 'failed'),
    outcome('d.test.ts › gone', 'failed'),
  ]);
  const text = renderSummary([{ stage: 'integration', elapsedMs: 1, outcomes }]);
  expect(text).toContain('passed only at the second attempt:\n  [integration] a.test.ts › mended: too late\n');
  expect(text).toContain('3 passed, 3 failed, 0 skipped');
});
