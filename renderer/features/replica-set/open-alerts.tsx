import { Anchor } from '@mantine/core';
import type { Incident } from '../../../shared/alerts';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import { Notice } from '../../components/notice';
import { Section } from '../../components/page';
import { SeverityMark } from '../../components/severity-mark';
import { Timestamp } from '../../components/timestamp';
import { paths } from '../../navigation';
import styles from './replica-set.module.css';

interface OpenAlertsProps {
  health: DeploymentHealth;
  /** Null: of all members. */
  host: string | null;
}

/** What is wrong and since when, each with its page; nothing where nothing is. */
export function OpenAlerts({ health, host }: OpenAlertsProps) {
  const incidents = health.incidents.filter((incident) => host === null || incident.host === host);
  if (incidents.length > 0)
    return (
      <Section title="Open alerts" flush>
        <ul className={styles.alerts} aria-label="Open alerts">
          {incidents.map((incident) => (
            <OpenAlert key={incident.id} incident={incident} />
          ))}
        </ul>
      </Section>
    );
  if (host !== null || health.problem === null || health.verdict === 'healthy') return null;
  return <Notice kind={health.verdict === 'critical' ? 'bad' : 'warning'}>{health.problem}</Notice>;
}

function OpenAlert({ incident }: { incident: Incident }) {
  const { id, severity, name, text, since, silenced, acknowledged } = incident;
  const notes = [silenced ? 'silenced' : null, acknowledged ? `acknowledged by ${acknowledged.by}` : null];
  return (
    <li className={styles.alert}>
      <SeverityMark severity={severity} />
      <span className="wrap-anywhere">
        <Anchor href={`#${paths.alert(id)}`} size="sm" underline="always">
          {name}
        </Anchor>{' '}
        {text} <span className="dimmed">{notes.filter(Boolean).join(', ')}</span>
      </span>
      <span className="dimmed nowrap">
        since <Timestamp value={new Date(since)} seconds />
      </span>
    </li>
  );
}
