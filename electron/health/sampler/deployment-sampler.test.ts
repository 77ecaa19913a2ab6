import { Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { DeploymentSampler } from './deployment-sampler';
import { MemberUnreachable, type MemberReader } from './member-reader';
import type { RawReading } from './member-reading';

/** A cluster as its servers would tell of themselves: there is no mongos to be had here. */
interface Simulated {
  hello: object;
  status?: object;
  shardMap?: Record<string, string>;
  config?: object;
  silent?: boolean;
}

function sampler(cluster: Map<string, Simulated>, seeds: string[], opened: string[] = []): DeploymentSampler {
  return new DeploymentSampler({
    connectionId: 'c',
    intervalMs: 5000,
    addresses: () =>
      Promise.resolve({ seeds, direct: false, uriOf: (host, how) => `${how?.anonymous ? 'anonymous@' : ''}${host}` }),
    openReader: (host, uri) => {
      opened.push(uri);
      const server = () => cluster.get(uri.replace('anonymous@', '')) ?? cluster.get(host);
      const reader: MemberReader = {
        read: (): Promise<RawReading> => {
          const answer = server();
          if (!answer || answer.silent)
            return Promise.reject(new MemberUnreachable({ code: 'timeout', message: 'silent' }));
          const raw = { hello: answer.hello, serverStatus: null, replicaSetStatus: answer.status ?? null };
          return Promise.resolve({ at: Date.now(), roundTripMs: 1, problem: null, ...raw });
        },
        oplog: () => Promise.resolve(null),
        sizes: () => Promise.resolve({ diskUsedBytes: 1, diskTotalBytes: 4 }),
        capacity: () => Promise.resolve({ indexBytes: null, memoryBytes: null }),
        configuration: () => Promise.resolve(server()?.config ?? null),
        shardMap: () => Promise.resolve(server()?.shardMap ?? {}),
        firstEntryAfter: () => Promise.resolve(null),
        close: () => undefined,
      };
      return reader;
    },
  });
}

function setOf(name: string, hosts: string[], states: number[], term = 1): [string, Simulated][] {
  const ts = new Timestamp({ t: 1000, i: 1 });
  return hosts.map((self, at) => [
    self,
    {
      hello: { setName: name, me: self },
      status: {
        set: name,
        myState: states[at],
        term,
        optimes: { appliedOpTime: { ts, t: 1 } },
        members: hosts.map((host, index) => ({
          name: host,
          state: states[index],
          health: 1,
          ...(host === self ? { self: true, configVersion: 1 } : {}),
        })),
      },
      config: {
        config: { members: hosts.map((host, index) => ({ host, priority: index, votes: 1, tags: { dc: 'x' } })) },
      },
    },
  ]);
}

describe('a deployment', () => {
  it('that is sharded is found out from its mongos: shards and config servers, each as a set', async () => {
    const shardMap = { shard01: 's1/a:1,b:1', config: 'cfg/c:1', shard02: 's2/d:1' };
    const cluster = new Map<string, Simulated>([
      ['m:1', { hello: { msg: 'isdbgrid' }, shardMap }],
      ...setOf('s1', ['a:1', 'b:1', 'hidden:1'], [1, 2, 2]),
      ...setOf('cfg', ['c:1'], [1]),
      ...setOf('s2', ['d:1'], [1]),
    ]);
    const { sample } = await sampler(cluster, ['m:1']).sample();
    expect(sample.topology).toBe('sharded');
    expect(sample.singles.map(({ host, role, state }) => [host, role, state])).toEqual([['m:1', 'mongos', 'MONGOS']]);
    expect(sample.sets.map(({ name, shard, primary, members }) => [name, shard, primary, members.length])).toEqual(
      expect.arrayContaining([
        ['s1', 'shard01', 'a:1', 3],
        ['cfg', 'config', 'c:1', 1],
        ['s2', 'shard02', 'd:1', 1],
      ]),
    );
  });

  it('is told by the names its set gives to members, reached as the user wrote them', async () => {
    const opened: string[] = [];
    const cluster = new Map<string, Simulated>(setOf('rs', ['inside-a:1', 'inside-b:1'], [1, 2]));
    cluster.set('localhost:9', cluster.get('inside-a:1') ?? { hello: {} });
    cluster.delete('inside-a:1');
    const { sample } = await sampler(cluster, ['localhost:9'], opened).sample();
    expect(sample.sets[0]?.members.map(({ host, state }) => [host, state])).toEqual([
      ['inside-a:1', 'PRIMARY'],
      ['inside-b:1', 'SECONDARY'],
    ]);
    expect(opened).not.toContain('inside-a:1');
    expect(sample.sets[0]?.members[1]?.configuration).toMatchObject({ priority: 1, tags: { dc: 'x' } });
  });

  it('asks arbiters without user', async () => {
    const opened: string[] = [];
    await sampler(new Map(setOf('rs', ['a:1', 'arb:1'], [1, 7])), ['a:1', 'arb:1'], opened).sample();
    expect(opened).toContain('anonymous@arb:1');
  });

  it('is followed through members that join, leave, fall silent, and through elections', async () => {
    const cluster = new Map(setOf('rs', ['a:1', 'b:1'], [1, 2]));
    const watched = sampler(cluster, ['a:1']);
    expect((await watched.sample()).events).toEqual([]);
    for (const [host, server] of setOf('rs', ['a:1', 'b:1', 'c:1'], [2, 1, 2], 2)) cluster.set(host, server);
    const joined = (await watched.sample()).events;
    expect(joined.map(({ kind, host }) => `${kind} ${host ?? ''}`)).toEqual([
      'member-added c:1',
      'election b:1',
      'state-changed a:1',
      'state-changed b:1',
    ]);
    Object.assign(cluster.get('b:1') ?? {}, { silent: true });
    const { sample, events } = await watched.sample();
    expect(events.map(({ kind }) => kind)).toEqual(['no-primary', 'stopped-answering']);
    expect(sample.sets[0]?.members[1]).toMatchObject({
      host: 'b:1',
      state: 'DOWN',
      answered: false,
      metrics: { lagSeconds: null },
    });
    for (const [host, server] of setOf('rs', ['a:1', 'c:1'], [1, 2], 3)) cluster.set(host, server);
    expect((await watched.sample()).events.map(({ kind }) => kind)).toEqual([
      'member-removed',
      'election',
      'state-changed',
    ]);
  });

  it('of which no name is known is a problem, not a crash', async () => {
    const lost = new DeploymentSampler({
      connectionId: 'c',
      intervalMs: 5000,
      addresses: () => Promise.reject(new Error('no such name')),
    });
    expect((await lost.sample()).sample).toMatchObject({ topology: 'unknown', problem: { message: 'no such name' } });
  });
});
