import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import {
  columnVisibilityFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState, type MouseEvent, type ReactNode } from 'react';
import { filterRows, sortRows, type Column, type Sort } from './table-model';
import { TableToolbar } from './table-toolbar';
import { useStoredState } from './use-stored-state';
import styles from './data-table.module.css';

const rowHeight = 28;
const rowPadding = 8;
const features = tableFeatures({ rowSortingFeature, columnVisibilityFeature });

interface DataTableProps<Row extends object> {
  /** The table's name for screen readers, and of exported files. */
  label: string;
  /** Stable: at module scope or memoised. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  initialSort?: Sort;
  /** Pixels the body grows to; `fill` takes the room there is. */
  height?: number | 'fill';
  /** A click anywhere on a row; the keyboard's way is a link or button in a cell. */
  onOpen?: (row: Row) => void;
  selectedKey?: string | null;
  /** Further filters beside the text. */
  filters?: ReactNode;
  /** No toolbar: for short lists. */
  plain?: boolean;
  /** Shown when there are no rows at all or none passes the filters. */
  nothing?: string;
  /** No border: inside a section. */
  bare?: boolean;
}

/** A virtual table: sort, filter by text, choose columns, copy and export. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, initialSort, height = 'fill', onOpen, selectedKey, plain, bare } = props;
  const [text, setText] = useState('');
  const [sort, setSort] = useState<Sort | null>(initialSort ?? null);
  const storageKey = `lifeboat.columns.${label}`;
  const [visibility, setVisibility] = useStoredState<Record<string, boolean>>(storageKey, () =>
    Object.fromEntries(columns.map(({ id, hidden }) => [id, hidden !== true])),
  );
  const scroll = useRef<HTMLDivElement>(null);

  const shownRows = useMemo(
    () => sortRows(filterRows(rows, columns, text), columns, sort),
    [rows, columns, text, sort],
  );
  const definitions = useMemo(
    () =>
      columns.map((column): ColumnDef<typeof features, Row> => ({
        id: column.id,
        header: column.header,
        accessorFn: (row) => column.value(row),
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: shownRows,
    getRowId: rowKey,
    // Sorted above, so that rows without a value stay last in both directions.
    manualSorting: true,
    state: { sorting: sort ? [sort] : [], columnVisibility: visibility },
  });
  const visibleIds = table.getVisibleLeafColumns().map(({ id }) => id);
  const visibleColumns = columns.filter(({ id }) => visibleIds.includes(id));
  const tableRows = table.getRowModel().rows;

  const virtualizer = useVirtualizer({
    count: tableRows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const grid = {
    gridTemplateColumns: visibleColumns
      .map(({ width, grow }) => (grow ? `minmax(${width}px, ${Number(grow)}fr)` : `${width}px`))
      .join(' '),
  };
  // Told, because `max-content` would make every growing column as wide as the widest of them.
  const minWidth = visibleColumns.reduce((sum, { width }) => sum + width, 2 * rowPadding);
  const toggleSort = (id: string) =>
    setSort((before) => {
      if (before?.id !== id) return { id, desc: false };
      return before.desc ? (initialSort ?? null) : { id, desc: true };
    });
  const open = (event: MouseEvent, row: Row) => {
    const target = event.target as Element;
    // The click that ends a text selection is no click on the row.
    if (target.closest('a, button, input, label') || window.getSelection()?.toString()) return;
    onOpen?.(row);
  };
  const bodyHeight = virtualizer.getTotalSize();
  const frameStyle = height === 'fill' ? undefined : { maxHeight: height };

  return (
    <div
      className={[styles.frame, height === 'fill' ? styles.fills : '', bare ? styles.bare : ''].join(' ')}
      style={frameStyle}
    >
      {plain ? null : (
        <TableToolbar
          label={label}
          text={text}
          onText={setText}
          filters={props.filters}
          columns={columns}
          visibility={visibility}
          onVisibility={setVisibility}
          visibleColumns={visibleColumns}
          rows={shownRows}
          total={rows.length}
        />
      )}
      <div ref={scroll} className={styles.scroll} tabIndex={0} role="region" aria-label={`${label}, scrollable`}>
        <div role="table" aria-label={label} aria-rowcount={tableRows.length + 1} style={{ minWidth }}>
          <div role="rowgroup" className={styles.head}>
            <div role="row" aria-rowindex={1} className={styles.row} style={grid}>
              {visibleColumns.map((column) => (
                <HeadCell key={column.id} column={column} sort={sort} onSort={() => toggleSort(column.id)} />
              ))}
            </div>
          </div>
          <div role="rowgroup" className={styles.body} style={{ height: bodyHeight }}>
            {virtualizer.getVirtualItems().map((item) => {
              const tableRow = tableRows[item.index];
              if (!tableRow) return null;
              const row = tableRow.original;
              const selected = selectedKey !== undefined && selectedKey === tableRow.id;
              return (
                <div
                  key={tableRow.id}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={selectedKey === undefined ? undefined : selected}
                  className={[styles.row, onOpen ? styles.clickable : '', selected ? styles.selected : ''].join(' ')}
                  style={{ ...grid, transform: `translateY(${item.start}px)` }}
                  onClick={onOpen ? (event) => open(event, row) : undefined}
                >
                  {visibleColumns.map((column) => (
                    <BodyCell key={column.id} column={column} row={row} />
                  ))}
                </div>
              );
            })}
          </div>
        </div>
        {tableRows.length === 0 ? (
          <p className={styles.nothing}>
            {rows.length === 0 ? (props.nothing ?? 'Nothing here yet.') : 'No row passes the filter.'}
          </p>
        ) : null}
      </div>
    </div>
  );
}

function HeadCell<Row>({ column, sort, onSort }: { column: Column<Row>; sort: Sort | null; onSort: () => void }) {
  const sorted = sort?.id === column.id ? sort : null;
  const direction = sorted ? (sorted.desc ? 'descending' : 'ascending') : 'none';
  return (
    <div
      role="columnheader"
      aria-sort={direction}
      className={`${styles.headCell} ${column.align === 'right' ? styles.right : ''}`}
    >
      <button type="button" className={styles.sortButton} onClick={onSort}>
        <span className="clip">{column.header}</span>
        {sorted ? (
          sorted.desc ? (
            <IconArrowDown size={12} aria-hidden style={{ flex: 'none' }} />
          ) : (
            <IconArrowUp size={12} aria-hidden style={{ flex: 'none' }} />
          )
        ) : null}
      </button>
    </div>
  );
}

/** What is cut off is told whole where it is pointed at. */
function nameClipped({ currentTarget: cell }: MouseEvent<HTMLElement>): void {
  const isClipped = [cell, ...cell.querySelectorAll('*')].some(
    ({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth,
  );
  if (isClipped) cell.title = cell.textContent ?? '';
  else cell.removeAttribute('title');
}

function BodyCell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const content = column.cell ? column.cell(row) : (column.value(row) ?? <span className="dimmed">–</span>);
  return (
    <div
      role="cell"
      className={[styles.cell, column.align === 'right' ? styles.right : '', column.mono ? styles.mono : ''].join(' ')}
      onMouseEnter={nameClipped}
    >
      {content}
    </div>
  );
}
