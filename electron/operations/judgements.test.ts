import { describe, expect, it } from 'vitest';
import { explainHeartbeat } from './await-member';
import { hostAndPort, versionRemarks } from './candidate';
import { faultsOf } from './configuration-rules';
import { judgeResync } from './resync-guide';
import { spaceOf, splitNamespace } from './compact';

describe('versions of a new member', () => {
  const set = { version: '6.0.5', featureCompatibilityVersion: '6.0', accessControl: false, dataBytes: null };

  it.each([
    ['6.0.5', []],
    ['6.0.27', ['note']],
    ['7.0.2', ['warning']],
    ['5.0.4', ['refused']],
    ['8.0.1', ['refused']],
    ['9.9.9', ['warning']],
  ])('%s is told as %j', (version, kinds) => {
    expect(versionRemarks('db:1', version, set).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('knows addresses of members', () => {
    for (const good of ['db1:27017', 'db1.example:1', '10.0.0.1:27017', '[::1]:27017'])
      expect(good).toMatch(hostAndPort);
    for (const bad of ['db1', 'db1:', ':1', 'a b:1', 'db1:0', 'mongodb://db1:1', 'u@db1:1'])
      expect(bad).not.toMatch(hostAndPort);
  });
});

describe('why a member does not join', () => {
  it.each([
    ['Error connecting to db4:27017 :: caused by :: Connection refused', 'cannot reach'],
    ['AuthenticationFailed: SCRAM authentication failed', 'do not accept each other'],
    ['Could not find address for db4:27017: SocketException: Host not found', 'cannot resolve'],
    ['SSL handshake failed', 'TLS'],
    ['replica set IDs do not match, ours: 1; remote node: 2', 'another replica set'],
    [null, 'does not join'],
  ])('%s', (problem, words) => {
    expect(explainHeartbeat('db4:27017', problem).message).toContain(words);
  });
});

describe('a resync', () => {
  const sources = [
    { host: 'db1:1', firstSeconds: 1_000_000, lastSeconds: 1_100_000 },
    { host: 'db2:1', firstSeconds: 1_020_000, lastSeconds: 1_100_000 },
  ];
  const stand = { host: 'db3:1', state: 'RECOVERING', exact: true, sources };

  it('is not needed while some oplog still has what is missing', () => {
    expect(judgeResync({ ...stand, seconds: 1_010_000 })).toMatchObject({ verdict: 'catches up' });
    expect(judgeResync({ ...stand, seconds: 1_000_100 }).why).toContain('That is little');
    expect(judgeResync({ ...stand, seconds: 1_010_000, exact: false }).why).toContain('was last heard of');
  });

  it('is needed once every oplog has gone on', () => {
    expect(judgeResync({ ...stand, seconds: 999_999 })).toMatchObject({ verdict: 'initial sync' });
  });

  it('cannot be judged of a member that nobody heard of, or without another oplog', () => {
    expect(judgeResync({ ...stand, seconds: null })).toMatchObject({ verdict: 'unknown' });
    expect(judgeResync({ ...stand, seconds: 1, sources: [] })).toMatchObject({ verdict: 'unknown' });
  });
});

describe('space of a collection', () => {
  it('adds what its indexes could give back', () => {
    const manager = (bytes: number) => ({ 'block-manager': { 'file bytes available for reuse': bytes } });
    const statistics = {
      storageSize: 1000,
      totalIndexSize: 500,
      wiredTiger: manager(300),
      indexDetails: { _id_: manager(20), a_1: manager(3) },
    };
    expect(spaceOf('shop.orders', statistics)).toMatchObject({ bytes: 1500, reclaimable: 323 });
    expect(splitNamespace('shop.a.b')).toEqual({ database: 'shop', collection: 'a.b' });
    expect(() => splitNamespace('shop.')).toThrow();
  });
});

describe('faults of a configuration', () => {
  it('names each of them', () => {
    const members = Array.from({ length: 8 }, (_, at) => ({ _id: at, host: `db${at}:1`, votes: 1, priority: 1 }));
    const [first, second, third] = members;
    const faults = faultsOf({
      _id: 'rs',
      version: 1,
      members: [
        ...members.slice(3),
        { ...first, _id: 0, host: 'db0:1', hidden: true },
        { ...second, _id: 1, host: 'db1:1', secondaryDelaySecs: 5 },
        { ...third, _id: 2, host: 'db2:1', votes: 0 },
        { _id: 9, host: 'db9:1', arbiterOnly: true, votes: 1, priority: 0 },
      ],
    }).map(({ text }) => text);
    expect(faults).toEqual([
      'At most 7 members vote; there would be 8.',
      'db0:1 is hidden: its priority has to be 0.',
      'db1:1 is delayed: its priority has to be 0.',
      'db2:1 does not vote: its priority has to be 0.',
    ]);
    expect(faultsOf({ _id: 'rs', version: 1, members: [{ _id: 0, host: 'a:1', priority: 0 }] })[0]?.text).toContain(
      'No member could become primary',
    );
  });
});
