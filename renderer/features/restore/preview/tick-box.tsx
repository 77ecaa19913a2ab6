import { IconCheck, IconMinus } from '@tabler/icons-react';
import type { TickState } from './pick-state';
import styles from './preview.module.css';

/** The box of a row whose own role tells whether it is ticked. */
export function TickBox({ state }: { state: TickState }) {
  return (
    <span data-tick={state} className={styles.tick} aria-hidden>
      <span className={`${styles.tickBox} ${state === 'none' ? '' : styles.ticked}`}>
        {state === 'whole' ? <IconCheck size={12} stroke={3} /> : null}
        {state === 'some' ? <IconMinus size={12} stroke={3} /> : null}
      </span>
    </span>
  );
}
