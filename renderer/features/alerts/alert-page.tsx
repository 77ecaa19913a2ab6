import { Anchor, Button } from '@mantine/core';
import { IconBellOff, IconUserCheck } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { AlertRule, Incident } from '../../../shared/alerts';
import { formatDuration } from '../../../shared/format';
import type { HealthEvent } from '../../../shared/health';
import type { IncidentPage } from '../../../shared/incidents';
import { useRequest } from '../../api';
import { MetricChart } from '../../components/chart/metric-chart';
import { ErrorPanel } from '../../components/error-panel';
import { Facts, type Fact } from '../../components/facts';
import { Notice } from '../../components/notice';
import { Page, Section } from '../../components/page';
import { SeverityMark } from '../../components/severity-mark';
import { Timestamp } from '../../components/timestamp';
import { closeToasts } from '../../components/toasts';
import { useEscapeBack } from '../../components/use-escape-back';
import { useNow } from '../../components/use-now';
import { Waiting } from '../../components/waiting';
import { goTo, paths } from '../../navigation';
import { useReady } from '../../readiness';
import { useAlerts } from '../../state/alerts';
import { useConnections } from '../../state/connections';
import { AcknowledgeDialog } from './acknowledge-dialog';
import { CausesSection, EventsSection, RuleSection, StepsSection } from './alert-sections';
import { useConnectionNames } from './connection-names';
import { memberText } from './incident-columns';
import { alertToastId } from './incident-news';
import { lastOpened } from './last-opened';
import { unitOf, valueWords } from './rule-words';
import { SilenceDialog } from './silence-dialog';
import { StoryNotice } from './story-notice';
import { useAlertKeys } from './use-alert-keys';
import styles from './alerts.module.css';

/** One alert: what, since when, why, what to do. */
export function AlertPage({ id }: { id: string }) {
  const page = useRequest('alerts.incident', { id });
  const known = useKnownIncident(id);
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
    // Whoever reads its page has been told.
    closeToasts([alertToastId(id)]);
  }, [id]);
  const incident = known ?? page.data?.incident ?? null;
  useReady('Alert', incident !== null);
  const isPast = incident !== null && incident.clearedAt !== null;
  const back = isPast ? { label: 'Past alerts', path: paths.pastAlerts } : { label: 'Alerts', path: paths.alerts };
  useEscapeBack(back.path);
  const error = page.error ? (
    <ErrorPanel
      error={page.error}
      onRetry={reload}
      actions={
        <Button variant="default" onClick={() => goTo(paths.alerts)}>
          Go to the alerts
        </Button>
      }
    />
  ) : null;
  if (!incident)
    return (
      <Page title="Alert" back={back}>
        {error ?? <Waiting for="Reading the alert" />}
      </Page>
    );
  return <Known incident={incident} page={page.data} error={error} back={back} />;
}

/** As the lists have it: there at once, and with the newest value; null until they are read, and for what they do not hold. */
function useKnownIncident(id: string): Incident | null {
  const lists = useAlerts((state) => state.lists);
  const isIt = (incident: Incident): boolean => incident.id === id;
  return lists?.open.find(isIt) ?? lists?.past.find(isIt) ?? null;
}

interface KnownProps {
  incident: Incident;
  /** Null while its causes are looked into. */
  page: IncidentPage | null;
  error: ReactNode;
  back: { label: string; path: string };
}

function Known({ incident, page, error, back }: KnownProps) {
  const rules = useAlerts((state) => state.rules);
  const rule = page ? page.rule : (rules?.find((entry) => entry.rule.id === incident.ruleId)?.rule ?? null);
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
      {error}
      {incident.acknowledged ? (
        <Notice kind="info" title={`${incident.acknowledged.by} took it on`}>
          <Timestamp value={new Date(incident.acknowledged.at)} />
          {incident.acknowledged.note === '' ? null : ` · ${incident.acknowledged.note}`}
        </Notice>
      ) : null}
      {isOpen ? <StoryNotice incident={incident} /> : null}
      {incident.silenced && isOpen ? (
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
          <WhatFacts incident={incident} rule={rule} />
        </Section>
        <CausesSection causes={page?.causes ?? null} />
        <StepsSection steps={page?.steps ?? null} runbook={rule?.runbook ?? null} />
      </div>
      {page ? (
        <>
          {page.chart ? <ChartSection chart={page.chart} incident={incident} events={page.events} /> : null}
          <EventsSection events={page.events} incident={incident} />
        </>
      ) : null}
      <RuleSection rule={rule} />
      <AcknowledgeDialog incident={dialog === 'acknowledge' ? incident : null} onClose={() => setDialog(null)} />
      <SilenceDialog subject={dialog === 'silence' ? incident : null} onClose={() => setDialog(null)} />
    </Page>
  );
}

interface ChartSectionProps {
  chart: NonNullable<IncidentPage['chart']>;
  incident: Incident;
  events: readonly HealthEvent[];
}

function ChartSection({ chart, incident, events }: ChartSectionProps) {
  const { connectionId, since, clearedAt, name } = incident;
  const interval = useMemo(() => ({ from: since, to: clearedAt, label: name }), [since, clearedAt, name]);
  return (
    <Section title="Around it">
      <MetricChart
        connectionId={connectionId}
        metric={chart.metric}
        hosts={chart.hosts}
        from={chart.from}
        to={chart.to}
        live={clearedAt === null}
        threshold={chart.threshold}
        interval={interval}
        events={events}
      />
    </Section>
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

function WhatFacts({ incident, rule }: { incident: Incident; rule: AlertRule | null }) {
  const nameOf = useConnectionNames();
  const { connectionId, host, set, since, firedAt, clearedAt, value, text } = incident;
  const unit = rule ? unitOf(rule.condition) : null;
  const facts: Fact[] = [
    { term: clearedAt === null ? 'What is wrong' : 'What was wrong', value: text },
    {
      term: 'Deployment',
      value: <Anchor href={`#${paths.connection(connectionId)}`}>{nameOf(connectionId)}</Anchor>,
    },
    {
      term: host === null ? 'About' : 'Member',
      value: (
        <Anchor
          href={`#${host === null ? paths.replicaSet : paths.replicaSetMember(host)}`}
          onClick={() => useConnections.getState().choose(connectionId)}
        >
          <code>{memberText(incident)}</code>
        </Anchor>
      ),
    },
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
