/** Where the members of a deployment are asked one by one, without connecting to the whole of it. */
import { resolveSrv, resolveTxt } from 'node:dns/promises';
import { ConnectionString } from 'mongodb-connection-string-url';
import { hostsOf, toolConnectionString, usesTls } from './connection-string';

export interface MemberAddresses {
  /** `host:port` to begin with. */
  seeds: string[];
  /** What the user asked for with `directConnection=true`: this one member, not its set. */
  direct: boolean;
  /**
   * The connection string of one member with its secrets: for a MongoClient only. `anonymous`: without user, for arbiters,
   * which know none.
   */
  uriOf(host: string, options?: { anonymous?: boolean }): string;
}

async function seedsBehind(name: string, service: string): Promise<string[]> {
  const records = await resolveSrv(`_${service}._tcp.${name}`);
  return records.map((record) => `${record.name}:${record.port}`);
}

async function authSourceOf(name: string): Promise<string | null> {
  const records = await resolveTxt(name).catch(() => []);
  return new URLSearchParams(records.map((parts) => parts.join('')).join('&')).get('authSource');
}

function withoutUser(uri: string): string {
  const parsed = new ConnectionString(uri);
  parsed.username = '';
  parsed.password = '';
  for (const name of ['authSource', 'authMechanism', 'authMechanismProperties']) parsed.searchParams.delete(name);
  return parsed.toString();
}

/** Asks the name service for `mongodb+srv://` and nobody otherwise. Errors of the name service pass through. */
export async function memberAddressesOf(fullUri: string): Promise<MemberAddresses> {
  const parsed = new ConnectionString(fullUri);
  const name = parsed.hosts[0] ?? '';
  const seeds = parsed.isSRV
    ? await seedsBehind(name, parsed.searchParams.get('srvServiceName') ?? 'mongodb')
    : hostsOf(fullUri);
  const resolved = parsed.isSRV
    ? {
        tls: usesTls(fullUri),
        authSource: parsed.searchParams.get('authSource') ?? (await authSourceOf(name)) ?? 'admin',
      }
    : undefined;
  return {
    seeds,
    direct: parsed.searchParams.get('directConnection') === 'true',
    uriOf: (host, { anonymous = false } = {}) => {
      const uri = toolConnectionString(fullUri, { host, ...(resolved ? { resolved } : {}) });
      return anonymous ? withoutUser(uri) : uri;
    },
  };
}
