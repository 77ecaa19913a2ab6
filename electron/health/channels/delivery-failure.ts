/** Why a message was not taken, and whether another try can help. */
import { AppFailure, type AppError } from '../../../shared/result';

export class DeliveryFailure extends AppFailure {
  /** It will be refused each time: the same message is not tried again by itself. */
  readonly permanent: boolean;
  /** Milliseconds the service asked to wait. */
  readonly retryAfterMs: number | null;
  /** What was answered, if anything: `503 Service Unavailable`. */
  readonly answer: string | null;

  constructor(
    error: AppError,
    {
      permanent = false,
      retryAfterMs = null,
      answer = null,
    }: Partial<Pick<DeliveryFailure, 'permanent' | 'retryAfterMs' | 'answer'>> = {},
  ) {
    super(error);
    this.permanent = permanent;
    this.retryAfterMs = retryAfterMs;
    this.answer = answer;
  }
}

const certificateCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const code: unknown = Reflect.get(current, 'code');
    if (typeof code === 'string') codes.push(code);
    const errors: unknown = Reflect.get(current, 'errors');
    current = Array.isArray(errors) ? errors[0] : Reflect.get(current, 'cause');
  }
  return codes;
}

/** What the network said, in plain words. `host`: with port, nothing secret. */
export function describeNetworkError(error: unknown, host: string): AppError {
  const codes = codesOf(error);
  const details = error instanceof Error ? error.message : String(error);
  const has = (...wanted: string[]): boolean => wanted.some((code) => codes.includes(code));
  if (has('ENOTFOUND', 'EAI_AGAIN', 'EDNS'))
    return {
      code: 'dns',
      message: `The name ${host} is not known.`,
      hint: 'Check the spelling, and that this computer is connected.',
      details,
    };
  if (codes.some((code) => certificateCodes.has(code)) || /certificate/i.test(details))
    return {
      code: 'tls',
      message: `The certificate of ${host} is not accepted.`,
      hint: 'Where it is signed by an authority of your own, name the file of that authority in the channel.',
      details,
    };
  if (codes.some((code) => code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) || has('EPROTO', 'ETLS'))
    return {
      code: 'tls',
      message: `No encrypted connection to ${host} came about.`,
      hint: 'Check the port and the kind of encryption.',
      details,
    };
  if (has('ETIMEDOUT', 'ESOCKETTIMEDOUT'))
    return {
      code: 'timeout',
      message: `${host} did not answer in time.`,
      hint: 'Check that it can be reached from this computer: firewall, proxy, VPN.',
      details,
    };
  return {
    code: 'unreachable',
    message: has('ECONNREFUSED') ? `${host} refuses connections.` : `The connection to ${host} failed.`,
    hint: 'Check name and port, and that it can be reached from this computer: firewall, proxy, VPN.',
    details,
  };
}
