import { formatQuantity } from '../../shared/format';
import { SeverityMark, severityWords } from '../components/severity-mark';
import { goTo, paths } from '../navigation';
import { useWaitingIncidents } from '../state/alerts';
import styles from './alert-indicator.module.css';

/** How many alerts wait for somebody, by the sign and colour of the gravest; nothing while none does. */
export function AlertIndicator() {
  const [gravest, ...others] = useWaitingIncidents();
  if (!gravest) return null;
  const alerts = formatQuantity(others.length + 1, 'alert');
  return (
    <a
      href={`#${paths.alerts}`}
      className={styles.indicator}
      aria-label={`${alerts}, the gravest: ${severityWords[gravest.severity].toLowerCase()}`}
      onClick={(event) => {
        event.preventDefault();
        goTo(paths.alerts);
      }}
    >
      <SeverityMark severity={gravest.severity}>{alerts}</SeverityMark>
    </a>
  );
}

/** Beside the page's name in the navigation. */
export function AlertCount() {
  const { length } = useWaitingIncidents();
  if (length === 0) return null;
  return (
    <span className={styles.count}>
      {length}
      <span className={styles.said}> waiting</span>
    </span>
  );
}
