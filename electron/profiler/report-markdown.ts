/** A report as Markdown, for tickets and wikis. Everything from a database or a log stands in code spans. */
import { formatCount } from '../../shared/format';
import type { ProfileReport, ShapeReport } from '../../shared/profiler';
import { markdownCode, markdownText } from '../platform/markup';
import { formatMilliseconds, planText, reportSections, summaryLines } from './report-sections';

export function reportAsMarkdown(report: ProfileReport): string {
  const lines = [
    `# Slow operations of ${markdownCode(report.source)}`,
    '',
    ...summaryLines(report).map((line) => `- ${markdownText(line)}`),
  ];
  for (const { title, lead, shapes } of reportSections(report)) {
    lines.push('', `## ${title}`, '');
    if (shapes.length === 0) lines.push('None.');
    else lines.push(lead, '', ...table(shapes));
  }
  const { unreadableLines } = report.log ?? { unreadableLines: [] };
  if (unreadableLines.length > 0) {
    lines.push(
      '',
      '## Lines that could not be read',
      '',
      '| file | line | why | beginning |',
      '| --- | ---: | --- | --- |',
    );
    for (const { file, line, kind, text } of unreadableLines)
      lines.push(`| ${markdownCode(file)} | ${formatCount(line)} | ${kind} | ${markdownCode(text)} |`);
  }
  return `${lines.join('\n')}\n`;
}

function table(shapes: readonly ShapeReport[]): string[] {
  return [
    '| namespace | operation | shape | count | total ms | mean | p95 | max | examined | returned | plans | id |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |',
    ...shapes.map((shape) =>
      [
        '',
        markdownCode(shape.ns),
        shape.op,
        markdownCode(shape.shape),
        formatCount(shape.count),
        formatMilliseconds(shape.totalMs),
        formatMilliseconds(shape.meanMs),
        formatMilliseconds(shape.p95Ms),
        formatMilliseconds(shape.maxMs),
        formatCount(shape.docsExamined),
        formatCount(shape.returned),
        shape.planSummaries.length === 0 ? '' : markdownCode(planText(shape)),
        markdownCode(shape.id),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ];
}
