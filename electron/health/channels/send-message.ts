/** One message through one channel: builds what the service takes and sends it. */
import type { Channel } from '../../../shared/channels';
import { AppFailure, fail } from '../../../shared/result';
import { redactText } from '../../platform/redact';
import type { ChannelSecrets } from './channel-secrets';
import { parseWebhookUrl } from './check-input';
import { DeliveryFailure } from './delivery-failure';
import type { DesktopNotifier } from './desktop';
import { sendMail } from './mail';
import { headline, sentence, type ChannelMessage } from './message';
import { pagerDutyAction, pagerDutyBody } from './pagerduty';
import { postJson } from './post-json';
import { slackBody } from './slack';
import { webhookBody, webhookHeaders } from './webhook';

export interface SendOptions {
  desktop: DesktopNotifier | null;
  /** Lifeboat's own. */
  version: string;
  signal: AbortSignal;
  /** Milliseconds for one request or mail. */
  timeoutMs: number;
}

type Target = Pick<Channel, 'name' | 'settings'>;

async function send(
  message: ChannelMessage,
  { name, settings }: Target,
  secrets: ChannelSecrets,
  options: SendOptions,
): Promise<string> {
  const { desktop, version, signal, timeoutMs } = options;
  const post = (address: string, body: string, caFile: string | null, headers: Record<string, string> = {}) =>
    postJson({
      url: parseWebhookUrl(address),
      body,
      headers: { 'user-agent': `Lifeboat/${version}`, ...headers },
      caFile,
      signal,
      timeoutMs,
    });
  const missing = (): never =>
    fail('secret-unavailable', `The secrets of ${name} are incomplete.`, 'Edit the channel and enter them.');
  switch (settings.kind) {
    case 'desktop':
      if (!desktop) return fail('unsupported', 'Only the window shows notifications on the desktop.');
      return desktop.show({
        title: headline(message),
        body: sentence(message),
        incidentId: message.kind === 'test' ? null : message.incident.id,
      });
    case 'webhook': {
      const body = webhookBody(message, version);
      const headers = webhookHeaders(message, body, secrets.signingSecret, Date.now());
      return post(secrets.url ?? missing(), body, settings.caFile, headers);
    }
    case 'slack':
      return post(secrets.url ?? missing(), slackBody(message), settings.caFile);
    case 'pagerduty': {
      const key = secrets.routingKey ?? missing();
      const body = pagerDutyBody(message, key, pagerDutyAction(message));
      const answer = await post(settings.endpoint, body, settings.caFile);
      if (message.kind !== 'test') return answer;
      // A test must not stay open on somebody's pager.
      const resolved = await post(settings.endpoint, pagerDutyBody(message, key, 'resolve'), settings.caFile);
      return `${answer}, resolved with ${resolved}`;
    }
    case 'email':
      return sendMail(message, { settings, password: secrets.password, signal, timeoutMs });
  }
}

/** A service may repeat what it was sent: no secret leaves here in words. */
function withoutSecrets(failure: AppFailure, secrets: ChannelSecrets): DeliveryFailure {
  const values = Object.values(secrets).filter((secret): secret is string => Boolean(secret));
  if (secrets.url !== undefined) {
    const { pathname, search, username, password } = parseWebhookUrl(secrets.url);
    values.push(...[pathname, search, username, password].filter((part) => part.length > 3));
  }
  const clean = (text: string): string => redactText(text, values);
  const { code, message, hint, details } = failure.error;
  const error = {
    code,
    message: clean(message),
    ...(hint === undefined ? {} : { hint: clean(hint) }),
    ...(details === undefined ? {} : { details: clean(details) }),
  };
  if (failure instanceof DeliveryFailure) {
    const answer = failure.answer === null ? null : clean(failure.answer);
    return new DeliveryFailure(error, { permanent: failure.permanent, retryAfterMs: failure.retryAfterMs, answer });
  }
  // Wrong settings and what is not supported here stay so.
  return new DeliveryFailure(error, { permanent: error.code !== 'secret-unavailable' });
}

/** Returns what was answered. Throws {@link DeliveryFailure}, without secrets in any of its texts. */
export async function sendMessage(
  message: ChannelMessage,
  channel: Target,
  secrets: ChannelSecrets,
  options: SendOptions,
): Promise<string> {
  try {
    return await send(message, channel, secrets, options);
  } catch (error) {
    if (error instanceof AppFailure) throw withoutSecrets(error, secrets);
    const details = error instanceof Error ? error.message : String(error);
    throw withoutSecrets(
      new DeliveryFailure({ code: 'internal', message: `The message to ${channel.name} could not be made.`, details }),
      secrets,
    );
  }
}
