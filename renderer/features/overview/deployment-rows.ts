/** All deployments as rows: only what is true now, with the time it is of. Pure. */
import type { Severity } from '../../../shared/alerts';
import type { CatalogueEntry } from '../../../shared/backups';
import type { Connection } from '../../../shared/connections';
import { healthVerdicts, type DeploymentHealth, type HealthVerdict } from '../../../shared/deployment-health';
import { membersOf, type MemberSample, type MetricName } from '../../../shared/health';
import { sampledTopology } from '../../components/sampled-topology';
import { protects } from '../../state/catalogue';

export interface DeploymentRow {
  connection: Connection;
  verdict: HealthVerdict;
  /** Milliseconds since 1970. */
  since: number | null;
  problem: string | null;
  /** What the numbers are of; null when nothing was sampled yet. */
  sampledAt: number | null;
  topology: string | null;
  /** Of every set; null where none is known, or there are no sets. */
  primary: string | null;
  /** Some set has none, although members of it answer. */
  lacksPrimary: boolean;
  membersWell: number;
  members: number;
  lagSeconds: number | null;
  oplogWindowHours: number | null;
  /** Of the member with the most. */
  connections: number | null;
  newestVerified: CatalogueEntry | null;
  alerts: number;
  gravest: Severity | null;
}

const wellStates: ReadonlySet<string> = new Set(['PRIMARY', 'SECONDARY', 'ARBITER', 'STANDALONE', 'MONGOS']);

function known(members: readonly MemberSample[], metric: MetricName): number[] {
  return members.map(({ metrics }) => metrics[metric]).filter((value): value is number => value !== null);
}

export function greatestOf(members: readonly MemberSample[], metric: MetricName): number | null {
  const values = known(members, metric);
  return values.length === 0 ? null : Math.max(...values);
}

export function leastOf(members: readonly MemberSample[], metric: MetricName): number | null {
  const values = known(members, metric);
  return values.length === 0 ? null : Math.min(...values);
}

export function isWell({ answered, state }: Pick<MemberSample, 'answered' | 'state'>): boolean {
  return answered && wellStates.has(state);
}

const timeOf = (entry: CatalogueEntry): number => Date.parse(entry.completedAt ?? entry.createdAt ?? '');

/** Null when none protects it. */
export function newestVerifiedOf({ id, name }: Connection, entries: readonly CatalogueEntry[]): CatalogueEntry | null {
  const own = entries.filter(
    (entry) =>
      protects(entry) &&
      !entry.temporary &&
      !Number.isNaN(timeOf(entry)) &&
      (entry.connectionId === id || entry.sourceName === name),
  );
  return own.sort((left, right) => timeOf(right) - timeOf(left))[0] ?? null;
}

/** `health` null: not told yet. `fresh`: no newer sample is overdue. */
export function deploymentRow(
  connection: Connection,
  health: DeploymentHealth | null,
  newestVerified: CatalogueEntry | null,
  fresh: boolean,
): DeploymentRow {
  const sample = health?.sample ?? null;
  const members = sample ? membersOf(sample) : [];
  const answering = fresh ? members.filter(({ answered }) => answered) : [];
  const open = (health?.incidents ?? []).filter(({ silenced }) => !silenced);
  const primaries = fresh ? (sample?.sets ?? []).flatMap(({ primary }) => primary ?? []) : [];
  const isStale = sample !== null && !fresh;
  return {
    connection,
    verdict: isStale ? 'unknown' : (health?.verdict ?? 'unknown'),
    since: isStale ? sample.at : (health?.since ?? null),
    problem: isStale ? 'Lifeboat has no newer sample.' : (health?.problem ?? null),
    sampledAt: sample?.at ?? null,
    topology: sample ? sampledTopology(sample) : null,
    primary: primaries.length === 0 ? null : primaries.join(', '),
    lacksPrimary:
      fresh &&
      (sample?.sets ?? []).some(
        ({ primary, members: own }) => primary === null && own.some(({ answered }) => answered),
      ),
    membersWell: answering.filter(isWell).length,
    members: members.length,
    lagSeconds: greatestOf(answering, 'lagSeconds'),
    oplogWindowHours: leastOf(answering, 'oplogWindowHours'),
    connections: greatestOf(answering, 'connections'),
    newestVerified,
    alerts: open.length,
    gravest: open[0]?.severity ?? null,
  };
}

/** Smaller for what is worse: the verdict, then how much is open. */
export function badness({ verdict, alerts }: Pick<DeploymentRow, 'verdict' | 'alerts'>): number {
  return healthVerdicts.indexOf(verdict) * 1000 - Math.min(alerts, 999);
}

/** From a minute on: `3 min`, `26 h`, `12 d`. */
export function coarseSpan(seconds: number): string {
  const minutes = seconds / 60;
  if (minutes < 59.5) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  return hours < 47.5 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} d`;
}
