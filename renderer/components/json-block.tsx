import { readableJson } from './json-text';
import styles from './json-block.module.css';

/** A value as indented Extended JSON text. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  const text = value === null || value === undefined ? '(none)' : readableJson(value);
  return (
    <pre className={styles.block} tabIndex={0} role="region" aria-label={label}>
      {text}
    </pre>
  );
}
