import { formatDuration } from '../../../../shared/format';
import type { OperationOutcome } from '../../../../shared/operations';
import { ErrorPanel } from '../../../components/error-panel';
import { Notice } from '../../../components/notice';
import { StateMark, type State } from '../../../components/state-mark';
import { FailoverReport } from '../failover/failover-report';
import styles from '../operations.module.css';
import { statusWords } from '../operation-words';
import { ExportReport } from './export-report';

/** What became of an operation: what is so now, its steps with their times, and how it failed where it did. */
export function OutcomeView({ outcome }: { outcome: OperationOutcome }) {
  const { status, text, error, failover, steps } = outcome;
  // The report of a failover test says itself what was wrong.
  const shownError = failover && error?.code === 'verification-failed' ? null : error;
  return (
    <>
      {shownError ? (
        <ErrorPanel error={shownError} connectionId={outcome.connectionId} />
      ) : failover ? null : (
        <Notice kind={status === 'succeeded' ? 'good' : 'info'} title={statusWords[status].word}>
          {text}
        </Notice>
      )}
      {failover ? <FailoverReport outcome={outcome} report={failover} /> : null}
      {steps.length > 0 ? (
        <section aria-label="What was done">
          <h3>What was done</h3>
          <StepList steps={steps} />
        </section>
      ) : null}
      <ExportReport outcome={outcome} />
    </>
  );
}

const stepStates: Record<OperationOutcome['steps'][number]['status'], { state: State; word: string }> = {
  done: { state: 'good', word: 'done' },
  failed: { state: 'bad', word: 'failed' },
  skipped: { state: 'stopped', word: 'not done' },
};

function StepList({ steps }: Pick<OperationOutcome, 'steps'>) {
  return (
    <ol className={styles.doneSteps} aria-label="Steps">
      {steps.map(({ text, status, tookMs }, position) => (
        <li key={position}>
          <StateMark state={stepStates[status].state}>{stepStates[status].word}</StateMark>
          <span className="wrap-anywhere">{text}</span>
          <span className={`dimmed ${styles.took}`}>{tookMs === null ? '' : formatDuration(tookMs / 1000)}</span>
        </li>
      ))}
    </ol>
  );
}
