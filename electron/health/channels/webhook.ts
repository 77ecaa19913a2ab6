/** The generic webhook: one JSON document a message, signed where a secret is set (docs/channels.md). */
import { createHmac } from 'node:crypto';
import type { ChannelMessage } from './message';
import { headline, sentence, toldSeverityOf } from './message';

const iso = (at: number): string => new Date(at).toISOString();

/** The body; field names are part of the contract with receivers. */
export function webhookBody(message: ChannelMessage, lifeboatVersion: string): string {
  const { incident, kind } = message;
  return JSON.stringify({
    version: 1,
    id: message.id,
    event: kind === 'test' ? 'test' : `alert.${kind}`,
    test: kind === 'test',
    queuedAt: iso(message.at),
    title: headline(message),
    text: sentence(message),
    incident: {
      id: incident.id,
      rule: incident.ruleId,
      group: incident.group,
      name: incident.name,
      severity: incident.severity,
      gravestSeverity: toldSeverityOf(incident),
      connection: { id: incident.connectionId, name: message.connectionName, environment: message.environment },
      set: incident.set,
      member: incident.host,
      since: iso(incident.since),
      firedAt: iso(incident.firedAt),
      clearedAt: incident.clearedAt === null ? null : iso(incident.clearedAt),
      value: incident.value,
      acknowledged: incident.acknowledged && {
        at: iso(incident.acknowledged.at),
        by: incident.acknowledged.by,
        note: incident.acknowledged.note,
      },
      text: incident.text,
    },
    lifeboat: { version: lifeboatVersion },
  });
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 over `<seconds>.<body>`, so that neither can be changed and a copy grows old. */
export function signatureOf(body: string, secret: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`, 'utf8').digest('hex')}`;
}

export function webhookHeaders(
  message: ChannelMessage,
  body: string,
  secret: string | undefined,
  now: number,
): Record<string, string> {
  return {
    'lifeboat-event': message.kind === 'test' ? 'test' : `alert.${message.kind}`,
    'lifeboat-delivery': message.id,
    ...(secret === undefined ? {} : { 'lifeboat-signature': signatureOf(body, secret, now) }),
  };
}
