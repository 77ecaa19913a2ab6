import type { Connection, Environment } from '../../shared/connections';
import styles from './environment-badge.module.css';

const classOf: Record<Environment, string | undefined> = {
  production: styles.production,
  staging: styles.staging,
  development: styles.development,
  sandbox: styles.sandbox,
};

export function EnvironmentBadge({ environment }: { environment: Environment }) {
  return <span className={`${styles.badge} ${classOf[environment]}`}>{environment}</span>;
}

/** The connection's own colour as a dot beside its name. */
export function ConnectionDot({ colour }: { colour: Connection['colour'] }) {
  return <span aria-hidden className={styles.dot} style={{ background: `var(--mantine-color-${colour}-6)` }} />;
}
