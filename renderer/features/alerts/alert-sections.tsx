import { Anchor, Table } from '@mantine/core';
import type { AlertRule, Incident } from '../../../shared/alerts';
import type { HealthEvent } from '../../../shared/health';
import type { LikelyCause } from '../../../shared/incidents';
import { OuterLink } from '../../components/outer-link';
import { Section } from '../../components/page';
import { SeverityMark } from '../../components/severity-mark';
import { StateMark, type State } from '../../components/state-mark';
import { Timestamp } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { paths } from '../../navigation';
import { useConnectionNames } from './connection-names';
import { conditionWords, scopeWords } from './rule-words';
import styles from './alerts.module.css';

const causeMarks: Record<LikelyCause['found'], { state: State; word: string }> = {
  yes: { state: 'bad', word: 'Found' },
  no: { state: 'good', word: 'Not so' },
  unknown: { state: 'unknown', word: 'Not known' },
};

/** `causes` null: they are being looked for. */
export function CausesSection({ causes }: { causes: readonly LikelyCause[] | null }) {
  return (
    <Section title="Likely causes">
      {causes === null ? (
        <Waiting for="Asking the members, the history and the backups" />
      ) : causes.length === 0 ? (
        <span className="dimmed">Nothing to look for is known for this rule.</span>
      ) : (
        <ul className={styles.causes} aria-label="Likely causes">
          {causes.map(({ found, text, since, details }) => (
            <li key={text} className={styles.cause}>
              <StateMark state={causeMarks[found].state}>{causeMarks[found].word}</StateMark>
              <span className={found === 'yes' ? undefined : 'dimmed'}>
                {text}
                {since === null ? null : (
                  <>
                    {' '}
                    <span className="dimmed">
                      since <Timestamp value={new Date(since)} seconds />
                    </span>
                  </>
                )}
                {details === undefined ? null : (
                  <details>
                    <summary>In the server&apos;s words</summary>
                    <span className="mono wrap-anywhere">{details}</span>
                  </details>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** `steps` null: they depend on what is being looked for. */
export function StepsSection({ steps, runbook }: { steps: readonly string[] | null; runbook: string | null }) {
  return (
    <Section title="What to do">
      {steps === null ? (
        <Waiting for="Finding the steps" />
      ) : (
        <ol className={styles.steps} aria-label="What to do">
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      {runbook === null ? null : (
        <div className={styles.runbook}>
          <span className="dimmed">Runbook</span>
          <OuterLink address={runbook} label="the runbook's address" />
        </div>
      )}
    </Section>
  );
}

const eventWords: Record<HealthEvent['kind'], string> = {
  'state-changed': 'State changed',
  'stopped-answering': 'Stopped answering',
  'answers-again': 'Answers again',
  restarted: 'Restarted',
  election: 'Election',
  'no-primary': 'No primary',
  'member-added': 'Member added',
  'member-removed': 'Member removed',
  reconfigured: 'Reconfigured',
  'sync-source-changed': 'Sync source',
  'sampling-started': 'Watching began',
  'sampling-stopped': 'Watching ended',
  'alert-fired': 'Alert fired',
  'alert-cleared': 'Alert over',
};

const eventStates: Partial<Record<HealthEvent['kind'], State>> = {
  'stopped-answering': 'bad',
  'no-primary': 'bad',
  'alert-fired': 'warning',
  restarted: 'warning',
  election: 'warning',
  'answers-again': 'good',
  'alert-cleared': 'good',
};

export function EventsSection({ events, incident }: { events: readonly HealthEvent[]; incident: Incident }) {
  return (
    <Section title="What happened around it" flush>
      {events.length === 0 ? (
        <p className={styles.nothing}>No event of the deployment is kept from this time.</p>
      ) : (
        <div className={styles.events} tabIndex={0} role="region" aria-label="What happened around it, scrollable">
          <Table aria-label="Events" verticalSpacing={4} stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">When</Table.Th>
                <Table.Th scope="col">Event</Table.Th>
                <Table.Th scope="col">Member</Table.Th>
                <Table.Th scope="col">What</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {events.map((event, index) => (
                <Table.Tr key={`${event.at} ${index}`} fw={event.host === incident.host ? 500 : undefined}>
                  <Table.Td className="nowrap">
                    <Timestamp value={new Date(event.at)} seconds />
                  </Table.Td>
                  <Table.Td className="nowrap">
                    <StateMark state={eventStates[event.kind] ?? 'unknown'}>{eventWords[event.kind]}</StateMark>
                  </Table.Td>
                  <Table.Td className="mono nowrap">{event.host ?? event.set ?? '–'}</Table.Td>
                  <Table.Td className="wrap-anywhere">{event.text}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Section>
  );
}

export function RuleSection({ rule }: { rule: AlertRule | null }) {
  const nameOf = useConnectionNames();
  if (!rule)
    return (
      <Section title="Rule">
        <span className="dimmed">The rule was deleted since.</span>
      </Section>
    );
  return (
    <Section title="Rule" aside={<Anchor href={`#${paths.alertRule(rule.id)}`}>Edit the rule</Anchor>}>
      <p className={`${styles.rule} wrap-anywhere`}>
        <SeverityMark severity={rule.severity} /> <strong>{rule.name}</strong>: {conditionWords(rule)};{' '}
        {scopeWords(rule.scope, nameOf)}.
      </p>
    </Section>
  );
}
