/** One replica set of a connection: its members, each talked to alone, and the set as an application sees it. */
import { MongoClient, type Document, type MongoClientOptions } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';
import type { Connection } from '../../shared/connections';
import { AppFailure, fail } from '../../shared/result';
import { hello } from '../connections/deployment';
import { diagnoseDriverError } from '../connections/diagnose';
import { lockKeyOf } from '../connections/lock-key';
import type { MemberAddresses } from '../connections/member-addresses';
import type { Connections } from '../connections/service';
import { listAt, textAt, valueAt } from '../health/sampler/server-values';
import { withinLimit } from './waiting';

export type OperationConnections = Pick<Connections, 'get' | 'use' | 'memberAddresses'>;

export interface SetAccess {
  readonly connection: Connection;
  readonly set: string;
  /** It is a part of a sharded deployment. */
  readonly sharded: boolean;
  /** Members that were told of first; the configuration knows them all. */
  readonly seeds: readonly string[];
  /** A client of that member alone, whatever its state; kept until `close`. Fails as connections do, within five seconds. */
  member(host: string, options?: { anonymous?: boolean }): Promise<MongoClient>;
  /** A client of the whole set through these members, as an application has one; the caller connects and closes it. */
  whole(hosts: readonly string[], options: MongoClientOptions): MongoClient;
  /** Of the deployment: equal to that of every other job that writes to it. `setId`: of this set's configuration. */
  lockKey(setId: string | null): Promise<string>;
  close(): Promise<void>;
}

const selectionMs = 5000;

function listed(answer: Document): string[] {
  return ['hosts', 'passives', 'arbiters'].flatMap((name) =>
    listAt(answer, name).filter((host): host is string => typeof host === 'string'),
  );
}

/** `set/host,host` of a mongos's map of shards. */
function parseShard(text: string): { set: string; hosts: string[] } | null {
  const slash = text.indexOf('/');
  return slash < 1 ? null : { set: text.slice(0, slash), hosts: text.slice(slash + 1).split(',') };
}

interface FoundSet {
  set: string;
  seeds: string[];
  sharded: boolean;
}

function choose(found: readonly FoundSet[], wanted: string | null, name: string): FoundSet {
  const names = found.map(({ set }) => set).join(', ');
  if (wanted === null) {
    const [only] = found;
    if (found.length === 1 && only) return only;
    fail('usage', `${name} has several replica sets.`, `Choose among ${names}.`);
  }
  return (
    found.find(({ set }) => set === wanted) ??
    fail('topology', `${name} has no replica set ${wanted}.`, `Choose among ${names}.`)
  );
}

class Members {
  private readonly clients = new Map<string, Promise<MongoClient>>();

  constructor(private readonly addresses: MemberAddresses) {}

  async of(host: string, anonymous: boolean): Promise<MongoClient> {
    const key = `${host} ${anonymous}`;
    const known = this.clients.get(key);
    if (known) return known;
    const client = new MongoClient(this.addresses.uriOf(host, { anonymous }), {
      appName: 'Lifeboat operations',
      serverSelectionTimeoutMS: selectionMs,
      connectTimeoutMS: selectionMs,
      retryReads: false,
      retryWrites: false,
    });
    const connecting = client.connect().catch(async (error: unknown) => {
      this.clients.delete(key);
      await client.close().catch(() => undefined);
      throw new AppFailure(diagnoseDriverError(error, host));
    });
    this.clients.set(key, connecting);
    return connecting;
  }

  async close(): Promise<void> {
    const all = [...this.clients.values()];
    this.clients.clear();
    await Promise.all(
      all.map((connecting) =>
        connecting.then(
          (client) => client.close(),
          () => undefined,
        ),
      ),
    );
  }
}

interface Told {
  client: MongoClient;
  answer: Document;
}

/**
 * The first that belongs to a deployment: seeds may be down, or may have been taken out of their set, and answer alone. Null
 * when those that answer are all alone. Throws as connections do when nobody answers.
 */
async function firstToTell(members: Members, seeds: readonly string[]): Promise<Told | null> {
  const answers = seeds.map(async (seed): Promise<Told> => {
    const client = await members.of(seed, false);
    return { client, answer: await withinLimit(hello(client), selectionMs, seed) };
  });
  const belonging = answers.map(async (asked) => {
    const told = await asked;
    if (textAt(told.answer, 'setName') === null && told.answer['msg'] !== 'isdbgrid') throw new Error('alone');
    return told;
  });
  const first = await Promise.any(belonging).catch(() => null);
  if (first) return first;
  const someone = await Promise.any(answers).catch(() => null);
  if (someone) return null;
  const reason: unknown = await answers[0]?.catch((error: unknown) => error);
  throw new AppFailure(diagnoseDriverError(reason, seeds.join(', ')));
}

async function setsOf(members: Members, addresses: MemberAddresses, name: string): Promise<FoundSet[]> {
  const first =
    (await firstToTell(members, addresses.seeds)) ??
    fail('topology', `${name} is no replica set.`, 'These operations are for replica sets and for shards.');
  if (first.answer['msg'] === 'isdbgrid') {
    const map: unknown = valueAt(await first.client.db('admin').command({ getShardMap: 1 }), 'map');
    const sets = Object.values(typeof map === 'object' && map !== null ? map : {})
      .map((text) => (typeof text === 'string' ? parseShard(text) : null))
      .filter((shard) => shard !== null);
    return sets.map(({ set, hosts }) => ({ set, seeds: hosts, sharded: true }));
  }
  const set = textAt(first.answer, 'setName') ?? '';
  const direct = textAt(first.answer, 'me');
  const seeds = listed(first.answer);
  return [{ set, seeds: seeds.length > 0 ? seeds : direct === null ? addresses.seeds : [direct], sharded: false }];
}

/**
 * Finds the set, by asking whoever answers first. `set` null: the only one. Throws 'topology' where there is none of that name, 'usage'
 * where there are several, and as connections do when nobody answers.
 */
export async function openSet(
  connections: OperationConnections,
  connectionId: string,
  set: string | null,
): Promise<SetAccess> {
  const connection = await connections.get(connectionId);
  const addresses = await connections.memberAddresses(connection.id);
  const members = new Members(addresses);
  try {
    const found = choose(await setsOf(members, addresses, connection.name), set, connection.name);
    return {
      connection,
      ...found,
      member: (host, { anonymous = false } = {}) => members.of(host, anonymous),
      whole: (hosts, options) => {
        const [first = ''] = hosts;
        const uri = new ConnectionString(addresses.uriOf(first));
        uri.hosts = [...hosts];
        uri.searchParams.delete('directConnection');
        uri.searchParams.set('replicaSet', found.set);
        return new MongoClient(uri.toString(), options);
      },
      lockKey: async (setId) => {
        // Of a set by itself without a connection to the whole of it, which may have no primary.
        if (!found.sharded && setId !== null) return lockKeyOf({ setId, setName: found.set, members: [], host: '' });
        return connections.use(connection.id, async (open) => lockKeyOf(await open.describe()));
      },
      close: () => members.close(),
    };
  } catch (error) {
    await members.close();
    throw error;
  }
}
