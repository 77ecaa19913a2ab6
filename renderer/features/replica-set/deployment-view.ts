/** What pages show of a sample: only what is true now, with the time it is of. Pure. */
import {
  noMetrics,
  type DeploymentSample,
  type HealthEvent,
  type MemberProblem,
  type MemberSample,
  type SetSample,
} from '../../../shared/health';
import { errorCodeSchema, type AppError } from '../../../shared/result';
import { stateSince, type Since } from './events/event-list';

/** The same deployment, of which nothing newer is known: numbers of then would look live. */
export function forgetNumbers(sample: DeploymentSample): DeploymentSample {
  const forget = (member: MemberSample): MemberSample => ({
    ...member,
    answered: false,
    problem: { code: 'stale', message: 'Lifeboat has no newer sample.' },
    state: 'UNKNOWN',
    heardByOthers: null,
    syncSource: null,
    term: null,
    uptimeSeconds: null,
    metrics: noMetrics,
  });
  const sets = sample.sets.map((set) => ({ ...set, primary: null, term: null, members: set.members.map(forget) }));
  return { ...sample, sets, singles: sample.singles.map(forget) };
}

/** One member as tables, pictures and its page show it. */
export interface MemberView extends MemberSample {
  set: string | null;
  shard: string | null;
  isPrimary: boolean;
  since: Since | null;
}

export interface SetView {
  name: string;
  shard: string | null;
  primary: string | null;
  term: number | null;
  members: MemberView[];
}

export interface DeploymentView {
  at: number;
  topology: DeploymentSample['topology'];
  /** False: nothing newer came, so that nothing is known since `at`. */
  fresh: boolean;
  sets: SetView[];
  singles: MemberView[];
  members: MemberView[];
  problem: MemberProblem | null;
}

export function viewOf(given: DeploymentSample, events: readonly HealthEvent[], fresh: boolean): DeploymentView {
  const sample = fresh ? given : forgetNumbers(given);
  const look = (member: MemberSample, set: SetSample | null): MemberView => ({
    ...member,
    set: set?.name ?? null,
    shard: set?.shard ?? null,
    isPrimary: set !== null && set.primary === member.host,
    since: fresh ? stateSince(member.host, events) : { at: given.at, atLeast: false },
  });
  const sets = sample.sets.map((set) => ({ ...set, members: set.members.map((member) => look(member, set)) }));
  const singles = sample.singles.map((member) => look(member, null));
  const members = [...sets.flatMap((set) => set.members), ...singles];
  const { at, topology, problem } = sample;
  return { at, topology, fresh, sets, singles, members, problem };
}

/** The numbers of the sentence under the title: the worst of all sets; null where none is known. */
export interface HeadNumbers {
  hasSecondaries: boolean;
  lagSeconds: number | null;
  oplogWindowHours: number | null;
  majorityLagSeconds: number | null;
}

const known = (values: readonly (number | null)[]): number[] =>
  values.filter((value): value is number => value !== null);
const greatest = (values: readonly (number | null)[]): number | null =>
  known(values).length === 0 ? null : Math.max(...known(values));
const least = (values: readonly (number | null)[]): number | null =>
  known(values).length === 0 ? null : Math.min(...known(values));

export function headNumbers({ sets }: Pick<DeploymentView, 'sets'>): HeadNumbers {
  const members = sets.flatMap((set) => set.members);
  const primaries = members.filter(({ isPrimary }) => isPrimary);
  const window = (list: readonly MemberView[]): number | null =>
    least(list.map(({ metrics }) => metrics.oplogWindowHours));
  return {
    hasSecondaries: members.some(({ state }) => state === 'SECONDARY'),
    lagSeconds: greatest(members.map(({ metrics }) => metrics.lagSeconds)),
    oplogWindowHours: window(primaries) ?? window(members),
    majorityLagSeconds: greatest(primaries.map(({ metrics }) => metrics.majorityLagSeconds)),
  };
}

/** "3 d 4 h", "5 min", "< 1 min": as exact as what is told every few seconds can be. */
export function spanText(milliseconds: number): string {
  const minutes = Math.floor(Math.max(0, milliseconds) / 60_000);
  if (minutes < 1) return '< 1 min';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Why a deployment or member gives no answer, as errors are shown. */
export function asError({ code, message }: MemberProblem): AppError {
  const told = errorCodeSchema.safeParse(code);
  return { code: told.success ? told.data : 'unreachable', message };
}
