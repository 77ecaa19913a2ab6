/** A report as Markdown, for tickets and wikis. Everything from a database or a log stands in code spans. */
import { formatCount, maskControlCharacters } from '../../shared/format';
import type { ProfileReport, ShapeReport } from '../../shared/profiler';
import { formatMilliseconds, planText, reportSections, summaryLines } from './report-sections';

export function reportAsMarkdown(report: ProfileReport): string {
  const lines = [
    `# Slow operations of ${code(report.source)}`,
    '',
    ...summaryLines(report).map((line) => `- ${plain(line)}`),
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
      lines.push(`| ${code(file)} | ${formatCount(line)} | ${kind} | ${code(text)} |`);
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
        code(shape.ns),
        shape.op,
        code(shape.shape),
        formatCount(shape.count),
        formatMilliseconds(shape.totalMs),
        formatMilliseconds(shape.meanMs),
        formatMilliseconds(shape.p95Ms),
        formatMilliseconds(shape.maxMs),
        formatCount(shape.docsExamined),
        formatCount(shape.returned),
        shape.planSummaries.length === 0 ? '' : code(planText(shape)),
        code(shape.id),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ];
}

/** A code span no text can leave: longer fences than any run of backticks, one line, bars of tables escaped. */
function code(text: string): string {
  const line = maskControlCharacters(text)
    .replace(/[\t\n]/g, ' ')
    .replace(/\|/g, '\\|');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = line === '' || line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** Text in which nothing is markup. */
function plain(text: string): string {
  return text.replace(/[\t\n]/g, ' ').replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}
