import styles from './json-block.module.css';

/** A value as indented JSON text. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  const text = value === null || value === undefined ? '(none)' : JSON.stringify(value, null, 2);
  return (
    <pre className={styles.block} tabIndex={0} role="region" aria-label={label}>
      {text}
    </pre>
  );
}
