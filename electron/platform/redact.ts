/** Keeps secrets out of logs, audit, tool output and everything shown. */

export const mask = '***';

/** Query parameters of connection strings whose values are secrets. */
const secretParameters =
  'password|passwd|pwd|secret|token|tlsCertificateKeyFilePassword|sslPEMKeyPassword|proxyPassword';

// user:password@ of any URI. The password may itself hold '@' when it was not escaped: the last '@' before a slash,
// blank or quote ends it. A colon is required: "user@host" alone holds no secret.
const uriCredentials = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)([^\s/?#"'<>:@]*):([^\s/?#"'<>]*)@/gi;
// A password with an unescaped '/', '?' or '#' up to the last '@' of the same word, in MongoDB's own scheme.
const looseMongodbCredentials = /\b(mongodb(?:\+srv)?:\/\/)([^\s"'<>:@/]*):([^\s"'<>]*)@/gi;
const uriParameters = new RegExp(`([?&;](?:${secretParameters})=)([^\\s&;"'<>#]*)`, 'gi');
const awsSessionToken = /(AWS_SESSION_TOKEN:)([^\s,&"'<>]+)/gi;
// --password=x, --password x, -p x is ours to never pass, but tools and wrappers may print it; password: "x" in YAML and JSON.
const passwordOptions =
  /(--(?:password|sslPEMKeyPassword|tlsCertificateKeyFilePassword|awsSecretAccessKey|awsSessionToken)(?:=|\s+))("[^"]*"|'[^']*'|\S+)/gi;
const passwordFields = new RegExp(
  `((?:"|')?\\b(?:${secretParameters}|passphrase)\\b(?:"|')?\\s*[:=]\\s*)("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s,;}\\])&"']+)`,
  'gi',
);

function spellings(secret: string): string[] {
  const all = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  return [...new Set(all)].filter((text) => text.length > 0);
}

/**
 * Masks the passwords of connection strings, of command line options and of `password: …` fields in `text`, and every
 * occurrence of `secrets` (also percent-encoded or JSON-escaped).
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  // Longest first: a secret may contain another one.
  for (const secret of secrets.flatMap(spellings).sort((a, b) => b.length - a.length)) {
    clean = clean.split(secret).join(mask);
  }
  if (clean.includes('://')) {
    clean = clean.replace(looseMongodbCredentials, `$1$2:${mask}@`).replace(uriCredentials, `$1$2:${mask}@`);
  }
  return clean
    .replace(uriParameters, `$1${mask}`)
    .replace(awsSessionToken, `$1${mask}`)
    .replace(passwordOptions, `$1${mask}`)
    .replace(passwordFields, (whole: string, name: string, value: string) => {
      if (value === 'null' || value === 'true' || value === 'false') return whole;
      const quote = value.startsWith('"') ? '"' : value.startsWith("'") ? "'" : '';
      return `${name}${quote}${mask}${quote}`;
    });
}

const secretKey = /pass(word|phrase|wd)|secret|token|credential|private.?key|authorization|cookie|^pwd$/i;
const harmlessKey = /^(secretStore|passwordStorage|hasPassword|passwordKept|tokenCount)$/i;
const deepest = 8;

/**
 * A copy of `value` for logs and audit: values under keys that name secrets are masked, texts pass {@link redactText},
 * errors become plain objects, functions and binary data are named instead of dumped.
 */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth >= deepest) return '[…]';
  if (value instanceof Error) return describeError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  const copy: Record<string, unknown> = {};
  for (const [key, item] of entries) {
    const name = String(key);
    const isSecret = secretKey.test(name) && !harmlessKey.test(name);
    const holdsText = typeof item === 'string' ? item !== '' : typeof item === 'object' && item !== null;
    // defineProperty: a key such as __proto__ must stay a key.
    Object.defineProperty(copy, name, {
      value: isSecret && holdsText ? mask : redactValue(item, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}

function describeError(error: Error, depth: number): Record<string, unknown> {
  const described: Record<string, unknown> = {
    type: error.name,
    message: redactText(error.message),
    stack: error.stack === undefined ? undefined : redactText(error.stack),
  };
  for (const [key, item] of Object.entries(error)) {
    if (!(key in described)) described[key] = secretKey.test(key) ? mask : redactValue(item, depth + 1);
  }
  return described;
}
