/** One HTTP request to a service that takes notices. Redirects are not followed: a notice goes where the user sent it. */
import { readFile } from 'node:fs/promises';
import { request as httpRequest, STATUS_CODES, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { fail } from '../../../shared/result';
import { DeliveryFailure, describeNetworkError } from './delivery-failure';

export interface PostOptions {
  url: URL;
  body: string;
  headers: Readonly<Record<string, string>>;
  /** Trusted beside the known authorities; null: none. */
  caFile: string | null;
  signal: AbortSignal;
  /** Milliseconds for all of it. */
  timeoutMs: number;
}

const mostAnswerBytes = 4096;
const longestWaitMs = 3_600_000;

/** Known authorities and those of the file. Throws 'usage' when it cannot be read. */
export async function trustedAuthorities(caFile: string | null): Promise<string[] | undefined> {
  if (caFile === null) return undefined;
  const own = await readFile(caFile, 'utf8').catch(() =>
    fail('usage', `The file of authorities ${caFile} cannot be read.`, 'Name another file in the channel.'),
  );
  return [...rootCertificates, own];
}

/** Milliseconds of a Retry-After header, which holds seconds or a date. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : null;
  const wait = seconds === null ? Date.parse(header) - now : seconds * 1000;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), longestWaitMs) : null;
}

function readAnswer(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (): void => resolve(Buffer.concat(chunks).toString('utf8').slice(0, mostAnswerBytes));
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= mostAnswerBytes + chunk.length) chunks.push(chunk);
      if (bytes <= mostAnswerBytes) return;
      end();
      response.destroy();
    });
    response.once('end', end);
    response.on('error', reject);
    response.once('close', end);
  });
}

function failureOf(status: number, header: string | undefined, body: string, host: string): DeliveryFailure {
  const answer = describeStatus(status);
  const message = `${host} answered ${answer}.`;
  const details = body.trim() === '' ? undefined : body.trim();
  const withDetails = details === undefined ? {} : { details };
  const waits = { retryAfterMs: retryAfterMs(header, Date.now()), answer };
  if (status === 429)
    return new DeliveryFailure(
      { code: 'server-error', message, hint: 'It wants fewer messages; they are sent later.', ...withDetails },
      waits,
    );
  if (status === 408 || status >= 500)
    return new DeliveryFailure(
      { code: 'server-error', message, hint: 'The service has a problem of its own.', ...withDetails },
      waits,
    );
  const permanent = { permanent: true, answer };
  if (status >= 300 && status < 400)
    return new DeliveryFailure(
      {
        code: 'server-error',
        message: `${host} sends elsewhere (${answer}), which is not followed.`,
        hint: 'Enter the address where it leads.',
      },
      permanent,
    );
  if (status === 401 || status === 403)
    return new DeliveryFailure(
      {
        code: 'server-error',
        message,
        hint: 'Its address or token is not accepted (any more): enter another one.',
        ...withDetails,
      },
      permanent,
    );
  const gone = status === 404 || status === 410;
  return new DeliveryFailure(
    {
      code: gone ? 'not-found' : 'server-error',
      message,
      hint: gone
        ? 'There is nothing to send to at its address (any more): enter another one.'
        : 'It does not take messages of this kind: check the kind of channel and its address.',
      ...withDetails,
    },
    permanent,
  );
}

export function describeStatus(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
}

/**
 * Returns the answer as `202 Accepted`. Throws {@link DeliveryFailure}, whose texts hold no more of the address than host
 * and port, or 'usage' for an unreadable file of authorities.
 */
export async function postJson({ url, body, headers, caFile, signal, timeoutMs }: PostOptions): Promise<string> {
  const ca = await trustedAuthorities(caFile);
  const content = Buffer.from(body, 'utf8');
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  let timedOut = false;
  let timer: NodeJS.Timeout | undefined;
  try {
    const response = await new Promise<{ status: number; retryAfter: string | undefined; body: string }>(
      (resolve, reject) => {
        const request = send(
          {
            protocol: url.protocol,
            hostname: url.hostname.replace(/^\[|\]$/g, ''),
            port: url.port === '' ? undefined : Number(url.port),
            path: `${url.pathname}${url.search}`,
            ...(url.username === ''
              ? {}
              : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
            method: 'POST',
            agent: false,
            signal,
            ...(ca ? { ca } : {}),
            headers: {
              'content-type': 'application/json; charset=utf-8',
              'content-length': content.length,
              accept: 'application/json, text/plain',
              ...headers,
            },
          },
          (answered) => {
            readAnswer(answered).then(
              (text) =>
                resolve({
                  status: answered.statusCode ?? 0,
                  retryAfter: answered.headers['retry-after'],
                  body: text,
                }),
              reject,
            );
          },
        );
        timer = setTimeout(() => {
          timedOut = true;
          request.destroy();
        }, timeoutMs);
        request.on('error', reject);
        request.end(content);
      },
    );
    if (response.status >= 200 && response.status < 300) return describeStatus(response.status);
    throw failureOf(response.status, response.retryAfter, response.body, url.host);
  } catch (error) {
    if (error instanceof DeliveryFailure) throw error;
    const cause: unknown = timedOut
      ? Object.assign(new Error(`Nothing after ${timeoutMs} ms`), { code: 'ETIMEDOUT' })
      : error;
    throw new DeliveryFailure(describeNetworkError(cause, url.host));
  } finally {
    if (timer) clearTimeout(timer);
  }
}
