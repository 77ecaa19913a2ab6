/** Against real mail servers on this computer. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from './test-support/plain-server';
import { makeTestCertificates, type TestCertificates } from '../../test-support/test-certificates';
import { temporaryFolder } from '../../test-support/temporary-folder';
import type { SettingsOf } from '../../../shared/channels';
import { DeliveryFailure } from './delivery-failure';
import { sendMail } from './mail';
import type { ChannelMessage } from './message';
import { startMailReceiver, type MailReceiver, type MailReceiverOptions } from './test-support/mail-receiver';
import { incidentOf, tenOClock } from './test-support/notices';

const login = { user: 'lifeboat', password: 'Lanyard+7/42' };
let certificates: TestCertificates;
let server: MailReceiver | undefined;

beforeAll(() => {
  certificates = makeTestCertificates(temporaryFolder('certificates'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: Omit<MailReceiverOptions, 'keyFile'>): Promise<MailReceiver> {
  server = await startMailReceiver({ keyFile: certificates.certificateKeyFile, ...options });
  return server;
}

function settingsFor(port: number, more: Partial<SettingsOf<'email'>> = {}): SettingsOf<'email'> {
  return {
    kind: 'email',
    host: '127.0.0.1',
    port,
    security: 'none',
    username: null,
    from: 'lifeboat@example.com',
    to: ['dba@example.com', 'on-call@example.com'],
    caFile: certificates.caFile,
    ...more,
  };
}

function send(
  settings: SettingsOf<'email'>,
  more: { password?: string; kind?: ChannelMessage['kind']; timeoutMs?: number } = {},
) {
  const message: ChannelMessage = {
    id: 'd1',
    kind: more.kind ?? 'fired',
    at: tenOClock,
    incident: incidentOf('i1', { host: 'größe\r\nBcc: everyone@example.com' }),
    connectionName: 'shop-prod',
    environment: 'production',
  };
  return sendMail(message, {
    settings,
    password: more.password,
    signal: new AbortController().signal,
    timeoutMs: more.timeoutMs ?? 5000,
  });
}

async function failureOf(sending: Promise<string>): Promise<DeliveryFailure> {
  const failure: unknown = await sending.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof DeliveryFailure)) throw new Error(`No failure: ${String(failure)}`);
  return failure;
}

describe('an e-mail', () => {
  it('arrives with both texts, in the thread of its incident, under the same id in every try', async () => {
    const { port, received } = await start({ encryption: 'none' });
    expect(await send(settingsFor(port))).toMatch(/^250 .*kept by the test/);
    const [mail] = received;
    expect(mail).toMatchObject({
      from: 'lifeboat@example.com',
      to: ['dba@example.com', 'on-call@example.com'],
      encrypted: false,
      user: null,
    });
    const source = mail?.source ?? '';
    expect(source).toMatch(/^Message-ID: <d1@lifeboat\.invalid>/m);
    expect(source).toMatch(/^In-Reply-To: <incident-i1@lifeboat\.invalid>/m);
    expect(source).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(source).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(source).toMatch(/^Content-Type: text\/plain; charset=utf-8/m);
    expect(source).toMatch(/^Content-Type: text\/html; charset=utf-8/m);
    expect(source.slice(0, source.indexOf('\r\n\r\n'))).not.toMatch(/^Bcc:/m);
  });

  it.each(['tls', 'starttls'] as const)('goes encrypted and with a login over %s', async (security) => {
    const { port, received } = await start({ encryption: security, login });
    const settings = settingsFor(port, { security, username: login.user });
    await send(settings, { password: login.password });
    expect(received).toMatchObject([{ encrypted: true, user: login.user }]);
    const untrusted = await failureOf(send({ ...settings, caFile: null }, { password: login.password }));
    expect(untrusted).toMatchObject({ permanent: false, error: { code: 'tls' } });
    const wrong = await failureOf(send(settings, { password: 'not-it' }));
    expect(wrong).toMatchObject({ permanent: true, error: { code: 'authentication' } });
    expect(received).toHaveLength(1);
  });

  it('does not go in the clear where encryption is asked for', async () => {
    const { port, received } = await start({ encryption: 'none' });
    const starttls = await failureOf(send(settingsFor(port, { security: 'starttls' })));
    expect(starttls.error.code).toBe('tls');
    const tls = await failureOf(send(settingsFor(port, { security: 'tls' })));
    expect(tls.error.code).toBe('tls');
    expect(received).toEqual([]);
  });

  it('is tried again after a passing refusal, and not after one for good', async () => {
    const { port, refuse } = await start({ encryption: 'none' });
    refuse(451, 554);
    expect(await failureOf(send(settingsFor(port)))).toMatchObject({
      permanent: false,
      answer: '451 Refused by the test',
    });
    expect(await failureOf(send(settingsFor(port)))).toMatchObject({
      permanent: true,
      answer: '554 Refused by the test',
    });
  });

  it('tells whom of several it did not reach, and fails when it reached nobody', async () => {
    const { port, received } = await start({ encryption: 'none', refusedRecipient: 'on-call@example.com' });
    expect(await send(settingsFor(port))).toContain('(refused for on-call@example.com)');
    expect(received).toMatchObject([{ to: ['dba@example.com'] }]);
    const nobody = await failureOf(send(settingsFor(port, { to: ['on-call@example.com'] })));
    expect(nobody).toMatchObject({ permanent: true, error: { code: 'server-error' } });
  });

  it('gives up on silence, on nobody, and on names that are not known', async () => {
    const silent = await startTestServer(() => undefined);
    expect((await failureOf(send(settingsFor(silent.port), { timeoutMs: 200 }))).error.code).toBe('timeout');
    await silent.close();
    expect((await failureOf(send(settingsFor(silent.port)))).error.code).toBe('unreachable');
    expect((await failureOf(send(settingsFor(25, { host: 'no-such-host.invalid' })))).error.code).toBe('dns');
  });
});
