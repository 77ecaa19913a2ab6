import styles from './progress-bar.module.css';

interface ProgressBarProps {
  /** 0 to 1; null: running, total unknown. */
  fraction: number | null;
  label: string;
}

export function ProgressBar({ fraction, label }: ProgressBarProps) {
  const percent = fraction === null ? undefined : Math.round(fraction * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={styles.bar}
    >
      {fraction === null ? (
        <div className={styles.unknown} />
      ) : (
        <div className={styles.done} style={{ width: `${fraction * 100}%` }} />
      )}
    </div>
  );
}
