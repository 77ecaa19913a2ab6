/** What became of an operation, as a file for people or programs. */
import { writeFile } from 'node:fs/promises';
import type { OperationOutcome, OperationReportFormat } from '../../../shared/operations';
import { toStoreFailure } from '../../platform/failures';
import { outcomeAsHtml } from './outcome-html';
import { outcomeAsMarkdown } from './outcome-markdown';

export function outcomeReport(outcome: OperationOutcome, format: OperationReportFormat): string {
  switch (format) {
    case 'html':
      return outcomeAsHtml(outcome);
    case 'md':
      return outcomeAsMarkdown(outcome);
    case 'json':
      return `${JSON.stringify(outcome, null, 2)}\n`;
  }
}

/** Replaces what is at `path`. Throws 'store-unavailable', 'disk-full'. */
export async function writeOutcomeReport(
  outcome: OperationOutcome,
  format: OperationReportFormat,
  path: string,
): Promise<void> {
  await writeFile(path, outcomeReport(outcome, format)).catch((error: unknown) => {
    throw toStoreFailure(error, path);
  });
}
