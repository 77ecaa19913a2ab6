/** What a channel is to tell, and its words. Pure. */
import type { Incident, Severity } from '../../../shared/alerts';
import type { Channel, DeliveryKind } from '../../../shared/channels';
import type { Environment } from '../../../shared/connections';
import { stripControlCharacters } from '../../../shared/format';

export interface ChannelMessage {
  /** The same in every try, so that a receiver can tell a repeated message. */
  id: string;
  kind: DeliveryKind | 'test';
  /** Milliseconds since 1970. */
  at: number;
  incident: Incident;
  connectionName: string;
  environment: Environment | null;
}

/** Marked as a test wherever it is shown; of no connection. */
export function testMessage(channel: Pick<Channel, 'name' | 'leastSeverity'>, id: string, at: number): ChannelMessage {
  return {
    id,
    kind: 'test',
    at,
    incident: {
      id: `test-${id}`,
      group: 'test',
      ruleId: 'test',
      name: `Test of the channel ${channel.name}`,
      severity: channel.leastSeverity,
      connectionId: 'test',
      set: null,
      host: null,
      since: at,
      firedAt: at,
      clearedAt: null,
      value: null,
      text: 'Lifeboat can reach you here. Nothing is wrong.',
      acknowledged: null,
      silenced: false,
      toldSeverity: null,
    },
    connectionName: 'no deployment',
    environment: null,
  };
}

/** The gravest it was told as, which is what its end is routed by, too. */
export function toldSeverityOf({ severity, toldSeverity }: Incident): Severity {
  return toldSeverity ?? severity;
}

export function isOver({ kind }: Pick<ChannelMessage, 'kind'>): boolean {
  return kind === 'cleared' || kind === 'passed';
}

function subjectOf({ incident, connectionName }: ChannelMessage): string {
  const member = incident.host ?? incident.set;
  return member === null ? connectionName : `${member} (${connectionName})`;
}

function markOf({ kind, incident }: ChannelMessage): string {
  switch (kind) {
    case 'fired':
    case 'escalated':
      return incident.severity.toUpperCase();
    case 'acknowledged':
      return 'ACKNOWLEDGED';
    case 'cleared':
    case 'passed':
      return 'OVER';
    case 'test':
      return 'TEST';
  }
}

/** What servers say must be neither commands of a terminal nor lines of a mail's head. */
function oneLine(text: string): string {
  return stripControlCharacters(text.replace(/\s+/g, ' '));
}

/** One line: `[CRITICAL] A member does not answer: db2:27017 (shop-prod)`. */
export function headline(message: ChannelMessage): string {
  const subject = message.kind === 'test' ? '' : `: ${subjectOf(message)}`;
  return oneLine(`[${markOf(message)}] ${message.incident.name}${subject}`);
}

const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** What happened, one sentence or two. */
export function sentence({ kind, incident }: ChannelMessage): string {
  const text = oneLine(incident.text);
  switch (kind) {
    case 'fired':
    case 'test':
      return text;
    case 'escalated':
      return `Now ${incident.severity}. ${text}`;
    case 'acknowledged': {
      const { by, note } = incident.acknowledged ?? { by: 'somebody', note: '' };
      return oneLine(`Acknowledged by ${by}${note === '' ? '' : `: ${note}`}. ${text}`);
    }
    case 'cleared':
      return `Over since ${utc(incident.clearedAt ?? incident.firedAt)}. It was: ${text}`;
    case 'passed':
      return `It fired at ${utc(incident.firedAt)} and was over at ${utc(incident.clearedAt ?? incident.firedAt)}; it could not be told earlier. It was: ${text}`;
  }
}

/** Terms and values, for those who tell more than two lines. */
export function factsOf(message: ChannelMessage): [term: string, value: string][] {
  const { incident, connectionName, environment, kind } = message;
  if (kind === 'test') return [['Sent', utc(message.at)]];
  const facts: [string, string | null][] = [
    ['Severity', isOver(message) ? `${toldSeverityOf(incident)}, over` : incident.severity],
    ['Connection', environment === null ? connectionName : `${connectionName} (${environment})`],
    ['Replica set', incident.set],
    ['Member', incident.host],
    ['Since', utc(incident.since)],
    ['Over', incident.clearedAt === null ? null : utc(incident.clearedAt)],
  ];
  return facts
    .filter((fact): fact is [string, string] => fact[1] !== null)
    .map(([term, value]) => [term, oneLine(value)]);
}
