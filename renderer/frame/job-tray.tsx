import { Button } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { formatCount } from '../../shared/format';
import { isFinished, type Job } from '../../shared/jobs';
import { announce } from '../components/announcer';
import { ProgressBar } from '../components/progress-bar';
import { fractionOf, progressText } from '../components/progress-text';
import { Age } from '../components/timestamp';
import { JobStatusMark } from '../components/state-mark';
import { useJobList, useJobs } from '../state/jobs';
import { JobList } from './job-list';
import styles from './job-tray.module.css';

function endOf(job: Job): string {
  switch (job.status) {
    case 'succeeded':
      return `${job.title}: done`;
    case 'succeeded-with-warnings':
      return `${job.title}: done, with warnings`;
    case 'failed':
      return `${job.title}: failed. ${job.error?.message ?? ''}`;
    case 'cancelled':
      return `${job.title}: cancelled`;
    case 'interrupted':
      return `${job.title}: interrupted`;
    case 'queued':
    case 'running':
    case 'cancelling':
      return '';
  }
}

/** Says in the live region how each job ended that was seen running. */
function useAnnouncedEnds(jobs: readonly Job[]): void {
  const running = useRef(new Set<string>());
  useEffect(() => {
    for (const job of jobs) {
      if (!isFinished(job.status)) running.current.add(job.id);
      else if (running.current.delete(job.id)) announce(endOf(job));
    }
  }, [jobs]);
}

/** At the bottom of the window: the running job, or the last one; opens upward to all of them. */
export function JobTray() {
  const jobs = useJobList();
  const open = useJobs((state) => state.trayOpen);
  const setOpen = useJobs((state) => state.setTrayOpen);
  const cancel = useJobs((state) => state.cancel);
  useAnnouncedEnds(jobs);
  const running = jobs.filter((job) => !isFinished(job.status));
  const shown = running[0] ?? jobs[0];
  const label =
    running.length > 1
      ? `${formatCount(running.length)} jobs running`
      : running.length === 1
        ? '1 job running'
        : 'Jobs';
  return (
    <section className={styles.tray} aria-label="Jobs">
      {open ? <JobList jobs={jobs} /> : null}
      <div className={styles.bar}>
        <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronUp size={14} aria-hidden />}
          {label}
        </button>
        {shown ? (
          <div className={styles.current}>
            <span className={`${styles.title} clip`} title={shown.title}>
              {shown.title}
            </span>
            {isFinished(shown.status) ? <EndedJob job={shown} /> : <RunningJob job={shown} />}
          </div>
        ) : (
          <span className="dimmed">Nothing has run yet</span>
        )}
        {running.length > 1 ? (
          <span className={`${styles.numbers} nowrap`}>1 of {formatCount(running.length)}</span>
        ) : null}
        {shown && !isFinished(shown.status) ? (
          <Button
            variant="default"
            size="compact-xs"
            disabled={shown.status === 'cancelling'}
            aria-label={`Cancel ${shown.title}`}
            onClick={() => void cancel(shown.id)}
          >
            Cancel
          </Button>
        ) : null}
      </div>
    </section>
  );
}

function RunningJob({ job }: { job: Job }) {
  const fraction = fractionOf(job.progress);
  return (
    <>
      <span className={styles.meter}>
        <ProgressBar fraction={fraction} label={`${job.title}: progress`} />
      </span>
      <span className={styles.numbers}>
        {job.status === 'cancelling' ? 'Cancelling…' : job.progress.phase}
        {fraction === null ? '' : ` · ${Math.floor(fraction * 100)} %`}
        {progressText(job.progress) ? ` · ${progressText(job.progress)}` : ''}
      </span>
    </>
  );
}

function EndedJob({ job }: { job: Job }) {
  return (
    <>
      <span style={{ flex: 'none' }}>
        <JobStatusMark status={job.status} />
      </span>
      <span className={styles.numbers} title={job.error?.message}>
        <Age value={job.endedAt} />
        {job.error ? ` · ${job.error.message}` : ''}
      </span>
    </>
  );
}
