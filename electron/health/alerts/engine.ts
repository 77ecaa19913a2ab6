/** From samples to incidents: one per group of rules and subject, told once when it fires and once when it is over. Pure. */
import {
  severities,
  type AlertNotice,
  type AlertRule,
  type Incident,
  type Severity,
  type Silence,
} from '../../../shared/alerts';
import { observe, type Observation, type Observed } from './conditions';
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

export function rankOf(severity: Severity): number {
  return severities.indexOf(severity);
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

  const kept: Incident[] = [];
  const cleared: Incident[] = [];
  const notices: AlertNotice[] = [];
  for (const incident of state.incidents) {
    if (incident.connectionId !== connectionId) {
      kept.push(incident);
      continue;
    }
    const key = `${incident.group}\0${subjectKey(connectionId, incident)}`;
    const now = firing.get(key);
    firing.delete(key);
    if (now) kept.push(renewed(incident, now, silences, at, notices));
    else if (!toldAnything) kept.push(incident);
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
    kept.push(renewed(incident, firings, silences, at, notices));
  }
  return { state: { trackers, incidents: kept }, cleared, notices };
}

function gravestOf(firings: readonly Firing[]): Firing {
  return firings.reduce((gravest, each) =>
    rankOf(each.rule.severity) > rankOf(gravest.rule.severity) ? each : gravest,
  );
}

/** The incident as it stands now; adds what has to be told of it. */
function renewed(
  incident: Incident,
  firings: readonly Firing[],
  silences: readonly Silence[],
  at: number,
  notices: AlertNotice[],
): Incident {
  const { rule, observation } = gravestOf(firings);
  const silenced = isSilenced(silences, incident, at);
  const next: Incident = {
    ...incident,
    ruleId: rule.id,
    name: rule.name,
    severity: rule.severity,
    value: observation.value ?? incident.value,
    text: observation.breaks === null ? incident.text : observation.text,
    silenced,
  };
  const isTold = next.toldSeverity !== null && rankOf(next.toldSeverity) >= rankOf(next.severity);
  if (silenced || isTold) return next;
  const told = { ...next, toldSeverity: next.severity };
  notices.push({ kind: next.toldSeverity === null ? 'fired' : 'escalated', incident: told });
  return told;
}
