import { Button, Group } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { isFinished, type Job } from '../../shared/jobs';
import { useJobs } from '../state/jobs';
import { ErrorPanel } from './error-panel';
import { Notice } from './notice';
import { ProgressBar } from './progress-bar';
import { fractionOf, progressText } from './progress-text';
import { JobStatusMark } from './state-mark';
import styles from './job-progress.module.css';

interface JobProgressProps {
  job: Job | null;
  /** Said while the job has not reported yet. */
  awaiting: string;
  /** Shown under the error of a failed job. */
  onRetry?: () => void;
}

/** One job, large: phases, what is done now, numbers, cancel; afterwards how it ended. */
export function JobProgress({ job, awaiting, onRetry }: JobProgressProps) {
  const cancel = useJobs((state) => state.cancel);
  const showJob = useJobs((state) => state.showJob);
  if (!job) {
    return (
      <div>
        <p className={styles.line}>{awaiting}</p>
        <ProgressBar fraction={null} label={awaiting} />
      </div>
    );
  }
  const finished = isFinished(job.status);
  const fraction = fractionOf(job.progress);
  return (
    <div>
      {finished ? null : (
        <>
          <Phases job={job} />
          <p className={styles.line}>
            <strong>{job.status === 'cancelling' ? 'Cancelling…' : job.progress.phase || awaiting}</strong>
            <span className="dimmed">
              {fraction === null ? '' : `${Math.floor(fraction * 100)} % · `}
              {progressText(job.progress)}
            </span>
          </p>
          <ProgressBar fraction={fraction} label={job.title} />
        </>
      )}
      {finished ? <JobStatusMark status={job.status} /> : null}
      {job.error && job.status !== 'cancelled' ? (
        <div style={{ marginTop: 12 }}>
          <ErrorPanel error={job.error} onRetry={onRetry} connectionId={job.connectionId} />
        </div>
      ) : null}
      {job.warnings.length > 0 && finished ? (
        <div style={{ marginTop: 12 }}>
          <Notice kind="warning" title="Warnings">
            {job.warnings.map((warning, index) => (
              <div key={index}>{warning}</div>
            ))}
          </Notice>
        </div>
      ) : null}
      <Group gap={8} mt={12}>
        {finished ? null : (
          <Button variant="default" disabled={job.status === 'cancelling'} onClick={() => void cancel(job.id)}>
            Cancel
          </Button>
        )}
        <Button variant="default" onClick={() => showJob(job.id)}>
          Show log
        </Button>
        {finished && job.status === 'cancelled' && onRetry ? (
          <Button variant="default" onClick={onRetry}>
            Start again
          </Button>
        ) : null}
      </Group>
    </div>
  );
}

/** Which steps there are and which of them is now; nothing where there is but one. */
function Phases({ job: { phases, progress } }: { job: Job }) {
  const now = phases.indexOf(progress.phase);
  if (phases.length < 2 || now < 0) return null;
  return (
    <ol className={styles.phases} aria-label="Phases">
      {phases.map((phase, at) => (
        <li key={phase} className={at === now ? styles.now : 'dimmed'} aria-current={at === now ? 'step' : undefined}>
          {at < now ? <IconCheck size={12} className={styles.past} aria-label="done" /> : null}
          {phase}
        </li>
      ))}
    </ol>
  );
}
