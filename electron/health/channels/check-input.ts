/** Whether a channel can work as it is meant, and where it leads, told without secrets. */
import type { ChannelSecretName, ChannelSettings } from '../../../shared/channels';
import { fail } from '../../../shared/result';
import type { ChannelSecrets } from './channel-secrets';

/** Those a kind cannot do without, then those it may have. */
const secretsOf: Readonly<
  Record<ChannelSettings['kind'], { needed: readonly ChannelSecretName[]; optional: readonly ChannelSecretName[] }>
> = {
  desktop: { needed: [], optional: [] },
  webhook: { needed: ['url'], optional: ['signingSecret'] },
  slack: { needed: ['url'], optional: [] },
  pagerduty: { needed: ['routingKey'], optional: [] },
  email: { needed: [], optional: ['password'] },
};

const secretWords: Readonly<Record<ChannelSecretName, string>> = {
  url: 'address (URL)',
  signingSecret: 'signing secret',
  routingKey: 'routing key',
  password: 'password',
};

/** Throws 'usage' saying nothing of what was typed: it is a secret. */
export function parseWebhookUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return fail('usage', 'The address of the webhook is not a URL.', 'Enter it from https:// on.');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    fail('usage', 'The address of the webhook begins with neither https:// nor http://.', 'Enter it from https:// on.');
  return url;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The secrets that belong to the kind. Throws 'usage' saying which one is missing or wrong. */
export function checkSecrets(settings: ChannelSettings, given: ChannelSecrets): ChannelSecrets {
  const { needed, optional } = secretsOf[settings.kind];
  const secrets: ChannelSecrets = {};
  for (const name of [...needed, ...optional]) {
    const value = name === 'password' ? given[name] : given[name]?.trim();
    if (value) secrets[name] = value;
  }
  for (const name of needed) if (!secrets[name]) fail('usage', `The ${secretWords[name]} is missing.`, 'Enter it.');
  if (secrets.url !== undefined) parseWebhookUrl(secrets.url);
  if (secrets.routingKey !== undefined && !/^[A-Za-z0-9]{10,64}$/.test(secrets.routingKey))
    fail(
      'usage',
      'This is no routing key: it is made of 32 letters and digits.',
      'Copy the integration key of an "Events API v2" integration of your service in PagerDuty.',
    );
  if (settings.kind === 'email') {
    if (settings.username === null) delete secrets.password;
    else if (!secrets.password)
      fail('usage', 'The password is missing.', 'Enter it, or leave the user name empty for no authentication.');
    else if (settings.security === 'none' && !isLoopback(settings.host))
      fail(
        'usage',
        'A password is not sent over a connection without encryption.',
        'Choose STARTTLS or TLS, or leave the user name empty.',
      );
  }
  return secrets;
}

/** Scheme, host and port; what follows may be a token. */
export function maskUrl(text: string): string {
  const { protocol, host } = parseWebhookUrl(text);
  return `${protocol}//${host}/…`;
}

/** Where it leads, to be shown; `former` where the secrets are not looked at. */
export function destinationOf(settings: ChannelSettings, secrets: ChannelSecrets | null, former: string): string {
  switch (settings.kind) {
    case 'desktop':
      return 'this computer';
    case 'webhook':
    case 'slack':
      return secrets?.url === undefined ? former : maskUrl(secrets.url);
    case 'pagerduty':
      return new URL(settings.endpoint).host;
    case 'email': {
      const [first = '', ...others] = settings.to;
      const more = others.length > 0 ? ` and ${others.length} more` : '';
      return `${first}${more} through ${settings.host}:${settings.port}`;
    }
  }
}
