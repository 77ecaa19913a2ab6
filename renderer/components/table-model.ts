/** What a table is made of besides its pixels: columns, comparing, filtering, exporting. Pure. */
import type { ReactNode } from 'react';

export type CellValue = string | number | null;

export interface Column<Row> {
  id: string;
  header: string;
  /** For sorting, filtering and exporting. Dates as ISO text, sizes as bytes. */
  value: (row: Row) => CellValue;
  /** What it is sorted by, where that is not the value: states by their gravity. */
  order?: (row: Row) => CellValue;
  /** What is shown; the value's text otherwise. */
  cell?: (row: Row) => ReactNode;
  align?: 'right';
  /** Pixels; the least width where `grow` is set. */
  width: number;
  /** Takes the room that is left; a number weighs it against other growing columns. */
  grow?: boolean | number;
  /** Not shown until it is chosen. */
  hidden?: boolean;
  mono?: boolean;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Numbers by size, text naturally ("a2" before "a10"); the caller keeps nulls last. */
function compareValues(left: CellValue, right: CellValue): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return collator.compare(String(left ?? ''), String(right ?? ''));
}

export interface Sort {
  id: string;
  desc: boolean;
}

/** A sorted copy; rows without a value come last in both directions. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | null): Row[] {
  const column = sort ? columns.find(({ id }) => id === sort.id) : undefined;
  if (!sort || !column) return [...rows];
  const keyed = rows.map((row) => ({ row, value: (column.order ?? column.value)(row) }));
  keyed.sort((left, right) => {
    if (left.value === null || right.value === null) return Number(left.value === null) - Number(right.value === null);
    const order = compareValues(left.value, right.value);
    return sort.desc ? -order : order;
  });
  return keyed.map(({ row }) => row);
}

/** Rows where every word of `text` occurs in some column, whatever the case. */
export function filterRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], text: string): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...rows];
  return rows.filter((row) => {
    const haystack = columns.map((column) => String(column.value(row) ?? '').toLowerCase()).join('\u0000');
    return words.every((word) => haystack.includes(word));
  });
}

// A cell that begins like a formula would be run by spreadsheets.
const formulaStart = /^[=+\-@\t\r]/;

function csvCell(value: CellValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function toCsv<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [columns.map(({ header }) => csvCell(header)).join(',')];
  for (const row of rows) lines.push(columns.map((column) => csvCell(column.value(row))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** Tab-separated, for pasting into a spreadsheet. */
export function toTabText<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cell = (value: CellValue) => String(value ?? '').replace(/[\t\r\n]+/g, ' ');
  const lines = [columns.map(({ header }) => cell(header)).join('\t')];
  for (const row of rows) lines.push(columns.map((column) => cell(column.value(row))).join('\t'));
  return lines.join('\n');
}

export function toJson<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  // A Map keeps a column called `__proto__` an ordinary entry.
  const objects = rows.map((row) =>
    Object.fromEntries(new Map(columns.map((column) => [column.id, column.value(row)]))),
  );
  return `${JSON.stringify(objects, null, 2)}\n`;
}
