/** What the causes of an incident are looked for in: the newest sample, history and events around it, and members to ask. */
import type { AlertRule, Incident } from '../../../shared/alerts';
import type { Capture } from '../../../shared/captures';
import {
  membersOf,
  type DeploymentSample,
  type HealthEvent,
  type MemberSample,
  type MetricName,
  type SetSample,
} from '../../../shared/health';
import type { HistoryLine } from '../../../shared/health-history';
import type { Job } from '../../../shared/jobs';
import type { LiveOperation } from '../../../shared/live-operations';
import type { Captures } from '../../profiler/sessions/service';
import type { History } from '../history/service';
import type { MemberDoors } from './member-doors';
import type { ServerMovement } from './server-reading';

export interface Scene {
  incident: Incident;
  /** Null when it was deleted since. */
  rule: AlertRule | null;
  connectionName: string;
  /** While it is, what is so now can be asked; of one that is over only the past is looked at. */
  isOpen: boolean;
  /** When it was over, or now. */
  until: number;
  /** The newest; null when nobody samples the deployment, or the incident is over. */
  sample: DeploymentSample | null;
  set: SetSample | null;
  /** The member it is about, or the standalone's only one. */
  member: MemberSample | null;
  primary: MemberSample | null;
  /** From an hour before it began until its end, oldest first. */
  events: readonly HealthEvent[];
  members: MemberDoors;
  /** What runs on a member, asked once however many checks want to know. */
  operations(host: string): Promise<LiveOperation[]>;
  /** How a member moves on, looked at once. */
  movement(host: string): Promise<ServerMovement>;
  history: Pick<History, 'series'>;
  jobs: { list(): Promise<Job[]> };
  captures: Pick<Captures, 'list' | 'ask'>;
}

export const hourMs = 3_600_000;

/** The member whose doings are looked into: the incident's own, else the primary. */
export function hostOf({ incident, primary, sample }: Scene): string | null {
  return incident.host ?? primary?.host ?? (sample ? (membersOf(sample)[0]?.host ?? null) : null);
}

/** Events of a member, newest first. */
export function eventsOf({ events }: Scene, host: string | null, kinds: readonly HealthEvent['kind'][]): HealthEvent[] {
  return events.filter((event) => kinds.includes(event.kind) && (host === null || event.host === host)).reverse();
}

export async function linesOf(
  { history, incident }: Scene,
  hosts: readonly string[],
  metrics: readonly MetricName[],
  from: number,
  to: number,
): Promise<HistoryLine[]> {
  const query = { deployment: incident.connectionId, hosts: [...hosts], metrics: [...metrics], from, to, points: 500 };
  return (await history.series(query)).series;
}

function meanOf({ at, mean }: HistoryLine, from: number, to: number): number | null {
  const known = mean.filter((value, index): value is number => {
    const time = at[index] ?? 0;
    return value !== null && time >= from && time <= to;
  });
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Sums of metrics of a member: their means in the hour before it began, and while it lasted (an hour of it at most). */
export async function beforeAndDuring(
  scene: Scene,
  host: string,
  metrics: readonly MetricName[],
): Promise<{ before: number | null; during: number | null }> {
  const { since } = scene.incident;
  const end = Math.min(scene.until, since + hourMs);
  const lines = await linesOf(scene, [host], metrics, since - hourMs, end);
  const sumOf = (from: number, to: number): number | null => {
    const means = lines.map((line) => meanOf(line, from, to)).filter((mean): mean is number => mean !== null);
    return means.length === 0 ? null : means.reduce((sum, mean) => sum + mean, 0);
  };
  return { before: sumOf(since - hourMs, since - 1), during: sumOf(since, end) };
}

/** The last known value of each metric before the incident. */
export async function lastBefore(
  scene: Scene,
  host: string,
  metrics: readonly MetricName[],
): Promise<Map<MetricName, number>> {
  const { since } = scene.incident;
  const lines = await linesOf(scene, [host], metrics, since - hourMs / 2, since);
  const values = new Map<MetricName, number>();
  for (const { metric, mean } of lines) {
    const last = mean.filter((value): value is number => value !== null).at(-1);
    if (last !== undefined) values.set(metric, last);
  }
  return values;
}

/** The newest capture of the deployment that can be asked; null without one of the last day. */
export async function lastCapture({ captures, incident, until }: Scene): Promise<Capture | null> {
  const isFresh = ({ endedAt }: Capture): boolean => endedAt === null || until - Date.parse(endedAt) < 24 * hourMs;
  const own = (await captures.list()).filter(
    (capture) => capture.connectionId === incident.connectionId && capture.status !== 'failed' && isFresh(capture),
  );
  return own[0] ?? null;
}
