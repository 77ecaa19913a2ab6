import { Button, Group, Stack } from '@mantine/core';
import { IconArrowRight, IconCheck, IconCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { isFinished, type Job } from '../../../../shared/jobs';
import type { OperationOutcome, OperationPreview } from '../../../../shared/operations';
import type { AppError } from '../../../../shared/result';
import { ErrorPanel } from '../../../components/error-panel';
import { JobProgress } from '../../../components/job-progress';
import { goTo, paths } from '../../../navigation';
import { useJob } from '../../../state/jobs';
import styles from '../operations.module.css';
import { OutcomeView } from '../outcome/outcome-view';

interface RunViewProps {
  preview: OperationPreview;
  jobId: string;
  outcome: OperationOutcome | null;
  error: AppError | null;
  onClose: () => void;
}

/** The running operation, then what became of it. */
export function RunView({ preview, jobId, outcome, error, onClose }: RunViewProps) {
  const job = useJob(jobId);
  const isRunning = job === null || !isFinished(job.status);
  return (
    <Stack gap={16}>
      <div className={styles.titleLine}>
        <h3>{preview.title}</h3>
      </div>
      {outcome ? (
        <OutcomeView outcome={outcome} />
      ) : (
        <>
          {job ? <Phases job={job} /> : null}
          <JobProgress job={job} awaiting="Starting" />
        </>
      )}
      {error ? <ErrorPanel error={error} /> : null}
      <Group justify="flex-end" gap={8}>
        {isRunning ? <span className="dimmed">It goes on when this is closed: the job tray shows it.</span> : null}
        {outcome ? (
          <Button
            variant="default"
            onClick={() => {
              goTo(paths.operation(outcome.id));
              onClose();
            }}
          >
            Open as a page
          </Button>
        ) : null}
        <Button variant={outcome ? 'filled' : 'default'} onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
}

/** The phases a job announced, with the one it is in: the last that was named, for a phase may be told in smaller ones. */
function Phases({ job }: { job: Job }) {
  const [now, setNow] = useState(0);
  const named = job.phases.indexOf(job.progress.phase);
  if (named > now) setNow(named);
  if (job.phases.length < 2 || isFinished(job.status)) return null;
  return (
    <ol className={styles.phases} aria-label="Phases">
      {job.phases.map((phase, position) => (
        <li
          key={position}
          aria-current={position === now ? 'step' : undefined}
          className={position > now ? 'dimmed' : position === now ? styles.phaseNow : undefined}
        >
          {position < now ? (
            <IconCheck size={14} className="good" aria-label="done" />
          ) : position === now ? (
            <IconArrowRight size={14} aria-label="now" />
          ) : (
            <IconCircle size={14} aria-label="to come" />
          )}
          {phase}
        </li>
      ))}
    </ol>
  );
}
