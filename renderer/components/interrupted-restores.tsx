import { Button } from '@mantine/core';
import { Notice } from './notice';
import { Timestamp } from './timestamp';
import { goTo, paths } from '../navigation';
import { useInterruptedRestores } from '../state/restores';
import { howFar, modeName } from './restore-words';
import styles from './interrupted-restores.module.css';

/** Names every restore that was cut off and waits for a decision; nothing where there is none. */
export function InterruptedRestores() {
  const interrupted = useInterruptedRestores();
  if (interrupted.length === 0) return null;
  return (
    <ul className={styles.banner} aria-label="Interrupted restores">
      {interrupted.map((summary) => (
        <li key={summary.restoreId}>
          <Notice
            kind="bad"
            title={`A restore into ${summary.target} was interrupted`}
            action={
              <Button variant="default" onClick={() => goTo(paths.restoreRun(summary.restoreId))}>
                Continue, undo or leave…
              </Button>
            }
          >
            {modeName(summary)} of {summary.scope}, begun <Timestamp value={summary.startedAt} />: {howFar(summary)}.
            Until you decide, {summary.target} is neither as it was before nor as in the backup.
          </Notice>
        </li>
      ))}
    </ul>
  );
}
