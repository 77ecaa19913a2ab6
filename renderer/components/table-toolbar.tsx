import { ActionIcon, Checkbox, Menu, Popover, Stack, TextInput, Tooltip } from '@mantine/core';
import { IconColumns3, IconDownload, IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatCount, formatQuantity } from '../../shared/format';
import { announce } from './announcer';
import { saveTextFile } from './save-file';
import { toCsv, toJson, toTabText, type Column } from './table-model';
import styles from './data-table.module.css';

interface TableToolbarProps<Row> {
  label: string;
  text: string;
  onText: (text: string) => void;
  filters: ReactNode;
  columns: readonly Column<Row>[];
  visibility: Record<string, boolean>;
  onVisibility: (visibility: Record<string, boolean>) => void;
  visibleColumns: readonly Column<Row>[];
  /** Filtered and sorted: what is copied and exported. */
  rows: readonly Row[];
  total: number;
}

export function TableToolbar<Row>(props: TableToolbarProps<Row>) {
  const { label, text, onText, filters, columns, visibility, onVisibility, visibleColumns, rows, total } = props;
  const fileName = label.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const copy = async () => {
    await navigator.clipboard.writeText(toTabText(rows, visibleColumns));
    announce(`Copied ${formatQuantity(rows.length, 'row')}`);
  };
  return (
    <div className={styles.toolbar} role="group" aria-label={`${label}: filter and export`}>
      <TextInput
        aria-label={`Filter ${label.toLowerCase()}`}
        placeholder="Filter"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        w={200}
      />
      {filters}
      <span className={styles.count}>
        {rows.length === total
          ? formatQuantity(total, 'row')
          : `${formatCount(rows.length)} of ${formatQuantity(total, 'row')}`}
      </span>
      <Popover position="bottom-end" withArrow trapFocus returnFocus>
        <Popover.Target>
          <Tooltip label="Columns">
            <ActionIcon aria-label="Choose columns">
              <IconColumns3 size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap={8} role="group" aria-label="Columns">
            {columns.map((column) => {
              const shown = visibility[column.id] ?? true;
              const isLast = shown && visibleColumns.length === 1;
              return (
                <Checkbox
                  key={column.id}
                  label={column.header}
                  checked={shown}
                  disabled={isLast}
                  onChange={() => onVisibility({ ...visibility, [column.id]: !shown })}
                />
              );
            })}
          </Stack>
        </Popover.Dropdown>
      </Popover>
      <Menu position="bottom-end">
        <Menu.Target>
          <Tooltip label="Copy or export">
            <ActionIcon aria-label="Copy or export">
              <IconDownload size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void copy()}>Copy as text</Menu.Item>
          <Menu.Item onClick={() => saveTextFile(`${fileName}.csv`, 'text/csv', toCsv(rows, visibleColumns))}>
            Export CSV…
          </Menu.Item>
          <Menu.Item onClick={() => saveTextFile(`${fileName}.json`, 'application/json', toJson(rows, visibleColumns))}>
            Export JSON…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
