import { Button, Group, Menu, Stack } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { OperationOutcome, OperationReportFormat } from '../../../../shared/operations';
import { api, useAction } from '../../../api';
import { CommandBlock } from '../../../components/command-block';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';

const formats: { format: OperationReportFormat; label: string }[] = [
  { format: 'html', label: 'HTML: one page to send or print' },
  { format: 'md', label: 'Markdown: for tickets and wikis' },
  { format: 'json', label: 'JSON: for other programs' },
];

/** Writes what became of an operation into a file. */
export function ExportReport({ outcome }: { outcome: OperationOutcome }) {
  const [written, setWritten] = useState<string | null>(null);
  const save = useAction(async (format: OperationReportFormat) => {
    const result = await api('operation-reports.save', { id: outcome.id, format });
    if (result) setWritten(result.path);
  });
  return (
    <Stack gap={8}>
      <Group>
        <Menu>
          <Menu.Target>
            <Button
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden />}
              rightSection={<IconChevronDown size={14} aria-hidden />}
              loading={save.busy}
            >
              Export the report
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {formats.map(({ format, label }) => (
              <Menu.Item key={format} onClick={() => void save.run(format)}>
                {label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
      {save.error ? <ErrorPanel error={save.error} /> : null}
      {written ? (
        <Notice kind="good" title="The report is written">
          <CommandBlock commands={[written]} label="the path" />
        </Notice>
      ) : null}
    </Stack>
  );
}
