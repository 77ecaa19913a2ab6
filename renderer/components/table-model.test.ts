import { describe, expect, it } from 'vitest';
import { filterRows, sortRows, toCsv, toJson, toTabText, type Column } from './table-model';

interface Row {
  name: string;
  size: number | null;
}

const columns: Column<Row>[] = [
  { id: 'name', header: 'Name', value: (row) => row.name, width: 100 },
  { id: 'size', header: 'Size', value: (row) => row.size, width: 100 },
];
const rows: Row[] = [
  { name: 'shop.orders10', size: 5 },
  { name: 'shop.orders2', size: null },
  { name: 'Crm.people', size: 40 },
];
const names = (list: readonly Row[]) => list.map(({ name }) => name);

describe('a table', () => {
  it('sorts text naturally and without regard to case', () => {
    expect(names(sortRows(rows, columns, { id: 'name', desc: false }))).toEqual([
      'Crm.people',
      'shop.orders2',
      'shop.orders10',
    ]);
  });

  it('keeps rows without a value last in both directions', () => {
    expect(names(sortRows(rows, columns, { id: 'size', desc: true }))).toEqual([
      'Crm.people',
      'shop.orders10',
      'shop.orders2',
    ]);
    expect(names(sortRows(rows, columns, { id: 'size', desc: false }))[2]).toBe('shop.orders2');
  });

  it('sorts by what a column says its order is', () => {
    const gravity: Column<Row>[] = [
      { id: 'name', header: 'Name', value: (row) => row.name, order: (row) => row.size, width: 1 },
    ];
    expect(names(sortRows(rows, gravity, { id: 'name', desc: false }))).toEqual([
      'shop.orders10',
      'Crm.people',
      'shop.orders2',
    ]);
  });

  it('finds rows that hold every word in any column', () => {
    expect(names(filterRows(rows, columns, 'SHOP 5'))).toEqual(['shop.orders10']);
    expect(filterRows(rows, columns, '  ')).toHaveLength(3);
    expect(filterRows(rows, columns, 'nowhere')).toHaveLength(0);
  });

  it('quotes CSV and disarms formulas', () => {
    const odd: Row[] = [{ name: '=cmd("x"),\n', size: -3 }];
    expect(toCsv(odd, columns)).toBe('Name,Size\r\n"\'=cmd(""x""),\n",-3\r\n');
  });

  it('exports tabs and JSON', () => {
    expect(toTabText([{ name: 'a\tb', size: null }], columns)).toBe('Name\tSize\na b\t');
    expect(JSON.parse(toJson([{ name: 'a', size: null }], columns))).toEqual([{ name: 'a', size: null }]);
  });
});
