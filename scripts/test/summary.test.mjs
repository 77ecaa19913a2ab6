import { expect, test } from 'vitest';
import { outcomesOfPlaywright, renderSummary } from './summary.mjs';

/**
 * @param {'expected' | 'unexpected' | 'flaky' | 'skipped'} status
 * @param {object} [more]
 */
function browserTest(status, more = {}) {
  return { status, annotations: [], results: [], ...more };
}

test('what Playwright reports is counted by its results', () => {
  const outcomes = outcomesOfPlaywright({
    errors: [{ message: 'global set-up broke' }],
    suites: [
      {
        title: 'story.spec.ts',
        specs: [{ title: 'a', tests: [browserTest('expected')] }],
        suites: [
          {
            title: 'inner',
            specs: [
              { title: 'b', tests: [browserTest('unexpected', { results: [{ error: { message: 'no window' } }] })] },
              { title: 'c', tests: [browserTest('flaky')] },
              {
                title: 'd',
                tests: [browserTest('skipped', { annotations: [{ type: 'skip', description: 'no disk' }] })],
              },
            ],
          },
        ],
      },
    ],
  });
  expect(outcomes).toEqual([
    { name: 'outside of any test', state: 'failed', detail: 'global set-up broke' },
    { name: 'story.spec.ts › inner › b', state: 'failed', detail: 'no window' },
    { name: 'story.spec.ts › inner › c', state: 'failed', detail: '' },
    { name: 'story.spec.ts › inner › d', state: 'skipped', detail: 'no disk' },
    { name: 'story.spec.ts › a', state: 'passed', detail: '' },
  ]);
});

test('the summary ends with the counts and names what was skipped and what failed', () => {
  const text = renderSummary([
    { stage: 'lint', elapsedMs: 1200, outcomes: [{ name: 'lint', state: 'passed', detail: '' }] },
    {
      stage: 'unit',
      elapsedMs: 300,
      outcomes: [
        { name: 'x', state: 'skipped', detail: 'no tmpfs' },
        { name: 'y', state: 'failed', detail: '\u001b[31mexpected 1\u001b[39m\nto be 2' },
      ],
    },
  ]);
  expect(text).toContain('[unit] x: no tmpfs');
  expect(text).toContain('[unit] y: expected 1\n');
  expect(text.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed, 1 skipped');
});
