/** Channels in words. */
import type { Channel, ChannelKind, ChannelSecretName, DeliveryKind } from '../../../../shared/channels';
import { formatQuantity } from '../../../../shared/format';
import { severityWords } from '../../../components/severity-mark';

export const kindWords: Readonly<Record<ChannelKind, string>> = {
  desktop: 'Desktop notification',
  webhook: 'Webhook (JSON)',
  slack: 'Slack-compatible webhook',
  pagerduty: 'PagerDuty',
  email: 'E-mail',
};

export const kindSentences: Readonly<Record<ChannelKind, string>> = {
  desktop: 'A notification of the operating system while Lifeboat runs, also when its window is hidden.',
  webhook: 'One JSON document for each message, signed when a secret is set.',
  slack: 'An incoming webhook of Slack, Mattermost, Rocket.Chat, or of Discord with /slack at its end.',
  pagerduty:
    'An incident in PagerDuty (Events API v2), acknowledged there when it is here, and resolved when the alert is over.',
  email: 'Plain text and HTML through your mail server (SMTP).',
};

export const deliveryWords: Readonly<Record<DeliveryKind, string>> = {
  fired: 'Fired',
  escalated: 'Became graver',
  acknowledged: 'Acknowledged',
  cleared: 'Over',
  passed: 'Fired and over',
};

/** Secrets of a kind, those it needs first. */
export const secretsOfKind: Readonly<Record<ChannelKind, readonly ChannelSecretName[]>> = {
  desktop: [],
  webhook: ['url', 'signingSecret'],
  slack: ['url'],
  pagerduty: ['routingKey'],
  email: ['password'],
};

/** "High and graver". */
export function severityRoute({ leastSeverity }: Pick<Channel, 'leastSeverity'>): string {
  if (leastSeverity === 'critical') return 'Critical only';
  return leastSeverity === 'info' ? 'Every severity' : `${severityWords[leastSeverity]} and graver`;
}

/** "2 connections · production · and when it is over". */
export function scopeRoute({
  connectionIds,
  environments,
  sendRecovery,
}: Pick<Channel, 'connectionIds' | 'environments' | 'sendRecovery'>): string {
  const parts = [
    ...(connectionIds ? [formatQuantity(connectionIds.length, 'connection')] : []),
    ...(environments ? [environments.join(', ')] : []),
    sendRecovery ? 'and when it is over' : 'not when it is over',
  ];
  return parts.join(' · ');
}
