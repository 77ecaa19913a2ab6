/** What a report of an operation says, before it is dressed as Markdown or HTML. */
import { failoverFaults, formatOutage } from '../../../shared/failover-timeline';
import { formatCount, formatDuration } from '../../../shared/format';
import type { FailoverReport, OperationOutcome } from '../../../shared/operations';

export interface ReportTable {
  title: string;
  head: string[];
  rows: string[][];
}

export interface OutcomeSections {
  title: string;
  /** The verdict in one word or two. */
  verdict: string;
  good: boolean;
  /** What it means: one sentence each. */
  sentences: string[];
  facts: { term: string; value: string }[];
  tables: ReportTable[];
}

export function outcomeSections(outcome: OperationOutcome): OutcomeSections {
  const { failover, title, text, error, steps } = outcome;
  const faults = failover ? failoverFaults(failover) : [];
  return {
    title,
    verdict: failover ? (failover.passed ? 'Passed' : 'Not passed') : statusWords[outcome.status],
    good: failover ? failover.passed : outcome.status === 'succeeded',
    // A failure is its text, too.
    sentences: [...new Set([text, ...faults, ...(error ? [error.message, error.hint ?? text] : [])])],
    facts: [
      { term: 'Replica set', value: outcome.set },
      { term: 'Connection', value: outcome.connectionName },
      { term: 'Begun', value: `${new Date(outcome.startedAt).toISOString().slice(0, 19).replace('T', ' ')} UTC` },
      { term: 'Took', value: formatDuration((outcome.finishedAt - outcome.startedAt) / 1000) },
      { term: 'By', value: `${outcome.user}, from the ${outcome.origin === 'cli' ? 'command line' : 'window'}` },
      ...(failover ? measuredFacts(failover) : []),
    ],
    tables: [
      ...(failover ? failoverTables(failover) : []),
      {
        title: 'What was done',
        head: ['step', 'outcome', 'took'],
        rows: steps.map((step) => [
          step.text,
          step.status === 'skipped' ? 'not done' : step.status,
          step.tookMs === null ? '' : formatOutage(step.tookMs),
        ]),
      },
    ].filter(({ rows }) => rows.length > 0),
  };
}

const statusWords: Record<OperationOutcome['status'], string> = {
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

/** Clients ask so far apart: nothing shorter is told apart. */
const askedApartMs = 20;

/** Which one it was: one long after the step-down may have had other reasons. */
function outageWords(ms: number, fromMs: number | null): string {
  if (fromMs === null) return formatOutage(ms);
  if (Math.abs(fromMs) < askedApartMs) return `${formatOutage(ms)}, from the step-down on`;
  const side = fromMs < 0 ? 'before' : 'after';
  return `${formatOutage(ms)}, from ${formatOutage(Math.abs(fromMs))} ${side} the step-down on`;
}

const reached = (milliseconds: number | null): string =>
  milliseconds === null ? 'not while the test watched' : formatOutage(milliseconds);

function measuredFacts(report: FailoverReport): { term: string; value: string }[] {
  return [
    { term: 'Primary before', value: report.formerPrimary },
    { term: 'Primary after the step-down', value: report.newPrimary ?? 'none' },
    { term: 'Longest time without a write', value: outageWords(report.writeOutageMs, report.writeOutageFromMs) },
    { term: 'Longest time without a read', value: outageWords(report.readOutageMs, report.readOutageFromMs) },
    { term: 'Until the new primary', value: reached(report.electionMs) },
    { term: 'Until all members were healthy', value: reached(report.allHealthyMs) },
    {
      term: 'Acknowledged writes that were lost',
      value: report.writesLost === null ? 'unknown' : formatCount(report.writesLost),
    },
    { term: 'Limit of both outages', value: formatOutage(report.limitMs) },
  ];
}

function failoverTables(report: FailoverReport): ReportTable[] {
  const { withRetries } = report;
  const errors = (list: FailoverReport['errors']): string =>
    list.length === 0 ? 'none' : list.map(({ name, count }) => `${name} × ${formatCount(count)}`).join(', ');
  return [
    {
      title: 'What the clients saw',
      head: ['', 'without retries', 'with the retries of drivers'],
      rows: [
        ['writes acknowledged', formatCount(report.writesAcknowledged), formatCount(withRetries.writesAcknowledged)],
        ['writes that failed', formatCount(report.writesFailed), formatCount(withRetries.writesFailed)],
        ['reads answered', formatCount(report.reads), formatCount(withRetries.reads)],
        ['reads that failed', formatCount(report.readsFailed), formatCount(withRetries.readsFailed)],
        ['longest wait for a write', formatOutage(report.writeOutageMs), formatOutage(withRetries.longestWriteMs)],
        ['longest wait for a read', formatOutage(report.readOutageMs), formatOutage(withRetries.longestReadMs)],
        ['errors', errors(report.errors), errors(withRetries.errors)],
      ],
    },
    {
      title: 'What happened when',
      head: ['after the step-down', 'event'],
      rows: report.events.map(({ atMs, text }) => [`${atMs < 0 ? '−' : '+'}${formatOutage(Math.abs(atMs))}`, text]),
    },
  ];
}
