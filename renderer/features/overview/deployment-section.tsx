import type { ReactNode } from 'react';
import type { Connection } from '../../../shared/connections';
import type { DeploymentHealth } from '../../../shared/deployment-health';
import { formatDuration } from '../../../shared/format';
import { membersOf, type DeploymentSample, type MemberSample } from '../../../shared/health';
import { errorCodeSchema, type AppError } from '../../../shared/result';
import { ErrorPanel } from '../../components/error-panel';
import { MemberTable, type ListedMember } from '../../components/member-table';
import { formatLag } from '../../components/metric-text';
import { Section } from '../../components/page';
import { sampledTopology } from '../../components/sampled-topology';
import { StateMark } from '../../components/state-mark';
import { Timestamp } from '../../components/timestamp';
import { useNow } from '../../components/use-now';
import { verdictState, verdictWord } from '../../components/verdict-mark';
import { Waiting } from '../../components/waiting';
import { isFresh, useHealthOf } from '../../state/health';
import { greatestOf, isWell, leastOf } from './deployment-rows';
import styles from './overview.module.css';

interface DeploymentSectionProps {
  connection: Connection;
  aside: ReactNode;
}

/** The members with state and lag, always with the time they are of. */
export function DeploymentSection({ connection, aside }: DeploymentSectionProps) {
  const health = useHealthOf(connection.id);
  const now = useNow(5000).getTime();
  return (
    <Section title={connection.name} aside={aside} flush>
      {health?.sample ? (
        <Sampled connection={connection} health={health} sample={health.sample} fresh={isFresh(health, now)} />
      ) : (
        <div className={styles.deployment}>
          <Waiting for={`Asking ${connection.name} for its members`} />
        </div>
      )}
    </Section>
  );
}

interface SampledProps {
  connection: Connection;
  health: DeploymentHealth;
  sample: DeploymentSample;
  fresh: boolean;
}

function Sampled({ connection, health, sample, fresh }: SampledProps) {
  const members = membersOf(sample);
  const failure = fresh ? failureOf(sample) : null;
  const topology = sampledTopology(sample);
  const version = members.find((member) => member.version !== null)?.version ?? null;
  const answering = members.filter(({ answered }) => answered);
  const window = leastOf(answering, 'oplogWindowHours');
  return (
    <>
      <div className={styles.deployment}>
        {fresh ? (
          <StateMark state={verdictState(health.verdict)}>{sentenceOf(health, answering)}</StateMark>
        ) : (
          <StateMark state="unknown">
            State unknown since <Timestamp value={new Date(sample.at)} seconds />
          </StateMark>
        )}
        {failure ? <ErrorPanel error={failure} connectionId={connection.id} /> : null}
        {answering.length > 0 ? (
          <span className="dimmed">
            {topology}
            {version === null ? '' : ` · MongoDB ${version}`}
            {sample.topology === 'standalone'
              ? ''
              : ` · oplog window ${window === null ? 'unknown' : formatDuration(window * 3600)}`}{' '}
            · as of <Timestamp value={new Date(sample.at)} seconds />
          </span>
        ) : (
          <span className="dimmed">
            Asked last at <Timestamp value={new Date(sample.at)} seconds />
          </span>
        )}
      </div>
      {fresh && members.length > 0 && sample.topology !== 'unknown' ? (
        <MemberTable members={members.map(listed)} />
      ) : null}
    </>
  );
}

function listed({ host, state, metrics, configuration }: MemberSample): ListedMember {
  return { host, state, lagSeconds: metrics.lagSeconds, hidden: configuration?.hidden === true };
}

/** Why nothing at all is known of it. */
function failureOf({ problem }: DeploymentSample): AppError | null {
  if (!problem) return null;
  const code = errorCodeSchema.safeParse(problem.code);
  return { code: code.success ? code.data : 'unreachable', message: problem.message };
}

function sentenceOf({ verdict, problem }: DeploymentHealth, answering: readonly MemberSample[]): string {
  if (problem !== null && verdict !== 'healthy') return `${verdictWord(verdict)}: ${problem}`;
  const lag = greatestOf(answering, 'lagSeconds');
  const count = answering.filter(isWell).length;
  const healthy = count === 1 ? 'Healthy: 1 member' : `Healthy: ${count} members`;
  return lag === null ? healthy : `${healthy}, largest lag ${formatLag(lag)}`;
}
