import styles from './text-block.module.css';

/** Text as a program gave it: its lines kept, scrolled within a block of its own, reached by keyboard. */
export function TextBlock({ text, label }: { text: string; label: string }) {
  return (
    <pre className={styles.block} tabIndex={0} role="region" aria-label={label}>
      {text}
    </pre>
  );
}
