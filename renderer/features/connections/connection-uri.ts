/** A connection string as the fields of a form, and back. Knows the shape, not every option: the rest is kept as it is. */

export interface UriParts {
  srv: boolean;
  /** `host:port,host:port` as written. */
  hosts: string;
  username: string | null;
  password: string | null;
  database: string;
  /** Options in order, names as written, values decoded. */
  options: readonly (readonly [string, string])[];
}

const shape = /^(mongodb(?:\+srv)?):\/\/(?:([^@/?#]*)@)?([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Null where the text is no connection string. */
export function parseUri(text: string): UriParts | null {
  const match = shape.exec(text.trim());
  if (!match) return null;
  const [, scheme, userInfo, hosts, database, query] = match;
  if (hosts === undefined || hosts === '') return null;
  const colon = userInfo?.indexOf(':') ?? -1;
  const username = userInfo === undefined ? null : decode(colon < 0 ? userInfo : userInfo.slice(0, colon));
  const password = userInfo === undefined || colon < 0 ? null : decode(userInfo.slice(colon + 1));
  const options: [string, string][] = [];
  for (const part of (query ?? '').split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = decode(equals < 0 ? '' : part.slice(equals + 1));
    if (name === null || value === null) return null;
    options.push([name, value]);
  }
  return {
    srv: scheme === 'mongodb+srv',
    hosts,
    username: username === '' ? null : username,
    password,
    database: decode(database ?? '') ?? '',
    options,
  };
}

/** Without user name and password: those are kept apart. */
export function buildUri(parts: Omit<UriParts, 'username' | 'password'>): string {
  const scheme = parts.srv ? 'mongodb+srv' : 'mongodb';
  const query = parts.options
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value).replace(/%2F/g, '/')}`)
    .join('&');
  const database = encodeURIComponent(parts.database);
  return `${scheme}://${parts.hosts}/${database}${query === '' ? '' : `?${query}`}`;
}

/** The value of an option, whatever the case of its name; '' where it is absent. */
export function optionOf(parts: UriParts, name: string): string {
  const found = parts.options.find(([known]) => known.toLowerCase() === name.toLowerCase());
  return found?.[1] ?? '';
}

/** A copy with the option set; '' removes it. */
export function withOption(parts: UriParts, name: string, value: string): UriParts {
  const lower = name.toLowerCase();
  const has = parts.options.some(([known]) => known.toLowerCase() === lower);
  if (value === '') return { ...parts, options: parts.options.filter(([known]) => known.toLowerCase() !== lower) };
  if (!has) return { ...parts, options: [...parts.options, [name, value]] };
  return {
    ...parts,
    options: parts.options.map((option) => (option[0].toLowerCase() === lower ? [option[0], value] : option)),
  };
}
