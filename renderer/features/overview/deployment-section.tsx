import type { ReactNode } from 'react';
import type { Connection } from '../../../shared/connections';
import { formatDuration } from '../../../shared/format';
import { judgeDeployment, topologyText } from '../../components/deployment-text';
import { ErrorPanel } from '../../components/error-panel';
import { MemberTable } from '../../components/member-table';
import { Section } from '../../components/page';
import { StateMark } from '../../components/state-mark';
import { Timestamp } from '../../components/timestamp';
import { Waiting } from '../../components/waiting';
import { useConnections, useTestOf } from '../../state/connections';
import styles from './overview.module.css';

interface DeploymentSectionProps {
  connection: Connection;
  aside: ReactNode;
}

/** The members with state and lag, always with the time they are of. */
export function DeploymentSection({ connection, aside }: DeploymentSectionProps) {
  const { result, at, error, running } = useTestOf(connection.id);
  const test = useConnections((state) => state.test);
  const deployment = result?.deployment ?? null;
  const failure = error ?? (result && !result.reachable ? result.error : null);
  const verdict = deployment && !failure ? judgeDeployment(deployment) : null;
  return (
    <Section title={connection.name} aside={aside} flush>
      <div className={styles.deployment}>
        {failure ? (
          <>
            <StateMark state="unknown">
              State unknown since <Timestamp value={at} seconds />
            </StateMark>
            <ErrorPanel error={failure} connectionId={connection.id} onRetry={() => void test(connection.id)} />
          </>
        ) : null}
        {!result && !error && running ? <Waiting for={`Asking ${connection.name} for its members`} /> : null}
        {deployment && verdict ? (
          <>
            <StateMark state={verdict.state}>{verdict.sentence}</StateMark>
            <span className="dimmed">
              {topologyText(deployment)} · MongoDB {deployment.serverVersion} · oplog window{' '}
              {deployment.oplogWindowHours === null ? 'unknown' : formatDuration(deployment.oplogWindowHours * 3600)} ·
              as of <Timestamp value={at} seconds />
            </span>
          </>
        ) : null}
      </div>
      {deployment && !failure && deployment.members.length > 0 ? <MemberTable members={deployment.members} /> : null}
    </Section>
  );
}
