import type { ReactNode } from 'react';
import styles from './action-bar.module.css';

interface ActionBarProps {
  /** Buttons, from the way back to the way on. */
  children: ReactNode;
  /** Beside them: what the last of them would do, or why it cannot be pressed. */
  said?: ReactNode;
}

/** The actions of a step, at the bottom of the window on every step: a direct child of its page. */
export function ActionBar({ children, said }: ActionBarProps) {
  return (
    <div className={styles.bar}>
      {children}
      {said ? <div className={styles.said}>{said}</div> : null}
    </div>
  );
}
