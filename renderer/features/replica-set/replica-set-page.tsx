import type { ReactNode } from 'react';
import type { Connection } from '../../../shared/connections';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import { ErrorPanel } from '../../components/error-panel';
import { Notice } from '../../components/notice';
import { Page, Section } from '../../components/page';
import { Waiting } from '../../components/waiting';
import { useReady } from '../../readiness';
import { useHealth } from '../../state/health';
import { asError, type DeploymentView, type SetView } from './deployment-view';
import { HealthSentence } from './health-sentence';
import { OpenAlerts } from './open-alerts';
import { SetActions, SetMenu } from './set-actions';
import { DeploymentTabs } from './deployment-tabs';
import { MemberCard } from './topology/member-card';
import { TopologyPicture } from './topology/topology-picture';
import pictureStyles from './topology/topology.module.css';
import styles from './replica-set.module.css';
import { useDeploymentView } from './use-deployment-view';
import { WithConnection } from './with-connection';

interface ReplicaSetPageProps {
  /** What was done to the sets of a connection: another feature's, handed in. */
  operations: (connectionId: string) => ReactNode;
}

/** Whether the deployment is healthy, since when not, and what to do. */
export function ReplicaSetPage({ operations }: ReplicaSetPageProps) {
  return (
    <WithConnection title="Replica set">
      {(connection) => <Deployment key={connection.id} connection={connection} operations={operations} />}
    </WithConnection>
  );
}

function titleOf(view: DeploymentView | null): string {
  if (view?.topology === 'sharded') return 'Replica sets';
  const [set] = view?.sets ?? [];
  return set ? `Replica set ${set.name}` : 'Replica set';
}

function Deployment({ connection, operations }: ReplicaSetPageProps & { connection: Connection }) {
  const { health, view, error } = useDeploymentView(connection.id);
  const load = useHealth((state) => state.load);
  useReady('Replica set', view !== null || error !== null);
  const [onlySet] = view?.sets ?? [];
  return (
    <Page
      title={titleOf(view)}
      sentence={health && view && view.members.length > 0 ? <HealthSentence health={health} view={view} /> : undefined}
      actions={
        view && onlySet && view.topology !== 'sharded' ? (
          <SetActions connectionId={connection.id} set={onlySet.name} />
        ) : null
      }
    >
      {error && !health ? <ErrorPanel error={error} onRetry={() => void load()} connectionId={connection.id} /> : null}
      {!error && !view ? <Waiting for={`Asking every member of ${connection.name} how it is doing`} /> : null}
      {health && view ? <Sampled connection={connection} health={health} view={view} operations={operations} /> : null}
    </Page>
  );
}

interface SampledProps extends ReplicaSetPageProps {
  connection: Connection;
  health: DeploymentHealth;
  view: DeploymentView;
}

function Sampled({ connection, health, view, operations }: SampledProps) {
  const nobody = view.fresh && view.members.every(({ answered }) => !answered) ? view.problem : null;
  if (view.members.length === 0)
    return (
      <ErrorPanel
        error={asError(view.problem ?? { code: 'unreachable', message: 'No member of the deployment is known.' })}
        connectionId={connection.id}
      />
    );
  return (
    <>
      {nobody ? <ErrorPanel error={asError(nobody)} connectionId={connection.id} /> : null}
      {nobody && health.incidents.length === 0 ? null : <OpenAlerts health={health} host={null} />}
      {view.topology === 'standalone' ? (
        <Notice kind="info" title="A standalone, not a replica set">
          There is one mongod and nothing that replicates it: no failover, no lag, no oplog. When it is down, nothing
          can be read or written, and a backup of it is no snapshot of one moment.
        </Notice>
      ) : null}
      <Sets connection={connection} view={view} />
      <DeploymentTabs
        connection={connection}
        view={view}
        host={null}
        operations={view.sets.length > 0 ? operations(connection.id) : undefined}
      />
    </>
  );
}

/** Shards first, config servers after them. */
function inOrder(sets: readonly SetView[]): SetView[] {
  return [...sets].sort(
    (a, b) =>
      Number(a.shard === 'config') - Number(b.shard === 'config') ||
      (a.shard ?? a.name).localeCompare(b.shard ?? b.name),
  );
}

function setTitle({ name, shard }: SetView): string {
  if (shard === null) return 'Members';
  return shard === 'config' ? `Config servers: ${name}` : `Shard ${shard}: ${name}`;
}

function Sets({ connection, view }: { connection: Connection; view: DeploymentView }) {
  const sharded = view.topology === 'sharded';
  return (
    <>
      {inOrder(view.sets).map((set) => (
        <Section
          key={set.name}
          title={setTitle(set)}
          aside={
            <span className={styles.sectionActions}>
              <span className="dimmed">
                {view.fresh ? (set.term === null ? null : `term ${set.term}`) : 'as it was when last seen'}
              </span>
              {sharded ? <SetMenu connectionId={connection.id} set={set.name} /> : null}
            </span>
          }
        >
          <TopologyPicture set={set} now={view.at} fresh={view.fresh} />
        </Section>
      ))}
      {view.singles.length > 0 ? (
        <Section title={sharded ? 'mongos' : view.topology === 'standalone' ? 'Server' : 'Addresses'}>
          <ul className={pictureStyles.singles}>
            {view.singles.map((member) => (
              <li key={member.host} className={pictureStyles.single}>
                <MemberCard member={member} now={view.at} short={false} />
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
    </>
  );
}
