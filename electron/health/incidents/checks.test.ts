import { expect, it } from 'vitest';
import { noMetrics } from '../../../shared/health';
import { defaultRules } from '../alerts/default-rules';
import { chartedMetric, subjectOf } from './about';
import { lookIntoAll, no, unknown, yes, type Check } from './checks';
import type { Scene } from './scene';
import { stepsOf } from './steps';

const scene = { incident: { host: 'b:1' } } as unknown as Scene;

it('causes are looked into side by side: one that hangs, throws or rejects is told as unknown and holds up none', async () => {
  const checks: Check[] = [
    { whether: 'it hangs', look: () => new Promise(() => undefined) },
    { whether: 'it is well', look: () => [no('It is not that.')] },
    {
      whether: 'it throws',
      look: () => {
        throw new Error('no such thing');
      },
    },
    { whether: 'it rejects', look: () => Promise.reject(new Error('gone')) },
    {
      whether: 'it is found',
      look: () => Promise.resolve([yes('It is that.', 5), unknown('Of this nothing is known.')]),
    },
  ];
  const began = Date.now();
  const causes = await lookIntoAll(checks, scene, 200);
  expect(Date.now() - began).toBeLessThan(2000);
  expect(causes.map(({ found, text }) => `${found}: ${text}`)).toEqual([
    'yes: It is that.',
    'unknown: Whether it hangs could not be looked into: b:1 did not answer in time.',
    'unknown: Whether it throws could not be looked into: no such thing',
    'unknown: Whether it rejects could not be looked into: gone',
    'unknown: Of this nothing is known.',
    'no: It is not that.',
  ]);
});

it('every rule that Lifeboat begins with has a subject, steps and, where there is a number, a chart', () => {
  for (const rule of defaultRules) {
    const subject = subjectOf(rule, rule);
    expect(subject, rule.id).not.toBe('load');
    expect(stepsOf(subject, { host: 'b:1', set: 'rs' }).length, rule.id).toBeGreaterThan(1);
    const metric = chartedMetric(subject, rule);
    if (rule.condition.kind !== 'fact') expect(metric === null ? null : metric in noMetrics, rule.id).toBe(true);
  }
});

it('an incident whose rule was deleted is about what its group says', () => {
  expect(subjectOf({ group: 'lag' }, null)).toBe('lag');
  expect(subjectOf({ group: 'whatever' }, null)).toBe('load');
});
