/** A real mail server that keeps what it is sent. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Whether it came over an encrypted connection. */
  encrypted: boolean;
  user: string | null;
  /** With its headers. */
  source: string;
}

export interface MailReceiver {
  port: number;
  received: ReceivedMail[];
  /** The next mails are refused with this reply code. */
  refuse(...codes: number[]): void;
  close(): Promise<void>;
}

export interface MailReceiverOptions {
  /** PEM with key and certificate. */
  keyFile: string;
  encryption: 'tls' | 'starttls' | 'none';
  /** Asked for when given. */
  login?: { user: string; password: string };
  refusedRecipient?: string;
}

export async function startMailReceiver(options: MailReceiverOptions): Promise<MailReceiver> {
  const { encryption, login, refusedRecipient } = options;
  const received: ReceivedMail[] = [];
  const refusals: number[] = [];
  const pem = readFileSync(options.keyFile);
  const onAuth: SMTPServerOptions['onAuth'] = (auth, _session, done) => {
    if (login && auth.username === login.user && auth.password === login.password) done(null, { user: login.user });
    else done(Object.assign(new Error('Authentication failed'), { responseCode: 535 }));
  };
  const server = new SMTPServer({
    secure: encryption === 'tls',
    key: pem,
    cert: pem,
    authOptional: login === undefined,
    disabledCommands: [...(encryption === 'none' ? ['STARTTLS'] : []), ...(login ? [] : ['AUTH'])],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth,
    onRcptTo: ({ address }, _session, done) =>
      address === refusedRecipient ? done(Object.assign(new Error('No such mailbox'), { responseCode: 550 })) : done(),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const code = refusals.shift();
        if (code !== undefined) return done(Object.assign(new Error('Refused by the test'), { responseCode: code }));
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          encrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : null,
          source: Buffer.concat(chunks).toString('utf8'),
        });
        done(null, 'kept by the test');
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    received,
    refuse: (...codes) => void refusals.push(...codes),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
