/** Previews, outcomes and guides of `replica-set` as text for a terminal. */
import { formatBytes, formatDuration } from '../../shared/format';
import type { FailoverReport, OperationOutcome, OperationPreview, ResyncGuide } from '../../shared/operations';
import { formatTable } from './output';

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

export function describePreview(preview: OperationPreview): string {
  const { title, steps, remarks, changes, electable, commands } = preview;
  const lines = [title, '', ...steps.map((step, at) => `  ${at + 1}. ${step}`)];
  if (changes.length > 0) {
    const rows = changes.map(({ path, before, after }) => [path, before ?? '-', after ?? '-']);
    lines.push('', ...indented(formatTable(['path', 'before', 'after'], rows).split('\n')));
  }
  if (electable.length > 0) {
    const rows = electable.map(({ host, priority, lagSeconds }) => [
      host,
      String(priority),
      lagSeconds === null ? 'unknown' : formatDuration(lagSeconds),
    ]);
    lines.push('', ...indented(formatTable(['could be elected', 'priority', 'lag'], rows, [1]).split('\n')));
  }
  if (remarks.length > 0) lines.push('', ...remarks.map(({ kind, text }) => `${kind}: ${text}`));
  return [...lines, '', 'As commands:', ...indented(commands)].join('\n');
}

function describeFailover(report: FailoverReport): string[] {
  const { withRetries } = report;
  const milliseconds = (value: number | null): string => (value === null ? 'not seen' : `${value} ms`);
  const errors = report.errors.map(({ name, count }) => `${name} ${count}×`).join(', ');
  return [
    '',
    formatTable(
      ['failover test', ''],
      [
        ['primary', `${report.formerPrimary} → ${report.newPrimary ?? 'nobody'}`],
        ['new primary seen after', milliseconds(report.electionMs)],
        ['no write acknowledged for', milliseconds(report.writeOutageMs)],
        ['no read answered for', milliseconds(report.readOutageMs)],
        ['all members well after', milliseconds(report.allHealthyMs)],
        ['writes', `${report.writesAcknowledged} acknowledged, ${report.writesFailed} failed`],
        ['reads', `${report.reads} answered, ${report.readsFailed} failed`],
        ['errors', errors === '' ? 'none' : errors],
        [
          'with retries',
          `${withRetries.writesFailed} of ${withRetries.writesFailed + withRetries.writesAcknowledged} writes failed, the longest took ${withRetries.longestWriteMs} ms`,
        ],
        ['acknowledged writes lost', report.writesLost === null ? 'unknown' : String(report.writesLost)],
        ['verdict', report.passed ? `passed, under ${formatDuration(report.limitMs / 1000)}` : 'not passed'],
      ],
    ),
    '',
    ...report.events.map(({ atMs, text }) => `  ${String(atMs).padStart(6)} ms  ${text}`),
  ];
}

export function describeOutcome(outcome: OperationOutcome): string {
  const steps = outcome.steps.map(({ text, status, tookMs }) => {
    const took = tookMs === null ? '' : ` (${formatDuration(tookMs / 1000)})`;
    return `  ${status}: ${text}${took}`;
  });
  const failover = outcome.failover ? describeFailover(outcome.failover) : [];
  return [`${outcome.title}: ${outcome.status}`, outcome.text, ...steps, ...failover].join('\n');
}

export function describeOutcomes(outcomes: readonly OperationOutcome[]): string {
  if (outcomes.length === 0) return 'There was no operation yet.';
  return formatTable(
    ['operation', 'at', 'connection', 'set', 'by', 'status', 'what'],
    outcomes.map(({ id, startedAt, connectionName, set, user, status, title }) => [
      id,
      new Date(startedAt).toISOString(),
      connectionName,
      set,
      user,
      status,
      title,
    ]),
  );
}

export function describeGuide({ host, verdict, why, steps, dataBytes }: ResyncGuide): string {
  const size = dataBytes === null ? [] : [`The set holds ${formatBytes(dataBytes)} on disk.`];
  return [`${host}: ${verdict}`, why, ...size, '', ...steps.map((step, at) => `  ${at + 1}. ${step}`)].join('\n');
}
