import { ActionIcon, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ChartFormat } from './chart-export';
import { LazyMenu } from './lazy-menu';

interface ExportMenuProps {
  /** Of the chart. */
  title: string;
  onExport: (format: ChartFormat) => void;
}

export function ExportMenu({ title, onExport }: ExportMenuProps) {
  return (
    <LazyMenu
      position="bottom-end"
      target={(props) => (
        <ActionIcon {...props} ml="auto" title="Export" aria-label={`Export ${title.toLowerCase()}`}>
          <IconDownload size={16} aria-hidden />
        </ActionIcon>
      )}
    >
      <Menu.Item onClick={() => onExport('png')}>Picture (PNG)…</Menu.Item>
      <Menu.Item onClick={() => onExport('csv')}>Numbers (CSV)…</Menu.Item>
    </LazyMenu>
  );
}
