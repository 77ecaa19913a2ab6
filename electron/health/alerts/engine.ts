/** From samples to incidents: one per group of rules and subject, told once when it fires and once when it is over. Pure. */
import type { AlertNotice, AlertRule, Incident, Silence } from '../../../shared/alerts';
import { observe, type Observation, type Observed } from './conditions';
import { storyOf, upstreamOf } from './consequences';
import { rankOf } from './severity-rank';
import { advance, untroubled, type Tracker } from './tracker';

/** What is remembered between samples. */
export interface EngineState {
  trackers: ReadonlyMap<string, Tracker>;
  /** Open ones. */
  incidents: readonly Incident[];
}

export interface Evaluation {
  state: EngineState;
  /** What was over with this sample. */
  cleared: Incident[];
  notices: AlertNotice[];
}

interface Firing {
  rule: AlertRule;
  observation: Observation;
  tracker: Tracker;
}

export function isSilenced(
  silences: readonly Silence[],
  incident: Pick<Incident, 'group' | 'connectionId' | 'host'>,
  at: number,
): boolean {
  return silences.some(
    ({ group, connectionId, host, until }) =>
      until > at &&
      (group === null || group === incident.group) &&
      (connectionId === null || connectionId === incident.connectionId) &&
      (host === null || host === incident.host),
  );
}

function subjectKey(connectionId: string, { set, host }: Pick<Observation, 'set' | 'host'>): string {
  return `${connectionId}\0${set ?? ''}\0${host ?? ''}`;
}

/** A state that goes on with incidents that were open when the process before ended: they are not told again. */
export function resumeState(incidents: readonly Incident[], rules: readonly AlertRule[]): EngineState {
  const trackers = new Map<string, Tracker>();
  for (const incident of incidents) {
    const rule = rules.find(({ id }) => id === incident.ruleId);
    if (!rule) continue;
    const { since, firedAt } = incident;
    trackers.set(`${rule.id}\0${subjectKey(incident.connectionId, incident)}`, {
      ...untroubled,
      phase: 'firing',
      since,
      firedAt,
    });
  }
  return { trackers, incidents };
}

/** Evaluates one sample of one deployment. `makeId` gives an id to a new incident. */
export function evaluate(
  state: EngineState,
  rules: readonly AlertRule[],
  silences: readonly Silence[],
  observed: Observed,
  makeId: () => string,
): Evaluation {
  const { connectionId, at } = observed.sample;
  const trackers = new Map(state.trackers);
  const seenKeys = new Set<string>();
  const firing = new Map<string, Firing[]>();
  for (const rule of rules) {
    if (!rule.enabled) continue;
    for (const observation of observe(rule, observed)) {
      const subject = subjectKey(connectionId, observation);
      const key = `${rule.id}\0${subject}`;
      seenKeys.add(key);
      const tracker = advance(trackers.get(key) ?? untroubled, rule, observation, at);
      trackers.set(key, tracker);
      if (tracker.phase !== 'firing') continue;
      const incidentKey = `${rule.group}\0${subject}`;
      firing.set(incidentKey, [...(firing.get(incidentKey) ?? []), { rule, observation, tracker }]);
    }
  }
  // Of members that left and rules that were switched off nothing is remembered; a deployment that tells nothing at all keeps it.
  const toldAnything = observed.sample.sets.length + observed.sample.singles.length > 0;
  if (toldAnything)
    for (const key of trackers.keys())
      if (key.split('\0')[1] === connectionId && !seenKeys.has(key)) trackers.delete(key);

  /** `firings` null: not of this deployment, or nothing is known of it now. */
  const kept: { incident: Incident; firings: readonly Firing[] | null }[] = [];
  const keep = (incident: Incident, firings: readonly Firing[]): void =>
    void kept.push({ incident: renewed(incident, firings, silences, at), firings });
  const cleared: Incident[] = [];
  const notices: AlertNotice[] = [];
  for (const incident of state.incidents) {
    if (incident.connectionId !== connectionId) {
      kept.push({ incident, firings: null });
      continue;
    }
    const key = `${incident.group}\0${subjectKey(connectionId, incident)}`;
    const now = firing.get(key);
    firing.delete(key);
    if (now) keep(incident, now);
    else if (!toldAnything) kept.push({ incident, firings: null });
    else {
      const over = { ...incident, clearedAt: at };
      cleared.push(over);
      // Also under a silence that began later: whoever was told that it fired waits for the end.
      if (incident.toldSeverity !== null) notices.push({ kind: 'cleared', incident: over });
    }
  }
  for (const [key, firings] of firing) {
    const gravest = gravestOf(firings);
    const { observation, rule, tracker } = gravest;
    const incident: Incident = {
      id: makeId(),
      group: key.split('\0')[0] ?? rule.group,
      ruleId: rule.id,
      name: rule.name,
      severity: rule.severity,
      connectionId,
      set: observation.set,
      host: observation.host,
      since: Math.min(...firings.map((each) => each.tracker.since ?? at)),
      firedAt: tracker.firedAt ?? at,
      clearedAt: null,
      value: observation.value,
      text: observation.text,
      acknowledged: null,
      silenced: false,
      toldSeverity: null,
    };
    keep(incident, firings);
  }
  const trackersOf = (group: string, set: string | null, host: string): Tracker[] =>
    rules
      .filter((rule) => rule.group === group)
      .flatMap(({ id }) => trackers.get(`${id}\0${subjectKey(connectionId, { set, host })}`) ?? []);
  const { sets } = observed.sample;
  const incidents = kept.map(({ incident }) => incident);
  const depthOf = ({ set, host }: Incident): number => {
    const own = sets.find(({ name }) => name === set);
    return own && host !== null ? upstreamOf(own, host).length : 0;
  };
  const places = kept.flatMap(({ incident, firings }, index) => (firings ? [{ index, incident, firings }] : []));
  // What others follow from is told first: they need not be told then.
  for (const { index, incident, firings } of places.sort((a, b) => depthOf(a.incident) - depthOf(b.incident))) {
    const { followsFrom: _before, ...rest } = incident;
    const { followsFrom, quiet } = storyOf(incident, gravestOf(firings).rule, sets, incidents, trackersOf);
    const placed: Incident = followsFrom === null ? rest : { ...rest, followsFrom };
    // What catches up already is no news, where the one that it followed from is over.
    const isEnding = incident.toldSeverity === null && firings.every(({ tracker }) => tracker.wellSince !== null);
    incidents[index] = quiet || isEnding ? placed : toldOf(placed, notices);
  }
  return { state: { trackers, incidents }, cleared, notices };
}

function gravestOf(firings: readonly Firing[]): Firing {
  return firings.reduce((gravest, each) =>
    rankOf(each.rule.severity) > rankOf(gravest.rule.severity) ? each : gravest,
  );
}

/** The incident as it stands now. */
function renewed(incident: Incident, firings: readonly Firing[], silences: readonly Silence[], at: number): Incident {
  const { rule, observation } = gravestOf(firings);
  return {
    ...incident,
    ruleId: rule.id,
    name: rule.name,
    severity: rule.severity,
    value: observation.value ?? incident.value,
    text: observation.breaks === null ? incident.text : observation.text,
    silenced: isSilenced(silences, incident, at),
  };
}

/** Adds what has to be told of it. */
function toldOf(next: Incident, notices: AlertNotice[]): Incident {
  const isTold = next.toldSeverity !== null && rankOf(next.toldSeverity) >= rankOf(next.severity);
  if (next.silenced || isTold) return next;
  const told = { ...next, toldSeverity: next.severity };
  notices.push({ kind: next.toldSeverity === null ? 'fired' : 'escalated', incident: told });
  return told;
}
