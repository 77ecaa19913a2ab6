import { CopyAction } from './copy-action';
import styles from './command-block.module.css';

interface CommandBlockProps {
  /** A command an element; all are copied together, a line each. */
  commands: readonly string[];
  label?: string;
}

export function CommandBlock({ commands, label = 'the command' }: CommandBlockProps) {
  const text = commands.join('\n');
  return (
    <pre className={styles.block}>
      {text}
      <span className={styles.copy}>
        <CopyAction text={text} label={label} />
      </span>
    </pre>
  );
}
