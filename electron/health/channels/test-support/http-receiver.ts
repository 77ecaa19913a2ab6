/** A real HTTP or HTTPS server that takes messages and answers as it is told. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Milliseconds since 1970. */
  at: number;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** Answers with path and body of the request. */
  echo?: boolean;
  /** Never answers, and leaves the connection open. */
  silent?: boolean;
  /** Answers when this settles. */
  after?: Promise<unknown>;
}

export interface HttpReceiver {
  url: string;
  port: number;
  received: Received[];
  /** Answers of the next requests, in their order; 200 afterwards. */
  next(...answers: Answer[]): void;
  /** Of every request from now on. */
  always(answer: Answer): void;
  /** Resolves once so many were received. */
  until(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

const waitMs = 10_000;

/** `keyFile`: PEM with key and certificate makes it HTTPS. */
export async function startHttpReceiver({
  keyFile,
  port = 0,
}: { keyFile?: string; port?: number } = {}): Promise<HttpReceiver> {
  const received: Received[] = [];
  let answers: Answer[] = [];
  let usual: Answer = { status: 200, body: 'ok' };
  const waiting = new Set<() => void>();
  const handle: Parameters<typeof createServer>[1] & object = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        at: Date.now(),
      });
      const { status, headers = {}, body = '', silent = false, echo = false, after } = answers.shift() ?? usual;
      waiting.forEach((look) => look());
      if (silent) return;
      void Promise.resolve(after).then(() => {
        response.writeHead(status, headers);
        response.end(echo ? `${request.url ?? ''} ${Buffer.concat(chunks).toString('utf8')}` : body);
      });
    });
  };
  const pem = keyFile === undefined ? null : readFileSync(keyFile);
  const server: Server = pem ? createSecureServer({ key: pem, cert: pem }, handle) : createServer(handle);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `${pem ? 'https' : 'http'}://127.0.0.1:${own}`,
    port: own,
    received,
    next: (...more) => void (answers = [...answers, ...more]),
    always: (answer) => void (usual = answer),
    until: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${received.length} of ${count} messages: ${JSON.stringify(received)}`)),
          waitMs,
        );
        const look = (): void => {
          if (received.length < count) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(received);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
