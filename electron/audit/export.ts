/** The audit for spreadsheets and other programs. */
import type { AuditEntry } from '../../shared/audit';

const columns = [
  'sequence',
  'time',
  'user',
  'host',
  'origin',
  'operation',
  'target',
  'category',
  'result',
  'error',
  'jobId',
  'parameters',
  'previousHash',
  'hash',
] as const satisfies readonly (keyof AuditEntry)[];

/** Quoted; what a spreadsheet would take for a formula is made text by a leading apostrophe. */
function cell(value: unknown): string {
  const text =
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = /^\s*[=+\-@\t\r\n|]/.test(text) && typeof value !== 'number' ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

export const csvHeader = `${columns.map((column) => cell(column)).join(',')}\r\n`;

/** A row as in RFC 4180. */
export function csvRow(entry: AuditEntry): string {
  return `${columns.map((column) => cell(entry[column])).join(',')}\r\n`;
}
