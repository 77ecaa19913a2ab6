import { Button, Checkbox, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Capture } from '../../../shared/captures';
import { formatQuantity } from '../../../shared/format';
import type { CaptureFilter, CaptureSummary } from '../../../shared/slow-queries';
import { api, useAction } from '../../api';
import { CommandBlock } from '../../components/command-block';
import { ErrorPanel } from '../../components/error-panel';
import { Notice } from '../../components/notice';

interface ReportDialogProps {
  opened: boolean;
  onClose: () => void;
  capture: Capture;
  filter: CaptureFilter;
  /** Of the filter. */
  matched: CaptureSummary['matched'] | null;
}

const formats = [
  { value: 'html', label: 'HTML', description: 'One page to send or print, with charts' },
  { value: 'md', label: 'Markdown', description: 'For tickets and wikis' },
  { value: 'json', label: 'JSON', description: 'For other programs' },
] as const;

/** Writes what is selected as a report. */
export function ReportDialog({ opened, onClose, ...form }: ReportDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Export a report" size="lg">
      <ReportForm key={String(opened)} onClose={onClose} {...form} />
    </Modal>
  );
}

function ReportForm({ onClose, capture, filter, matched }: Omit<ReportDialogProps, 'opened'>) {
  const [format, setFormat] = useState<'html' | 'md' | 'json'>('html');
  const [masked, setMasked] = useState(true);
  const [written, setWritten] = useState<string | null>(null);
  const write = useAction(async () => {
    const result = await api('captures.report', { captureId: capture.id, filter, format, masked, path: null });
    if (result) setWritten(result.path);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!write.busy) void write.run();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <Text size="sm">
          {matched
            ? `${formatQuantity(matched.operations, 'operation')} of ${formatQuantity(matched.shapes, 'shape')}: what the filters and the selection let through.`
            : 'What the filters and the selection let through.'}
        </Text>
        <Radio.Group
          label="Format"
          value={format}
          onChange={(value) => setFormat(formats.find((one) => one.value === value)?.value ?? 'html')}
        >
          <Stack gap={8} mt={8}>
            {formats.map(({ value, label, description }) => (
              <Radio key={value} value={value} label={label} description={description} />
            ))}
          </Stack>
        </Radio.Group>
        <Checkbox
          label="Mask values"
          description="Values of examples become their types, addresses are left out; names of fields, collections and apps stay"
          checked={masked}
          onChange={(event) => setMasked(event.currentTarget.checked)}
        />
        {masked ? null : (
          <Notice kind="warning">Examples hold values of your data: mind whom the report goes to.</Notice>
        )}
        {write.error ? <ErrorPanel error={write.error} /> : null}
        {written ? (
          <Notice kind="good" title="The report is written">
            <CommandBlock commands={[written]} label="the path" />
          </Notice>
        ) : null}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {written ? 'Close' : 'Cancel'}
          </Button>
          <Button type="submit" loading={write.busy}>
            Export…
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
