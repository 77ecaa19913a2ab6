/** PagerDuty's Events API v2: one incident there for one here, by its id. */
import type { Severity } from '../../../shared/alerts';
import { factsOf, headline, isOver, sentence, type ChannelMessage } from './message';

/** PagerDuty has four words of its own. */
const severityWords: Readonly<Record<Severity, 'critical' | 'error' | 'warning' | 'info'>> = {
  critical: 'critical',
  high: 'error',
  warning: 'warning',
  info: 'info',
};

/** Limits of the API. */
const longestSummary = 1024;
const longestKey = 255;

export function deduplicationKey({ incident }: Pick<ChannelMessage, 'incident'>): string {
  return incident.id.slice(0, longestKey);
}

export type PagerDutyAction = 'trigger' | 'acknowledge' | 'resolve';

/** `trigger` opens it there or changes what is open, `acknowledge` keeps others from being paged, `resolve` ends it. */
export function pagerDutyBody(message: ChannelMessage, routingKey: string, action: PagerDutyAction): string {
  const { incident, connectionName } = message;
  const key = { routing_key: routingKey, event_action: action, dedup_key: deduplicationKey(message) };
  if (action !== 'trigger') return JSON.stringify(key);
  return JSON.stringify({
    ...key,
    client: 'Lifeboat',
    payload: {
      summary: headline(message).slice(0, longestSummary),
      source: incident.host ?? incident.set ?? connectionName,
      severity: message.kind === 'test' ? 'info' : severityWords[incident.severity],
      timestamp: new Date(incident.since).toISOString(),
      component: incident.set ?? connectionName,
      group: connectionName,
      class: incident.ruleId,
      custom_details: {
        description: sentence(message),
        ...Object.fromEntries(factsOf(message).map(([term, value]) => [term.toLowerCase().replace(/ /g, '_'), value])),
        ...(incident.value === null ? {} : { value: incident.value }),
      },
    },
  });
}

export function pagerDutyAction(message: ChannelMessage): PagerDutyAction {
  if (message.kind === 'acknowledged') return 'acknowledge';
  return isOver(message) ? 'resolve' : 'trigger';
}
