/** Members that lag because what they replicate from lags: with chained replication that is one story, told once. Pure. */
import type { AlertRule, Incident } from '../../../shared/alerts';
import type { SetSample } from '../../../shared/health';
import { rankOf } from './severity-rank';
import type { Tracker } from './tracker';

/** Whom a member gets its writes from, the nearest first, the primary left out. */
export function upstreamOf({ members, primary }: Pick<SetSample, 'members' | 'primary'>, host: string): string[] {
  const found: string[] = [];
  const sourceOf = (of: string): string | null => members.find((member) => member.host === of)?.syncSource ?? null;
  for (let next = sourceOf(host); next !== null && next !== primary; next = sourceOf(next)) {
    // Two that name each other are seen while sources change.
    if (next === host || found.includes(next)) break;
    found.push(next);
  }
  return found;
}

const isAboutLag = ({ condition }: AlertRule): boolean =>
  condition.kind === 'metric' && condition.metric === 'lagSeconds';

/** Between the beginnings of two alerts of one story. */
const togetherMs = 10_000;

export interface Story {
  /** Id of the incident it follows from; null: of its own. */
  followsFrom: string | null;
  /** Whoever was told of that one need not be told of this one; nor while that one is about to fire. */
  quiet: boolean;
}

/** `open`: of this deployment, as they stand now. `trackersOf`: of every rule of a group about one member. */
export function storyOf(
  incident: Incident,
  rule: AlertRule,
  sets: readonly SetSample[],
  open: readonly Incident[],
  trackersOf: (group: string, set: string | null, host: string) => readonly Tracker[],
): Story {
  const { host, set: name, group } = incident;
  const set = sets.find((each) => each.name === name);
  if (host === null || !set || !isAboutLag(rule)) return { followsFrom: null, quiet: false };
  const upstream = upstreamOf(set, host);
  const incidentOf = (source: string): Incident | undefined =>
    open.find((each) => each.group === group && each.set === name && each.host === source);
  // It catches up after the other one, perhaps from somebody else: as long as that one is open it is the same story.
  const former = open.find(({ id }) => id === incident.followsFrom && id !== incident.id);
  const root = [...upstream].reverse().flatMap((source) => incidentOf(source) ?? [])[0] ?? former;
  if (root) {
    const isTold = root.toldSeverity !== null && rankOf(root.toldSeverity) >= rankOf(incident.severity);
    return { followsFrom: root.id, quiet: isTold };
  }
  const isAboutToFire = upstream
    .flatMap((source) => trackersOf(group, name, source))
    .some(({ phase, since }) => phase === 'pending' && since !== null && since - incident.since <= togetherMs);
  return { followsFrom: null, quiet: isAboutToFire && incident.toldSeverity === null };
}
