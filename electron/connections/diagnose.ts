/** Says in plain words why a deployment could not be reached or refused a command. Pure: opens nothing. */
import { MongoError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { AppFailure, type AppError } from '../../shared/result';
import { redactText } from '../platform/redact';
import { oldestSupported } from './server-support';

interface Facts {
  /** Codes of Node and OpenSSL: `ENOTFOUND`, `ERR_TLS_CERT_ALTNAME_INVALID`. */
  codes: Set<string>;
  text: string;
  /** The server's own error code, e.g. 18. */
  serverCode: number | null;
}

/** What an error and the errors it was made of say. */
function factsOf(error: unknown): Facts {
  const codes = new Set<string>();
  const texts: string[] = [];
  let serverCode: number | null = null;
  const pending: unknown[] = [error];
  for (let depth = 0; pending.length > 0 && depth < 40; depth++) {
    const current = pending.shift();
    if (!(current instanceof Error)) continue;
    if (!texts.includes(current.message)) texts.push(current.message);
    const code: unknown = Reflect.get(current, 'code');
    if (typeof code === 'string') codes.add(code);
    if (current instanceof MongoServerError && typeof code === 'number') serverCode ??= code;
    pending.push(Reflect.get(current, 'cause'), ...serverErrors(current));
    const errors: unknown = Reflect.get(current, 'errors');
    if (Array.isArray(errors)) pending.push(...(errors as unknown[]));
  }
  return { codes, text: texts.join('\n'), serverCode };
}

function serverErrors(error: Error): unknown[] {
  if (!(error instanceof MongoServerSelectionError) || !error.reason) return [];
  return [...error.reason.servers.values()].map((server) => server.error);
}

const certificateWords: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate authority is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate authority is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate authority is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate authority is not trusted',
  CERT_UNTRUSTED: 'its certificate authority is not trusted',
  CERT_SIGNATURE_FAILURE: 'its signature is not by the trusted certificate authority',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
};

function certificateProblem(facts: Facts, host: string): AppError | null {
  if (facts.codes.has('ERR_TLS_CERT_ALTNAME_INVALID') || /does not match certificate's altnames/i.test(facts.text))
    return {
      code: 'tls',
      message: `The certificate of ${host} is for another name.`,
      hint: 'Use one of the names in the certificate (see details), or have it reissued for this one.',
    };
  for (const [code, words] of Object.entries(certificateWords)) {
    if (facts.codes.has(code) || facts.text.includes(code))
      return {
        code: 'tls',
        message: `The certificate of ${host} is not accepted: ${words}.`,
        hint:
          words.includes('expired') || words.includes('yet')
            ? 'Renew the certificate, and check the clocks of both computers.'
            : 'Name the file of its certificate authority with tlsCAFile=….',
      };
  }
  if (
    /self[- ]signed certificate|unable to verify the first certificate|unable to get (?:local )?issuer/i.test(
      facts.text,
    )
  )
    return {
      code: 'tls',
      message: `The certificate of ${host} is not accepted: its certificate authority is not trusted.`,
      hint: 'Name the file of its certificate authority with tlsCAFile=….',
    };
  return null;
}

function tlsProblem(facts: Facts, host: string): AppError | null {
  const certificate = certificateProblem(facts, host);
  if (certificate) return certificate;
  if (
    /wrong version number|packet length too long|before secure TLS connection was established|ssl3_get_record/i.test(
      facts.text,
    )
  )
    return {
      code: 'tls',
      message: `${host} does not answer in TLS.`,
      hint: 'If the server does not use TLS, remove tls=true; otherwise check host and port.',
    };
  if (/alert (?:handshake failure|bad certificate|certificate required|unknown ca)|tlsv1\d* alert/i.test(facts.text))
    return {
      code: 'tls',
      message: `${host} refused the TLS handshake.`,
      hint: 'It may ask for a client certificate: name its file with tlsCertificateKeyFile=….',
    };
  if (/bad decrypt|PEM routines|no start line|interrupted or cancelled|key values mismatch|ERR_OSSL/i.test(facts.text))
    return {
      code: 'tls',
      message: 'The certificate or key file cannot be used.',
      hint: 'It must be PEM, with certificate and key; an encrypted key needs its password.',
    };
  const file = /(?:ENOENT|EACCES)[^']*open '([^']+)'/.exec(facts.text)?.[1];
  if (file)
    return {
      code: 'tls',
      message: `The certificate file ${file} cannot be read.`,
      hint: 'Check tlsCAFile and tlsCertificateKeyFile.',
    };
  return null;
}

function networkProblem(facts: Facts, host: string): AppError | null {
  const has = (...codes: string[]): boolean => codes.some((code) => facts.codes.has(code) || facts.text.includes(code));
  if (has('ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL', 'EREFUSED', 'EAI_NODATA'))
    return {
      code: 'dns',
      message: `The name ${nameIn(facts.text) ?? host} cannot be resolved.`,
      hint: 'Check its spelling, and whether this computer is on the network (VPN) that knows it.',
    };
  if (has('ECONNREFUSED'))
    return {
      code: 'unreachable',
      message: `Nothing accepts connections at ${addressIn(facts.text) ?? host}.`,
      hint: 'Check host and port, and whether mongod runs there and listens on that address.',
    };
  if (has('EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EADDRNOTAVAIL'))
    return {
      code: 'unreachable',
      message: `There is no route to ${host}.`,
      hint: 'Check the network or VPN of this computer.',
    };
  if (has('ETIMEDOUT') || /timed out|timeout/i.test(facts.text))
    return {
      code: 'timeout',
      message: `${host} did not answer in time.`,
      hint: 'A firewall may swallow the connection, or the server is overloaded.',
    };
  if (has('ECONNRESET', 'EPIPE') || /connection .*closed|socket hang up|pool .*cleared/i.test(facts.text))
    return {
      code: 'unreachable',
      message: `${host} closed the connection.`,
      hint: 'The server may have stopped, or expects TLS (tls=true).',
    };
  return null;
}

function nameIn(text: string): string | null {
  return /(?:getaddrinfo|query\w+) \w+ (?:_mongodb\._tcp\.)?([^\s:]+)/.exec(text)?.[1] ?? null;
}

function addressIn(text: string): string | null {
  return /ECONNREFUSED ([^\s,]+)/.exec(text)?.[1] ?? null;
}

const notPrimary = new Set([10107, 13435, 10058]);
const shuttingDown = new Set([91, 11600, 11602, 189]);
const diskFullCodes = new Set([14031]);

function serverProblem(code: number, host: string, text: string): AppError {
  if (code === 18 || code === 11)
    return {
      code: 'authentication',
      message: `${host} did not accept user name and password.`,
      hint: 'Check them, and the database the user is defined in (authSource=…, usually admin).',
    };
  if (code === 13)
    return /requires authentication/i.test(text)
      ? {
          code: 'authentication',
          message: `${host} requires authentication and no user name was given.`,
          hint: 'Enter user name and password.',
        }
      : {
          code: 'not-authorized',
          message: `The user may not do this on ${host}.`,
          hint: 'See the privileges under Test connection for the roles that are missing.',
        };
  if (notPrimary.has(code))
    return {
      code: 'topology',
      message: `${host} is not the primary.`,
      hint: 'Connect to the whole set (replicaSet=…, no directConnection), or wait for the election to end.',
    };
  if (shuttingDown.has(code))
    return { code: 'unreachable', message: `${host} is shutting down or changing its state.`, hint: 'Try again.' };
  if (diskFullCodes.has(code))
    return { code: 'server-error', message: `The disk of ${host} is nearly full.`, hint: 'Free space on the server.' };
  return { code: 'server-error', message: `${host} refused the command: ${redactText(text.split('\n')[0] ?? '')}` };
}

function selectionProblem(error: MongoServerSelectionError, host: string): AppError | null {
  const reason = error.reason;
  if (!reason) return null;
  const servers = [...reason.servers.values()];
  if (reason.type === 'ReplicaSetNoPrimary' && servers.some((server) => server.type === 'RSSecondary'))
    return {
      code: 'topology',
      message: `The replica set ${reason.setName ?? ''} has no primary at the moment.`.replace('  ', ' '),
      hint: 'Wait for the election to end, or look at the state of its members.',
    };
  if (reason.setName && servers.every((server) => !server.error))
    return {
      code: 'topology',
      message: `${host} is no member of a replica set named ${reason.setName}.`,
      hint: 'Check replicaSet=… in the connection string.',
    };
  return null;
}

/**
 * The failure a driver error stands for. `host` names the deployment as the user knows it, without credentials; secrets
 * in the driver's own words are masked. Errors that are none of the driver's or the network's become 'internal'.
 */
export function diagnoseDriverError(error: unknown, host: string): AppError {
  if (error instanceof AppFailure) return error.error;
  const facts = factsOf(error);
  const details = redactText(facts.text);
  const withDetails = (problem: AppError): AppError => ({ ...problem, details });
  if (facts.serverCode !== null) return withDetails(serverProblem(facts.serverCode, host, facts.text));
  if (/wire version \d+, but this version of the .*driver requires at least/i.test(facts.text))
    return withDetails({
      code: 'server-error',
      message: `${host} runs a version of MongoDB that is too old for Lifeboat.`,
      hint: `Lifeboat works with MongoDB ${oldestSupported} and newer, and in part with 4.2.`,
    });
  const tls = tlsProblem(facts, host);
  if (tls) return withDetails(tls);
  if (error instanceof MongoServerSelectionError) {
    const selection = selectionProblem(error, host);
    if (selection) return withDetails(selection);
  }
  const network = networkProblem(facts, host);
  if (network) return withDetails(network);
  if (/auth(?:entication)? ?mechanism|SCRAM|nonce|server signature/i.test(facts.text))
    return withDetails({
      code: 'authentication',
      message: `Authentication with ${host} failed.`,
      hint: 'Check user name, password, authSource and authMechanism.',
    });
  if (error instanceof MongoError)
    return withDetails({ code: 'server-error', message: `${host}: ${details.split('\n')[0] ?? ''}` });
  return withDetails({ code: 'internal', message: details.split('\n')[0] || 'Something went wrong.' });
}

/** Whether an error is the driver's or the network's, and so for {@link diagnoseDriverError} to explain. */
export function isDriverError(error: unknown): boolean {
  if (error instanceof MongoError) return true;
  const syscall: unknown = error instanceof Error ? Reflect.get(error, 'syscall') : undefined;
  return typeof syscall === 'string' && /^(?:connect|getaddrinfo|query\w+|read|write)$/.test(syscall);
}
