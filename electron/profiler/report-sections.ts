/** What the documents made of a report have in common: which shapes they show, under which words. */
import { formatCount, maskControlCharacters } from '../../shared/format';
import type { ProfileReport, ShapeReport } from '../../shared/profiler';

const shown = 20;

export interface ReportSection {
  title: string;
  /** One sentence. */
  lead: string;
  shapes: ShapeReport[];
}

/** Top 20 by total and by worst time, then every COLLSCAN: those an index may help apart from the others. */
export function reportSections(report: ProfileReport): ReportSection[] {
  const { shapes } = report;
  const scans = [...shapes, ...report.internal.shapes].filter(({ collscan }) => collscan);
  const byScan = (kind: ShapeReport['collscanKind']): ShapeReport[] =>
    scans.filter(({ collscanKind }) => collscanKind === kind).sort((a, b) => b.collscanMs - a.collscanMs);
  return [
    {
      title: 'Most time in total',
      lead: `The ${shown} shapes that took most of the time.`,
      shapes: shapes.slice(0, shown),
    },
    {
      title: 'Slowest single operations',
      lead: `The ${shown} shapes with the longest operations.`,
      shapes: [...shapes].sort((a, b) => b.maxMs - a.maxMs).slice(0, shown),
    },
    {
      title: 'Collection scans an index may help',
      lead: 'Every COLLSCAN that had a condition.',
      shapes: byScan('index-may-help'),
    },
    {
      title: 'Full reads',
      lead: 'Every COLLSCAN without any condition: no index is missing there.',
      shapes: byScan('full-read'),
    },
    {
      title: 'Collection scans of the server itself',
      lead: 'Every COLLSCAN of internal operations.',
      shapes: byScan('internal'),
    },
  ];
}

/** Milliseconds with thousands separators. */
export function formatMilliseconds(milliseconds: number): string {
  return formatCount(Math.round(milliseconds));
}

/** `IXSCAN { a: 1 } (12), COLLSCAN (3)`. */
export function planText({ planSummaries }: ShapeReport): string {
  return planSummaries.map(({ planSummary, count }) => `${planSummary} (${formatCount(count)})`).join(', ');
}

/** What the numbers are made of, one sentence each. */
export function summaryLines(report: ProfileReport): string[] {
  const { internal, outer, log } = report;
  const lines = [
    `${formatCount(report.operations)} slow operations` +
      (report.from !== null && report.to !== null ? ` from ${report.from} to ${report.to}` : '') +
      `; ${formatCount(report.counted)} of them, ${formatMilliseconds(report.totalMs)} ms together, in ` +
      `${formatCount(report.shapes.length)} shapes.`,
  ];
  if (internal.operations > 0)
    lines.push(
      `Set apart: ${formatCount(internal.operations)} internal operations (${formatMilliseconds(internal.totalMs)} ms).`,
    );
  if (outer.operations > 0)
    lines.push(
      `Not added: ${formatCount(outer.operations)} write commands (${formatMilliseconds(outer.totalMs)} ms), whose ` +
        'statements are counted by themselves.',
    );
  if (log)
    lines.push(
      `Read ${formatCount(log.lines)} lines of ${formatCount(log.files.length)} ` +
        `${log.files.length === 1 ? 'log' : 'logs'}; ${formatCount(log.unreadable)} could not be read.`,
    );
  return [...lines, ...report.notes].map((line) => maskControlCharacters(line));
}
