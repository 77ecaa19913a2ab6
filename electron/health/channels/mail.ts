/** E-mail through a mail server of the user's (SMTP). */
import { createTransport } from 'nodemailer';
import type { SettingsOf } from '../../../shared/channels';
import type { AppError } from '../../../shared/result';
import { DeliveryFailure, describeNetworkError } from './delivery-failure';
import { mailContent } from './mail-message';
import type { ChannelMessage } from './message';
import { trustedAuthorities } from './post-json';

export interface MailOptions {
  settings: SettingsOf<'email'>;
  /** Undefined: without authentication. */
  password: string | undefined;
  signal: AbortSignal;
  /** Milliseconds for all of it. */
  timeoutMs: number;
}

/** The part behind the @ names where ids are unique; it need not exist. */
const idDomain = 'lifeboat.invalid';

function describeMailError(error: unknown, settings: SettingsOf<'email'>): DeliveryFailure {
  const host = `${settings.host}:${settings.port}`;
  const codeOf = (name: string): unknown => (error instanceof Error ? Reflect.get(error, name) : undefined);
  const reply = codeOf('responseCode');
  const replyText = codeOf('response');
  const answer = typeof replyText === 'string' ? replyText.slice(0, 500) : null;
  const details = error instanceof Error ? error.message : String(error);
  // What begins with 5 the server will say again; 4 asks to come back later.
  const permanent = typeof reply === 'number' && reply >= 500;
  const failure = (described: Omit<AppError, 'details'>, more = { permanent, answer }): DeliveryFailure =>
    new DeliveryFailure({ ...described, details }, more);
  switch (codeOf('code')) {
    case 'EAUTH':
      return failure({
        code: 'authentication',
        message: `${host} does not accept user name and password.`,
        hint: 'Enter them again; some providers want a password made for applications.',
      });
    case 'EENVELOPE':
      return failure({
        code: 'server-error',
        message: `${host} refuses the sender or every recipient.`,
        hint: 'Check the addresses, and whether the server relays for this computer and user.',
      });
    case 'EMESSAGE':
      return failure({
        code: 'server-error',
        message: `${host} refuses the message.`,
        hint: 'The server says why in the details.',
      });
  }
  if (settings.security === 'starttls' && /STARTTLS/i.test(details))
    return failure({
      code: 'tls',
      message: `${host} does not offer STARTTLS.`,
      hint: 'Choose TLS with port 465, or ask who runs the server.',
    });
  if (/greeting never received|wrong version number/i.test(details))
    return failure({
      code: settings.security === 'tls' ? 'tls' : 'timeout',
      message: `${host} does not speak as a mail server with this encryption does.`,
      hint: 'TLS is usually on port 465, STARTTLS on 587.',
    });
  if (typeof reply === 'number')
    return failure({
      code: 'server-error',
      message: `${host} refuses the message.`,
      hint: 'It says why in the details.',
    });
  return new DeliveryFailure(describeNetworkError(error, host), { answer });
}

/** Returns the server's answer: `250 OK`. Throws {@link DeliveryFailure}, or 'usage' for an unreadable file of authorities. */
export async function sendMail(message: ChannelMessage, options: MailOptions): Promise<string> {
  const { settings, password, signal, timeoutMs } = options;
  const ca = await trustedAuthorities(settings.caFile);
  const transport = createTransport({
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    ...(settings.username === null || password === undefined
      ? {}
      : { auth: { user: settings.username, pass: password } }),
    tls: { minVersion: 'TLSv1.2', ...(ca ? { ca } : {}) },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // One mail of an incident answers the other, so that they stand together in the mailbox.
  const thread = `<incident-${message.incident.id}@${idDomain}>`;
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(
      () => reject(Object.assign(new Error(`Nothing after ${timeoutMs} ms`), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    const abort = (): void => reject(new Error('Stopped.'));
    signal.addEventListener('abort', abort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    const sending = transport.sendMail({
      from: { name: 'Lifeboat', address: settings.from },
      to: settings.to,
      ...mailContent(message),
      messageId: `<${message.id}@${idDomain}>`,
      inReplyTo: thread,
      references: [thread],
      date: new Date(),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    });
    const { response, rejected } = await Promise.race([sending, stopped]);
    const refused = rejected.map((each) => (typeof each === 'string' ? each : each.address));
    return refused.length === 0 ? response : `${response} (refused for ${refused.join(', ')})`;
  } catch (error) {
    throw describeMailError(error, settings);
  } finally {
    stop();
    transport.close();
  }
}
