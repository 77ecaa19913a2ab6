/** The door of alerts: incidents and what is done about them, silences, rules. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { AlertRule, Incident, RuleTrial, Silence } from '../../../shared/alerts';
import type { Connection } from '../../../shared/connections';
import type {
  acknowledgeSchema,
  IncidentLists,
  newSilenceSchema,
  RuleEntry,
  trialRequestSchema,
} from '../../../shared/incidents';
import { fail } from '../../../shared/result';
import { auditedIn, type AuditSink } from '../../audit/audited';
import type { Connections } from '../../connections/service';
import type { JsonStore } from '../../platform/json-file';
import { userName } from '../../platform/user-name';
import type { History } from '../history/service';
import { rulesOf, withAcknowledgement, type AlertsFile } from './alert-store';
import { checkedRule, isSameRule } from './check-rule';
import { defaultRules } from './default-rules';
import { isSilenced } from './engine';
import { rankOf } from './severity-rank';
import { tryRuleOn } from './trial';

export interface AlertsDependencies {
  store: JsonStore<AlertsFile>;
  /** Open incidents as the newest samples of this process left them. */
  live: () => Promise<Incident[]>;
  connections: Pick<Connections, 'get' | 'list'>;
  history: Pick<History, 'series' | 'events'>;
  audit: AuditSink;
  /** Told once somebody acknowledged an incident that was told of before. */
  onAcknowledged: (incident: Incident, connection: Connection) => void;
}

export interface Alerts {
  /** Silenced ones are among them, and marked. */
  incidents(): Promise<IncidentLists>;
  /** An open or past one; throws 'not-found'. */
  incident(id: string): Promise<Incident>;
  /** Throws 'not-found', and 'usage' for one that is over. */
  acknowledge(request: z.output<typeof acknowledgeSchema>): Promise<void>;
  /** Those in force, newest first. */
  silences(): Promise<Silence[]>;
  /** Throws 'usage' for one that ends in the past or in more than a year, 'not-found' for an unknown connection. */
  silence(request: z.output<typeof newSilenceSchema>): Promise<Silence>;
  /** Throws 'not-found'. */
  endSilence(id: string): Promise<void>;
  /** The defaults, then the user's own, each beside what Lifeboat began with. */
  rules(): Promise<RuleEntry[]>;
  /** Throws 'usage' saying what is wrong with it. */
  saveRule(rule: AlertRule): Promise<RuleEntry>;
  /** A default goes back to what it was; a rule of the user's own is deleted. Throws 'not-found'. */
  resetRule(id: string): Promise<void>;
  /** Throws 'unsupported' for a rule whose past is not kept, 'usage' for one that leaves the deployment out. */
  tryRule(request: z.output<typeof trialRequestSchema>): Promise<RuleTrial>;
  /** Incidents, acknowledgements, silences or rules changed, here or in another process; returns how to stop listening. */
  onChange(listener: () => void): () => void;
}

const longestSilenceMs = 366 * 86_400_000;
const everything = 'all deployments';

function originalOf(id: string): AlertRule | null {
  return defaultRules.find((rule) => rule.id === id) ?? null;
}

function gravestFirst(a: Incident, b: Incident): number {
  return rankOf(b.severity) - rankOf(a.severity) || b.firedAt - a.firedAt;
}

export function createAlerts(dependencies: AlertsDependencies): Alerts {
  const { store, connections, history } = dependencies;
  const audited = auditedIn(dependencies.audit, 'alert');

  async function nameOf(connectionId: string | null): Promise<string> {
    if (connectionId === null) return everything;
    const known = (await connections.list()).find(({ id }) => id === connectionId);
    return known?.name ?? 'a connection that was removed';
  }

  /** As the newest samples left them; the file holds what is worth writing down only. */
  async function current(file: AlertsFile): Promise<Incident[]> {
    const live = new Map((await dependencies.live()).map((incident) => [incident.id, incident]));
    const now = Date.now();
    return file.open.map((stored) => ({
      ...(live.get(stored.id) ?? stored),
      acknowledged: stored.acknowledged,
      silenced: isSilenced(file.silences, stored, now),
    }));
  }

  async function known(ids: readonly string[]): Promise<string[]> {
    const all = new Set((await connections.list()).map(({ id }) => id));
    return ids.filter((id) => all.has(id));
  }

  async function scopedRule(rule: AlertRule): Promise<AlertRule> {
    const checked = checkedRule(rule, originalOf(rule.id));
    const { connectionIds } = checked.scope;
    if (connectionIds === null) return checked;
    const left = await known(connectionIds);
    if (left.length === 0) fail('usage', 'None of the connections that the rule is limited to exists any more.');
    return { ...checked, scope: { ...checked.scope, connectionIds: left } };
  }

  return {
    async incidents() {
      const file = await store.read();
      return { open: (await current(file)).sort(gravestFirst), past: file.past };
    },
    async incident(id) {
      const file = await store.read();
      return (
        (await current(file)).find((incident) => incident.id === id) ??
        file.past.find((incident) => incident.id === id) ??
        fail('not-found', 'There is no such incident.', 'Only the newest 500 that are over are kept.')
      );
    },
    async acknowledge({ incidentId, note }) {
      const { open, past } = await store.read();
      const incident = [...open, ...past].find(({ id }) => id === incidentId);
      if (!incident) fail('not-found', 'There is no such incident.');
      const parameters = { incidentId, rule: incident.ruleId, host: incident.host, note };
      await audited('alert.acknowledge', await nameOf(incident.connectionId), parameters, async () => {
        const acknowledged = { at: Date.now(), by: userName(), note: note.trim() };
        const { open: stillOpen } = await store.update((file) => {
          if (!file.open.some(({ id }) => id === incidentId)) fail('usage', 'This incident is over already.');
          return { ...file, open: withAcknowledgement(file.open, incidentId, acknowledged) };
        });
        const updated = stillOpen.find(({ id }) => id === incidentId);
        const connection = (await connections.list()).find(({ id }) => id === incident.connectionId);
        if (updated && connection && updated.toldSeverity !== null) dependencies.onAcknowledged(updated, connection);
      });
    },
    async silences() {
      const { silences } = await store.read();
      const now = Date.now();
      return silences.filter(({ until }) => until > now).sort((a, b) => b.at - a.at);
    },
    async silence({ group, connectionId, host, until, reason }) {
      const now = Date.now();
      if (until <= now) fail('usage', 'A silence ends in the future.');
      if (until > now + longestSilenceMs) fail('usage', 'A silence lasts a year at most.');
      if (reason.trim() === '') fail('usage', 'A silence has a reason.');
      const connection = connectionId === null ? null : await connections.get(connectionId);
      const silence: Silence = {
        id: randomBytes(8).toString('hex'),
        group,
        connectionId: connection?.id ?? null,
        host,
        until,
        reason: reason.trim(),
        by: userName(),
        at: now,
      };
      const parameters = { group, host, until: new Date(until).toISOString(), reason: silence.reason };
      return audited('alert.silence', connection?.name ?? everything, parameters, async () => {
        await store.update((file) => ({ ...file, silences: [...file.silences, silence] }));
        return silence;
      });
    },
    async endSilence(id) {
      const silence = (await store.read()).silences.find((each) => each.id === id && each.until > Date.now());
      if (!silence) fail('not-found', 'There is no such silence any more.');
      const { group, host, reason, by } = silence;
      await audited('alert.end-silence', await nameOf(silence.connectionId), { group, host, reason, by }, async () => {
        await store.update((file) => ({ ...file, silences: file.silences.filter((each) => each.id !== id) }));
      });
    },
    async rules() {
      return rulesOf(await store.read()).map((rule) => ({ rule, original: originalOf(rule.id) }));
    },
    saveRule: (given) =>
      audited('alert-rule.save', given.name, { rule: given }, async () => {
        const rule = await scopedRule(given);
        const original = originalOf(rule.id);
        await store.update((file) => {
          const others = file.rules.filter(({ id }) => id !== rule.id);
          return { ...file, rules: original && isSameRule(rule, original) ? others : [...others, rule] };
        });
        return { rule, original };
      }),
    async resetRule(id) {
      const rule = rulesOf(await store.read()).find((each) => each.id === id);
      if (!rule) fail('not-found', 'There is no such rule.');
      const operation = originalOf(id) ? 'alert-rule.reset' : 'alert-rule.delete';
      await audited(operation, rule.name, { rule }, async () => {
        await store.update((file) => ({ ...file, rules: file.rules.filter((each) => each.id !== id) }));
      });
    },
    async tryRule({ rule, connectionId, from, to }) {
      if (to <= from) fail('usage', 'The end comes after the beginning.');
      const checked = checkedRule(rule, originalOf(rule.id));
      const connection = await connections.get(connectionId);
      requireInScope(checked, connection);
      return tryRuleOn(history, checked, connection.id, from, to);
    },
    onChange: (listener) => store.onChange(() => listener()),
  };
}

function requireInScope({ name, scope }: AlertRule, connection: Connection): void {
  const isIn =
    (!scope.connectionIds || scope.connectionIds.includes(connection.id)) &&
    (!scope.environments || scope.environments.includes(connection.environment));
  if (!isIn) fail('usage', `"${name}" does not look at ${connection.name}.`, 'See the scope of the rule.');
}
