import { Button } from '@mantine/core';
import { IconServerOff } from '@tabler/icons-react';
import type { Connection } from '../../../../shared/connections';
import type { DeploymentHealth } from '../../../../shared/deployment-health';
import { formatDuration } from '../../../../shared/format';
import { EmptyState } from '../../../components/empty-state';
import { ErrorPanel } from '../../../components/error-panel';
import { Facts, type Fact } from '../../../components/facts';
import { formatLag, formatMetric } from '../../../components/metric-text';
import { Notice } from '../../../components/notice';
import { Page, Section } from '../../../components/page';
import { useEscapeBack } from '../../../components/use-escape-back';
import { Waiting } from '../../../components/waiting';
import { goTo, paths } from '../../../navigation';
import { asError, type DeploymentView, type MemberView } from '../deployment-view';
import { DeploymentTabs } from '../deployment-tabs';
import { heardText, MemberStateMark, Moment, MomentSince, roleWords, SpanSince, UnknownSince } from '../member-words';
import { OpenAlerts } from '../open-alerts';
import { MemberActions } from '../set-actions';
import { useDeploymentView } from '../use-deployment-view';
import { WithConnection } from '../with-connection';
import styles from './members.module.css';

const back = { label: 'Replica set', path: paths.replicaSet };

/** Everything that is known of one member of the current connection. */
export function MemberPage({ host }: { host: string }) {
  useEscapeBack(paths.replicaSet);
  return (
    <WithConnection title={host}>
      {(connection) => <OneMember key={`${connection.id} ${host}`} connection={connection} host={host} />}
    </WithConnection>
  );
}

function OneMember({ connection, host }: { connection: Connection; host: string }) {
  const { health, view, error } = useDeploymentView(connection.id);
  const member = view?.members.find((one) => one.host === host) ?? null;
  return (
    <Page
      title={host}
      back={back}
      sentence={member && view ? <MemberSentence member={member} view={view} /> : undefined}
      actions={
        member?.role === 'member' && member.set !== null ? (
          <MemberActions connectionId={connection.id} member={member} />
        ) : null
      }
    >
      {error && !health ? <ErrorPanel error={error} connectionId={connection.id} /> : null}
      {!error && !view ? <Waiting for={`Asking every member of ${connection.name} how it is doing`} /> : null}
      {view && !member ? (
        <EmptyState
          icon={<IconServerOff size={32} />}
          title="No such member"
          actions={<Button onClick={() => goTo(paths.replicaSet)}>See the members</Button>}
        >
          {connection.name} has no member {host} now. It may have been removed, or belong to another connection.
        </EmptyState>
      ) : null}
      {health && view && member ? <Known connection={connection} health={health} view={view} member={member} /> : null}
    </Page>
  );
}

function MemberSentence({ member, view }: { member: MemberView; view: DeploymentView }) {
  const { answered, since, at, set, metrics } = member;
  const asOf = <Moment at={at} now={view.at} />;
  const state = <MemberStateMark member={member} size={15} />;
  if (!answered)
    return (
      <>
        {state} · <UnknownSince member={member} /> · asked {view.fresh ? 'in vain' : 'last'} at {asOf}
      </>
    );
  return (
    <>
      {state} <SpanSince since={since} now={view.at} />
      {set === null ? null : ` · ${set}`}
      {metrics.lagSeconds === null ? null : ` · lag ${formatLag(metrics.lagSeconds)}`} · as of {asOf}
    </>
  );
}

interface KnownProps {
  connection: Connection;
  health: DeploymentHealth;
  view: DeploymentView;
  member: MemberView;
}

function Known({ connection, health, view, member }: KnownProps) {
  const { answered, problem, configuration, role } = member;
  const isSilent = !answered && problem !== null && view.fresh;
  return (
    <>
      {isSilent ? <ErrorPanel error={asError(problem)} connectionId={connection.id} /> : null}
      {answered && problem ? (
        <Notice kind="warning" title="Not everything may be read">
          {problem.message}
        </Notice>
      ) : null}
      <OpenAlerts health={health} host={member.host} />
      <div className={styles.columns}>
        <Section title="State">
          <Facts facts={stateFacts(member)} />
        </Section>
        {role === 'member' ? (
          <Section title="Configuration">
            {configuration ? (
              <Facts facts={configurationFacts(member)} />
            ) : (
              <span className="dimmed">Not known: no member that may tell answers.</span>
            )}
          </Section>
        ) : null}
      </div>
      <DeploymentTabs connection={connection} view={view} host={member.host} />
    </>
  );
}

const unknown = <span className="dimmed">unknown</span>;

function stateFacts(member: MemberView): Fact[] {
  const { since, term, version, uptimeSeconds, role, answered, metrics } = member;
  const heard = heardText(member);
  return [
    { term: 'State', value: <MemberStateMark member={member} /> },
    { term: answered ? 'Since' : 'Unknown', value: <MomentSince since={since} /> },
    ...(role === 'member'
      ? [
          {
            term: 'Syncs from',
            value: <SyncSource member={member} />,
          },
          { term: 'Term', value: term ?? unknown },
          { term: 'Heartbeats', value: heard ?? (member.heardByOthers ? 'heard by the other members' : unknown) },
        ]
      : []),
    { term: 'MongoDB', value: version ?? unknown },
    { term: 'Up for', value: uptimeSeconds === null ? unknown : formatDuration(uptimeSeconds) },
    { term: 'Answered in', value: formatMetric('roundTripMs', metrics.roundTripMs) },
  ];
}

function SyncSource({ member: { answered, syncSource, isPrimary } }: { member: MemberView }) {
  if (syncSource !== null) return <span className="mono">{syncSource}</span>;
  if (!answered) return unknown;
  return <span className="dimmed">{isPrimary ? 'nobody, being primary' : 'nobody'}</span>;
}

function configurationFacts({ configuration }: MemberView): Fact[] {
  if (!configuration) return [];
  const { priority, votes, hidden, arbiterOnly, delaySeconds, tags } = configuration;
  const names = Object.keys(tags);
  return [
    { term: 'Priority', value: priority === 0 ? '0: never becomes primary' : priority },
    { term: 'Votes', value: votes },
    { term: 'Hidden', value: hidden ? 'yes: clients do not see it' : 'no' },
    { term: 'Delay', value: delaySeconds === 0 ? 'none' : formatDuration(delaySeconds) },
    { term: 'Arbiter', value: arbiterOnly ? 'yes: votes and holds no data' : 'no' },
    {
      term: 'Tags',
      value:
        names.length === 0
          ? 'none'
          : roleWords({ ...configuration })
              .slice(-names.length)
              .join(', '),
    },
  ];
}
