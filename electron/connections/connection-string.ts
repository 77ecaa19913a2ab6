/** Connection strings: checked with clear words, taken apart from their secrets, and put together again. */
import { MongoClient, MongoError } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import { fail } from '../../shared/result';
import { redactText } from '../platform/redact';

/** What a connection keeps in the secret place, never in its connection string. */
export interface ConnectionSecrets {
  password: string | null;
  /** Options whose values are secret, by name: `tlsCertificateKeyFilePassword`, `proxyPassword`… */
  options: Record<string, string>;
}

export interface SplitConnectionString {
  /** Without user name, password and secret options. */
  uri: string;
  username: string | null;
  secrets: ConnectionSecrets;
}

export const noSecrets: ConnectionSecrets = { password: null, options: {} };

const secretOptions = ['tlsCertificateKeyFilePassword', 'sslPEMKeyPassword', 'proxyPassword'];

export function hasSecrets(secrets: ConnectionSecrets): boolean {
  return secrets.password !== null || Object.keys(secrets.options).length > 0;
}

/** Every secret text, for masking. */
function secretTexts(secrets: ConnectionSecrets): string[] {
  return [...(secrets.password ? [secrets.password] : []), ...Object.values(secrets.options)];
}

function percentCodes(characters: string): string {
  const names = [...new Set(characters)].map((character) => `${character} as ${encodeURIComponent(character)}`);
  return `Write ${names.join(', ')}, or enter user name and password in their own fields.`;
}

function checkUserInformation(text: string): void {
  const [user = '', ...password] = text.split(':');
  const colons = password.length > 1 ? ':' : '';
  const reserved = (text.match(/[@/?#[\]]/g) ?? []).join('') + colons;
  if (reserved)
    fail(
      'usage',
      'The user name or password in the connection string holds unescaped characters.',
      percentCodes(reserved),
    );
  if (/%(?![0-9a-f]{2})/i.test(text))
    fail('usage', 'The user name or password in the connection string holds a bare %.', percentCodes('%'));
  if (user === '') fail('usage', 'The connection string has a password but no user name.', 'Write user:password@host.');
}

function checkHost(host: string, srv: boolean): void {
  if (host === '')
    fail(
      'usage',
      'The connection string names no host.',
      'Write mongodb://host:27017, several hosts with commas between.',
    );
  if (/%2f/i.test(host)) return;
  const match = /^(\[[0-9a-f:.%]+\]|[^:[\]]+)(?::(.*))?$/i.exec(host);
  if (!match) fail('usage', `"${host}" is no host.`, 'Write host:port; an IPv6 address goes in brackets, [::1]:27017.');
  const port = match[2];
  if (port === undefined) return;
  if (srv)
    fail(
      'usage',
      'A mongodb+srv:// connection string takes no port.',
      'Remove the port, or write mongodb:// with all hosts.',
    );
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)
    fail('usage', `"${port}" is no port.`, 'A port is a number from 1 to 65535; 27017 is usual.');
}

const plainHost = /^(?:\[[0-9a-f:.%]+\]|[^:[\]]+)(?::\d{1,5})?$/i;

/** Checks what the driver's own messages leave unclear. Names no part of a password in its messages. */
function checkForm(text: string): void {
  const scheme = /^mongodb(\+srv)?:\/\//.exec(text);
  if (!scheme)
    fail(
      'usage',
      'A connection string begins with mongodb:// or mongodb+srv://.',
      'For example mongodb://localhost:27017.',
    );
  if (/\s/.test(text))
    fail('usage', 'The connection string holds a blank.', 'Remove it; inside a password write it as %20.');
  const srv = scheme[1] !== undefined;
  const rest = text.slice(scheme[0].length);
  const question = rest.indexOf('?');
  const beforeOptions = question === -1 ? rest : rest.slice(0, question);
  let at = beforeOptions.lastIndexOf('@');
  const lastAt = rest.lastIndexOf('@');
  // An @ behind a ? is part of an option, unless no option stands between them: then the ? is one of a password.
  if (lastAt > at && question > -1 && !rest.slice(question, lastAt).includes('=')) at = lastAt;
  if (at > -1) checkUserInformation(rest.slice(0, at));
  const hosts = (rest.slice(at + 1).split(/[/?]/)[0] ?? '').split(',');
  // What looks like no host may be a piece of a password: its messages name none of it.
  if (lastAt > at && !hosts.every((host) => plainHost.test(host))) checkUserInformation(rest.slice(0, lastAt));
  for (const host of hosts) checkHost(host, srv);
  if (srv && hosts.length > 1)
    fail(
      'usage',
      'A mongodb+srv:// connection string names one host.',
      'DNS tells the members; name the cluster only.',
    );
}

function parse(text: string): ConnectionString {
  try {
    return new ConnectionString(text);
  } catch (error) {
    return fail('usage', `The connection string is not valid: ${redactText((error as Error).message)}.`);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The option's value under any capitalisation. */
export function optionOf(uri: string, name: string): string | null {
  return parse(uri).searchParams.get(name);
}

/**
 * Checks a connection string as a user typed it and takes its secrets out. Throws 'usage' saying what is wrong and how
 * to write it.
 */
export function splitConnectionString(typed: string): SplitConnectionString {
  const text = typed.trim();
  checkForm(text);
  const parsed = parse(text);
  const secrets: ConnectionSecrets = { password: parsed.password ? decode(parsed.password) : null, options: {} };
  for (const name of secretOptions) {
    const value = parsed.searchParams.get(name);
    if (value === null) continue;
    secrets.options[name] = value;
    parsed.searchParams.delete(name);
  }
  const properties = parsed.searchParams.get('authMechanismProperties');
  if (properties && /AWS_SESSION_TOKEN/i.test(properties)) {
    secrets.options['authMechanismProperties'] = properties;
    parsed.searchParams.delete('authMechanismProperties');
  }
  const username = parsed.username ? decode(parsed.username) : null;
  parsed.username = '';
  parsed.password = '';
  return { uri: parsed.toString(), username, secrets };
}

/** The full connection string: for the driver and for `--config` files only, never for anything shown or logged. */
export function joinConnectionString(uri: string, username: string | null, secrets: ConnectionSecrets): string {
  const parsed = parse(uri);
  if (username !== null && username !== '') {
    parsed.username = encodeURIComponent(username);
    if (secrets.password !== null) parsed.password = encodeURIComponent(secrets.password);
  }
  for (const [name, value] of Object.entries(secrets.options)) parsed.searchParams.set(name, value);
  return parsed.toString();
}

/** Lets the driver check options and their combinations; throws 'usage' in its words. Opens nothing. */
export function checkWithDriver(fullUri: string, secrets: ConnectionSecrets): void {
  try {
    new MongoClient(fullUri);
  } catch (error) {
    if (!(error instanceof MongoError) && !(error instanceof TypeError)) throw error;
    fail('usage', `The connection string is not valid: ${redactText(error.message, secretTexts(secrets))}.`);
  }
}

/** `host:port` of every seed; for mongodb+srv the one name. */
export function hostsOf(uri: string): string[] {
  const parsed = parse(uri);
  return parsed.hosts.map((host) => (parsed.isSRV || /%2f/i.test(host) || /:\d+$/.test(host) ? host : `${host}:27017`));
}

export function usesTls(uri: string): boolean {
  const parsed = parse(uri);
  const value = parsed.searchParams.get('tls') ?? parsed.searchParams.get('ssl');
  return value === null ? parsed.isSRV : value === 'true';
}

export interface ToolUriOptions {
  readPreference?: string;
  /** `host:port` of one member, to be talked to alone. */
  host?: string;
  /** Of a mongodb+srv name, found out by the driver; needed with `host`. */
  resolved?: { tls: boolean; authSource: string | null };
}

/** The full connection string as the database tools take it. */
export function toolConnectionString(fullUri: string, options: ToolUriOptions = {}): string {
  const parsed = parse(fullUri);
  if (options.readPreference) {
    parsed.searchParams.set('readPreference', options.readPreference);
    if (options.readPreference === 'primary') {
      parsed.searchParams.delete('readPreferenceTags');
      parsed.searchParams.delete('maxStalenessSeconds');
    }
  }
  if (!options.host) return parsed.toString();
  const srv = parsed.isSRV;
  const query = parsed.searchParams.toString();
  const user = parsed.username ? `${parsed.username}${parsed.password ? `:${parsed.password}` : ''}@` : '';
  const direct = parse(`mongodb://${user}${options.host}${parsed.pathname || '/'}${query ? `?${query}` : ''}`);
  direct.searchParams.delete('replicaSet');
  direct.searchParams.delete('loadBalanced');
  for (const name of ['srvMaxHosts', 'srvServiceName']) direct.searchParams.delete(name);
  direct.searchParams.set('directConnection', 'true');
  if (srv && options.resolved) {
    direct.searchParams.delete('ssl');
    direct.searchParams.set('tls', String(options.resolved.tls));
    if (options.resolved.authSource && user) direct.searchParams.set('authSource', options.resolved.authSource);
  }
  return direct.toString();
}
