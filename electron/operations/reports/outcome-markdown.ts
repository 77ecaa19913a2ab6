/** What became of an operation as Markdown, for tickets and wikis. */
import type { OperationOutcome } from '../../../shared/operations';
import { markdownText } from '../../platform/markup';
import { outcomeSections, type ReportTable } from './outcome-sections';

export function outcomeAsMarkdown(outcome: OperationOutcome): string {
  const { title, verdict, sentences, facts, tables } = outcomeSections(outcome);
  const lines = [
    `# ${markdownText(title)}`,
    '',
    `**${verdict}.** ${sentences.map(markdownText).join(' ')}`,
    '',
    ...facts.map(({ term, value }) => `- ${term}: ${markdownText(value)}`),
    ...tables.flatMap(tableLines),
  ];
  return `${lines.join('\n')}\n`;
}

function tableLines({ title, head, rows }: ReportTable): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '',
    `## ${title}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((cells) => line(cells.map(markdownText))),
  ];
}
