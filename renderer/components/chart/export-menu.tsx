import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ChartFormat } from './chart-export';

interface ExportMenuProps {
  /** Of the chart. */
  title: string;
  onExport: (format: ChartFormat) => void;
}

export function ExportMenu({ title, onExport }: ExportMenuProps) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label="Export">
          <ActionIcon ml="auto" aria-label={`Export ${title.toLowerCase()}`}>
            <IconDownload size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => onExport('png')}>Picture (PNG)…</Menu.Item>
        <Menu.Item onClick={() => onExport('csv')}>Numbers (CSV)…</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
