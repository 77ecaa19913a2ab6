import { describe, expect, it } from 'vitest';
import type { OperationOutcome } from '../../../shared/operations';
import { passedFailover } from '../../../shared/test-support/samples';
import { outcomeReport } from './outcome-report';

const outcome: OperationOutcome = {
  id: 'operation-1',
  connectionId: 'demo',
  connectionName: 'shop <prod>',
  set: 'rs0',
  kind: 'failover-test',
  title: 'Failover test of rs0',
  startedAt: Date.UTC(2026, 10, 20, 9, 0),
  finishedAt: Date.UTC(2026, 10, 20, 9, 0, 12),
  user: 'ada',
  origin: 'window',
  status: 'succeeded',
  text: 'b:27017 is primary | and *healthy*.',
  steps: [{ text: 'Stepped down a:27017', status: 'done', tookMs: 40 }],
  error: null,
  failover: { ...passedFailover, readOutageFromMs: 250, events: [{ atMs: 800, text: '<b>b:27017</b> is primary' }] },
};

describe('the report of a failover test', () => {
  it('says verdict, times and what clients saw in Markdown', () => {
    const report = outcomeReport(outcome, 'md');
    expect(report).toContain('# Failover test of rs0');
    expect(report).toContain('**Passed.**');
    expect(report).toContain('- Begun: 2026-11-20 09:00:00 UTC');
    expect(report).toContain('- Longest time without a write: 1.45 s, from the step-down on');
    expect(report).toContain('- Longest time without a read: 0.90 s, from 0.25 s after the step-down on');
    expect(report).toContain('| Stepped down a:27017 | done | 0.04 s |');
    expect(report).toContain('| longest wait for a write | 1.45 s | 1.50 s |');
    expect(report).toContain('| errors | NotWritablePrimary × 3 | none |');
  });

  it('keeps what comes from servers and users from being markup', () => {
    expect(outcomeReport(outcome, 'md')).toContain('is primary \\| and \\*healthy\\*');
    const page = outcomeReport(outcome, 'html');
    expect(page).not.toContain('<b>b:27017');
    expect(page).not.toContain('<prod>');
    expect(page).toContain('&#60;b&#62;b:27017');
  });

  it('draws the course in HTML, and names in words what it draws', () => {
    const page = outcomeReport(outcome, 'html');
    expect(page).toContain('aria-label="Course of the test. Primary: elected after 0.80 s; Writes: 1.45 s without');
    expect(page.match(/<rect class="lacks"/g)).toHaveLength(4);
  });

  it('breaks neither times nor words of one line in the middle, in HTML', () => {
    const page = outcomeReport(outcome, 'html');
    expect(page).toContain('<th scope="col">outcome</th><th scope="col">took</th>');
    expect(page).toContain('<td class="short">0.04 s</td>');
    expect(page).not.toMatch(/th[^{}]*\{[^}]*overflow-wrap/);
  });

  it('is the outcome itself in JSON', () => {
    expect(JSON.parse(outcomeReport(outcome, 'json'))).toEqual(outcome);
  });

  it('says why a test did not pass', () => {
    const { failover } = outcome;
    const failed = { ...outcome, failover: failover && { ...failover, passed: false, writesLost: 2 } };
    expect(outcomeReport(failed, 'md')).toMatch(/\*\*Not passed\.\*\* .*2 acknowledged writes were lost\./);
  });

  it('does without times where an operation measured none', () => {
    const stepDown: OperationOutcome = { ...outcome, kind: 'step-down', title: 'Step down a:27017', failover: null };
    const report = outcomeReport(stepDown, 'md');
    expect(report).toContain('**Succeeded.**');
    expect(report).not.toContain('clients');
  });
});
