/** Against real servers on this computer. */
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTestCertificates, type TestCertificates } from '../../test-support/test-certificates';
import { temporaryFolder } from '../../test-support/temporary-folder';
import { DeliveryFailure } from './delivery-failure';
import { postJson, retryAfterMs } from './post-json';
import { startHttpReceiver, type HttpReceiver } from './test-support/http-receiver';
import { startTestServer } from './test-support/plain-server';

const token = '/services/T000/B000/secret-token';
let receiver: HttpReceiver;
let certificates: TestCertificates;

beforeAll(() => {
  certificates = makeTestCertificates(temporaryFolder('certificates'));
});
beforeEach(async () => {
  receiver = await startHttpReceiver();
});
afterEach(() => receiver.close());

function post(url: string, more: { caFile?: string; timeoutMs?: number } = {}): Promise<string> {
  return postJson({
    url: new URL(url),
    body: '{"text":"grün"}',
    headers: { 'user-agent': 'Lifeboat/0.1.0' },
    caFile: more.caFile ?? null,
    signal: new AbortController().signal,
    timeoutMs: more.timeoutMs ?? 5000,
  });
}

async function failureOf(posting: Promise<string>): Promise<DeliveryFailure> {
  const failure: unknown = await posting.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof DeliveryFailure)) throw new Error(`No failure: ${String(failure)}`);
  expect(JSON.stringify(failure.error)).not.toContain('secret-token');
  return failure;
}

describe('a message over HTTP', () => {
  it('arrives as it is, with user name and password of the address as such', async () => {
    receiver.next({ status: 202 });
    const url = new URL(`${receiver.url}${token}?thread=1`);
    url.username = 'bell';
    url.password = 'p@ss';
    expect(await post(url.href)).toBe('202 Accepted');
    expect(receiver.received).toMatchObject([
      {
        path: `${token}?thread=1`,
        body: '{"text":"grün"}',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': '16',
          'user-agent': 'Lifeboat/0.1.0',
          authorization: `Basic ${Buffer.from('bell:p@ss').toString('base64')}`,
        },
      },
    ]);
  });

  it.each([
    [400, true],
    [401, true],
    [404, true],
    [410, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ])('that is answered with %i is refused for good: %s', async (status, permanent) => {
    receiver.next({ status, body: 'no_service' });
    const failure = await failureOf(post(`${receiver.url}${token}`));
    expect(failure.permanent).toBe(permanent);
    expect(failure.answer).toMatch(new RegExp(`^${status} `));
    expect(failure.error).toMatchObject({ details: 'no_service' });
    expect(failure.error.message).toContain(`127.0.0.1:${receiver.port} answered ${status}`);
  });

  it('is not carried on where a redirect leads', async () => {
    const elsewhere = await startHttpReceiver();
    receiver.next({ status: 307, headers: { location: `${elsewhere.url}/taken` } });
    const failure = await failureOf(post(`${receiver.url}${token}`));
    expect(failure.permanent).toBe(true);
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('knows how long the service wants to be left alone', async () => {
    receiver.next({ status: 429, headers: { 'retry-after': '17' } });
    expect((await failureOf(post(receiver.url))).retryAfterMs).toBe(17_000);
    const now = Date.UTC(2026, 10, 20, 10);
    expect(retryAfterMs('Fri, 20 Nov 2026 10:02:00 GMT', now)).toBe(120_000);
    expect(retryAfterMs('Fri, 20 Nov 2026 09:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('999999', now)).toBe(3_600_000);
    expect(retryAfterMs('soon', now)).toBeNull();
    expect(retryAfterMs(undefined, now)).toBeNull();
  });

  it('gives up on silence, and reads no endless answer', async () => {
    receiver.next({ status: 200, silent: true });
    expect((await failureOf(post(receiver.url, { timeoutMs: 100 }))).error.code).toBe('timeout');
    receiver.next({ status: 200, body: 'x'.repeat(10_000_000) });
    expect(await post(receiver.url)).toBe('200 OK');
    receiver.next({ status: 500, body: 'x'.repeat(10_000_000) });
    expect((await failureOf(post(receiver.url))).error.details?.length).toBeLessThanOrEqual(4096);
  });

  it('tells apart who refuses, who is not known, and who breaks off', async () => {
    await receiver.close();
    expect((await failureOf(post(receiver.url))).error.code).toBe('unreachable');
    expect((await failureOf(post('http://no-such-host.invalid/'))).error.code).toBe('dns');
    const rude = await startTestServer((socket) => socket.destroy());
    expect((await failureOf(post(`http://127.0.0.1:${rude.port}${token}`))).error.code).toBe('unreachable');
    await rude.close();
    receiver = await startHttpReceiver();
  });
});

describe('a message over HTTPS', () => {
  it('trusts an authority of the user beside the known ones, and nobody else', async () => {
    const secure = await startHttpReceiver({ keyFile: certificates.certificateKeyFile });
    expect(await post(secure.url, { caFile: certificates.caFile })).toBe('200 OK');
    const untrusted = await failureOf(post(`${secure.url}${token}`));
    expect(untrusted.error.code).toBe('tls');
    expect((await failureOf(post(secure.url, { caFile: certificates.otherCaFile }))).error.code).toBe('tls');
    await expect(post(secure.url, { caFile: '/no/such/file' })).rejects.toThrow(/cannot be read/);
    expect(secure.received).toHaveLength(1);
    await secure.close();
    const plain = await failureOf(post(receiver.url.replace('http:', 'https:')));
    expect(plain.error.code).toBe('tls');
  });
});
