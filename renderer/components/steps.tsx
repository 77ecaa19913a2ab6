import { IconCheck } from '@tabler/icons-react';
import styles from './steps.module.css';

interface StepsProps {
  label: string;
  steps: readonly string[];
  current: number;
  /** Steps up to this one can be opened. */
  reachable: number;
  onStep: (step: number) => void;
}

/** The steps of a wizard; those already filled can be gone back to. */
export function Steps({ label, steps, current, reachable, onStep }: StepsProps) {
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map((name, index) => {
        const state = index === current ? styles.now : index < current ? styles.done : '';
        return (
          <li key={name} className={styles.step}>
            <button
              type="button"
              className={`${styles.button} ${state}`}
              aria-current={index === current ? 'step' : undefined}
              disabled={index > reachable}
              onClick={() => onStep(index)}
            >
              <span className={styles.number}>
                {index < current ? <IconCheck size={12} aria-label="done" /> : index + 1}
              </span>
              {name}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
