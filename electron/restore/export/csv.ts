import { changedLeaves } from '../../diff/document-diff';
import type { FieldDiffRow, TypedValue } from '../../../shared/diff';
import { maskControlCharacters } from '../../../shared/format';
import type { ExportWriter } from './export-writer';

/** Spreadsheets read a cell that begins so as a formula, in its full-width form too. */
const formulaStart = /^[=+\-@\t\uff1d\uff0b\uff0d\uff20]/;
const plainNumber = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * A cell: text that a spreadsheet would take for a formula gets a leading apostrophe (numbers stay), control characters
 * become U+FFFD, and quotes, commas and line ends are quoted (RFC 4180).
 */
export function csvCell(value: string): string {
  const masked = maskControlCharacters(value);
  const safe = formulaStart.test(masked) && !plainNumber.test(masked) ? `'${masked}` : masked;
  return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function line(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function textOf(value: TypedValue | null): string {
  if (!value) return '';
  return value.clipped > 0 ? `${value.text}… (${value.clipped} more)` : value.text;
}

function rowOf({ path, kind, backup, target }: FieldDiffRow): string[] {
  return [path, kind, textOf(backup), textOf(target), backup?.type ?? '', target?.type ?? ''];
}

/**
 * One line a changed path: ns, _id, change, path, kind, backup, target, backupType, targetType. Documents that only a side
 * has are one line without a path.
 */
export function createCsvWriter(): ExportWriter {
  return {
    mostDocuments: Infinity,
    begin: () => line(['ns', '_id', 'change', 'path', 'kind', 'backup', 'target', 'backupType', 'targetType']),
    namespace: () => '',
    document({ ns, id, change, rows, rowsOmitted }) {
      const head = [ns, id, change];
      if (change !== 'changed') return line([...head, '', '', '', '', '', '']);
      const lines = changedLeaves(rows).map((row) => line([...head, ...rowOf(row)]));
      if (rowsOmitted > 0) lines.push(line([...head, '', `${rowsOmitted} rows left out`, '', '', '', '']));
      return lines.length > 0 ? lines.join('') : line([...head, '', '', '', '', '', '']);
    },
    endNamespace: () => '',
    end: () => '',
  };
}
