import { Anchor, Button } from '@mantine/core';
import { IconBellOff, IconUserCheck } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Incident } from '../../../shared/alerts';
import { formatDuration } from '../../../shared/format';
import type { IncidentPage } from '../../../shared/incidents';
import { useRequest } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { Facts, type Fact } from '../../components/facts';
import { Notice } from '../../components/notice';
import { Page, Section } from '../../components/page';
import { SeverityMark } from '../../components/severity-mark';
import { Timestamp } from '../../components/timestamp';
import { useEscapeBack } from '../../components/use-escape-back';
import { useNow } from '../../components/use-now';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useAlerts } from '../../state/alerts';
import { AcknowledgeDialog } from './acknowledge-dialog';
import { CausesSection, EventsSection, RuleSection, StepsSection } from './alert-sections';
import { useConnectionNames } from './connection-names';
import { memberText } from './incident-columns';
import { lastOpened } from './last-opened';
import { unitOf, valueWords } from './rule-words';
import { SilenceDialog } from './silence-dialog';
import { useAlertKeys } from './use-alert-keys';
import styles from './alerts.module.css';

/** What the chart of an alert is drawn from. */
export interface AlertChart {
  connectionId: string;
  chart: NonNullable<IncidentPage['chart']>;
  /** The stretch to be marked; `to` null while it lasts. */
  marked: { from: number; to: number | null };
}

interface AlertPageProps {
  id: string;
  renderChart: (chart: AlertChart) => ReactNode;
}

/** One alert: what, since when, why, what to do. */
export function AlertPage({ id, renderChart }: AlertPageProps) {
  const page = useRequest('alerts.incident', { id });
  const turn = useAlerts((state) => state.turn);
  const asked = useRef(turn);
  const { reload } = page;
  useEffect(() => {
    if (asked.current === turn) return;
    asked.current = turn;
    reload();
  }, [turn, reload]);
  useEffect(() => {
    lastOpened.id = id;
  }, [id]);
  useReady('Alert', page.data !== null);
  const isPast = page.data !== null && page.data.incident.clearedAt !== null;
  const back = isPast ? { label: 'Past alerts', path: paths.pastAlerts } : { label: 'Alerts', path: paths.alerts };
  useEscapeBack(back.path);
  if (!page.data)
    return (
      <Page title="Alert" back={back}>
        {page.error ? (
          <ErrorPanel
            error={page.error}
            onRetry={reload}
            actions={
              <Button variant="default" onClick={() => goTo(paths.alerts)}>
                Go to the alerts
              </Button>
            }
          />
        ) : (
          <Waiting for="Looking into its causes" />
        )}
      </Page>
    );
  return <Known page={page.data} back={back} renderChart={renderChart} />;
}

interface KnownProps {
  page: IncidentPage;
  back: { label: string; path: string };
  renderChart: AlertPageProps['renderChart'];
}

function Known({ page, back, renderChart }: KnownProps) {
  const newer = useAlerts((state) => state.lists?.open.find(({ id }) => id === page.incident.id));
  const incident: Incident = newer ? { ...page.incident, ...newer } : page.incident;
  const [dialog, setDialog] = useState<'acknowledge' | 'silence' | null>(null);
  const isOpen = incident.clearedAt === null;
  const canAcknowledge = isOpen && incident.acknowledged === null;
  const canSilence = isOpen && !incident.silenced;
  useAlertKeys({
    a: canAcknowledge ? () => setDialog('acknowledge') : null,
    s: canSilence ? () => setDialog('silence') : null,
  });
  return (
    <Page
      title={incident.name}
      back={back}
      sentence={<Sentence incident={incident} />}
      actions={
        <>
          {canSilence ? (
            <Button
              variant="default"
              leftSection={<IconBellOff size={14} aria-hidden />}
              aria-keyshortcuts="s"
              onClick={() => setDialog('silence')}
            >
              Silence…
            </Button>
          ) : null}
          {canAcknowledge ? (
            <Button
              leftSection={<IconUserCheck size={14} aria-hidden />}
              aria-keyshortcuts="a"
              onClick={() => setDialog('acknowledge')}
            >
              Acknowledge…
            </Button>
          ) : null}
        </>
      }
    >
      {incident.acknowledged ? (
        <Notice kind="info" title={`${incident.acknowledged.by} took it on`}>
          <Timestamp value={new Date(incident.acknowledged.at)} />
          {incident.acknowledged.note === '' ? null : <div>{incident.acknowledged.note}</div>}
        </Notice>
      ) : null}
      {incident.silenced ? (
        <Notice
          kind="info"
          title="Silenced: nobody is told of it"
          action={
            <Button variant="default" onClick={() => goTo(paths.silences)}>
              See the silences
            </Button>
          }
        />
      ) : null}
      <div className={styles.columns}>
        <Section title="What and since when">
          <WhatFacts page={page} incident={incident} />
        </Section>
        <CausesSection causes={page.causes} />
      </div>
      <StepsSection steps={page.steps} runbook={page.rule?.runbook ?? null} />
      {page.chart ? (
        renderChart({
          connectionId: incident.connectionId,
          chart: page.chart,
          marked: { from: incident.since, to: incident.clearedAt },
        })
      ) : (
        <Section title="Chart">
          <span className="dimmed">This rule looks at no number: what happened stands in the events below.</span>
        </Section>
      )}
      <EventsSection events={page.events} incident={incident} />
      <RuleSection rule={page.rule} />
      <AcknowledgeDialog incident={dialog === 'acknowledge' ? incident : null} onClose={() => setDialog(null)} />
      <SilenceDialog subject={dialog === 'silence' ? incident : null} onClose={() => setDialog(null)} />
    </Page>
  );
}

function Sentence({ incident }: { incident: Incident }) {
  const { severity, since, clearedAt } = incident;
  const now = useNow(1000);
  const seconds = ((clearedAt ?? now.getTime()) - since) / 1000;
  const lasted = formatDuration(Math.max(0, seconds));
  return (
    <>
      <SeverityMark severity={severity} />
      {clearedAt === null ? `, open for ${lasted}, since ` : `, over: it lasted ${lasted}, from `}
      <Timestamp value={new Date(since)} seconds />
      {clearedAt === null ? null : (
        <>
          {' to '}
          <Timestamp value={new Date(clearedAt)} seconds />
        </>
      )}
      .
    </>
  );
}

function WhatFacts({ page, incident }: { page: IncidentPage; incident: Incident }) {
  const nameOf = useConnectionNames();
  const { connectionId, host, set, since, firedAt, clearedAt, value, text } = incident;
  const unit = page.rule ? unitOf(page.rule.condition) : null;
  const facts: Fact[] = [
    { term: clearedAt === null ? 'What is wrong' : 'What was wrong', value: text },
    {
      term: 'Deployment',
      value: <Anchor href={`#${paths.connection(connectionId)}`}>{nameOf(connectionId)}</Anchor>,
    },
    { term: host === null ? 'About' : 'Member', value: <code>{memberText(incident)}</code> },
    ...(host !== null && set !== null ? [{ term: 'Set', value: set }] : []),
    ...(value === null
      ? []
      : [{ term: clearedAt === null ? 'Value now' : 'Last value', value: valueWords(value, unit) }]),
    { term: 'Began', value: <Timestamp value={new Date(since)} seconds /> },
    { term: 'Fired', value: <Timestamp value={new Date(firedAt)} seconds /> },
    ...(clearedAt === null ? [] : [{ term: 'Over', value: <Timestamp value={new Date(clearedAt)} seconds /> }]),
  ];
  return <Facts facts={facts} />;
}
