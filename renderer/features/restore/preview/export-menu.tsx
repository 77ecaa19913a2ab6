import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { exportFormats, type ExportRequest } from '../../../../shared/restore';
import { isFinished, type Job } from '../../../../shared/jobs';
import { api, useAction } from '../../../api';
import { announce } from '../../../components/announcer';
import { ErrorPanel } from '../../../components/error-panel';
import { useJob, useJobs, useWhenJobEnds } from '../../../state/jobs';

const formatWords: Record<ExportRequest['format'], string> = {
  ndjson: 'NDJSON: a line per document',
  csv: 'CSV: a line per changed path',
  html: 'HTML: a report to read and hand on',
};

/** The whole diff as a file that the user chooses. */
export function ExportMenu({ previewId }: { previewId: string }) {
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId);
  const showJob = useJobs((state) => state.showJob);
  const start = useAction(async (format: ExportRequest['format']) => {
    const started = await api('restore.export', { previewId, format });
    if (started) setJobId(started.jobId);
  });
  const onEnd = useCallback((ended: Job) => {
    if (ended.resultId && ended.status.startsWith('succeeded')) announce(`The diff was saved to ${ended.resultId}`);
  }, []);
  useWhenJobEnds(jobId, onEnd);
  const saved = job?.status.startsWith('succeeded') ? job.resultId : null;
  const isRunning = job !== null && !isFinished(job.status);
  return (
    <>
      {/* The placeholder would be a child that no menu may have. */}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconDownload size={14} aria-hidden />}
            rightSection={<IconChevronDown size={12} aria-hidden />}
            loading={start.busy || isRunning}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {exportFormats.map((format) => (
            <Menu.Item key={format} onClick={() => void start.run(format)}>
              {formatWords[format]}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {saved ? (
        <span className="good wrap-anywhere" role="status">
          Saved to <span className="mono">{saved}</span>
        </span>
      ) : null}
      {job?.status === 'failed' ? (
        <Button variant="subtle" size="compact-xs" color="red" onClick={() => showJob(job.id)}>
          The export failed: show its log
        </Button>
      ) : null}
      {start.error ? <ErrorPanel error={start.error} /> : null}
    </>
  );
}
