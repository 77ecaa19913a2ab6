import { Button, Group } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { formatDuration, maskControlCharacters } from '../../shared/format';
import { isFinished, type Job } from '../../shared/jobs';
import { CopyAction } from '../components/copy-action';
import { ErrorPanel } from '../components/error-panel';
import { JobStatusMark } from '../components/state-mark';
import { Timestamp } from '../components/timestamp';
import { useJobs } from '../state/jobs';
import { readableLogLine } from './log-text';
import styles from './job-tray.module.css';

function tookText(job: Job): string {
  if (!job.startedAt || !job.endedAt) return '';
  return formatDuration((Date.parse(job.endedAt) - Date.parse(job.startedAt)) / 1000);
}

/** All jobs, and the log of the one that is chosen. */
export function JobList({ jobs }: { jobs: readonly Job[] }) {
  const openJobId = useJobs((state) => state.openJobId);
  const showJob = useJobs((state) => state.showJob);
  const clearFinished = useJobs((state) => state.clearFinished);
  const error = useJobs((state) => state.error);
  const chosen = jobs.find(({ id }) => id === openJobId) ?? jobs[0];
  return (
    <div className={styles.list}>
      <ul className={styles.jobs} aria-label="All jobs">
        {jobs.map((job) => (
          <li key={job.id}>
            <button
              type="button"
              className={styles.job}
              aria-pressed={job.id === chosen?.id}
              onClick={() => showJob(job.id)}
            >
              <span className="clip" title={job.title}>
                {job.title}
              </span>
              <JobStatusMark status={job.status} />
              <span className="dimmed">
                <Timestamp value={job.startedAt ?? job.createdAt} seconds />
                {job.origin === 'cli' ? ' · command line' : ''}
              </span>
              <span className="dimmed" style={{ textAlign: 'right' }}>
                {tookText(job)}
              </span>
            </button>
          </li>
        ))}
        {jobs.length === 0 ? <li className="dimmed">Backups, restores and verifications appear here.</li> : null}
      </ul>
      <div className={styles.details}>
        {error ? <ErrorPanel error={error} /> : null}
        {chosen ? <JobDetails job={chosen} /> : null}
        {jobs.some((job) => isFinished(job.status)) ? (
          <Group justify="flex-end">
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<IconTrash size={14} aria-hidden />}
              onClick={() => void clearFinished()}
            >
              Clear finished jobs
            </Button>
          </Group>
        ) : null}
      </div>
    </div>
  );
}

function JobDetails({ job }: { job: Job }) {
  const log = useJobs((state) => state.logs[job.id]);
  const loadLog = useJobs((state) => state.loadLog);
  const pane = useRef<HTMLPreElement>(null);
  const finished = isFinished(job.status);
  useEffect(() => {
    void loadLog(job.id);
  }, [job.id, finished, loadLog]);
  useEffect(() => {
    const element = pane.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [log]);
  const text = maskControlCharacters((log ?? []).map(readableLogLine).join('\n'));
  return (
    <>
      {job.error && job.status !== 'cancelled' ? <ErrorPanel error={job.error} /> : null}
      {job.warnings.map((warning, index) => (
        <div key={index} className="warning">
          {warning}
        </div>
      ))}
      <Group justify="space-between">
        <strong>Log</strong>
        <CopyAction text={() => maskControlCharacters((log ?? []).join('\n'))} label="the log" />
      </Group>
      <pre ref={pane} className={styles.log} tabIndex={0} role="region" aria-label={`Log of ${job.title}`}>
        {text === '' ? (log ? 'The log is empty.' : 'Reading the log…') : text}
      </pre>
    </>
  );
}
