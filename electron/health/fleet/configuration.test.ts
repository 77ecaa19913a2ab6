import { Int32, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { describeConfiguration } from './configuration';

function answer(members: object[], more: object = {}): object {
  const complete = members.map((member, index) => ({ _id: index, priority: 1, votes: 1, ...member }));
  return { ok: 1, config: { _id: 'rs', version: 3, term: 2, members: complete, ...more } };
}

const hosts = ['a.example:27017', 'b.example:27017', 'c.example:27017'];
const three = hosts.map((host) => ({ host }));

describe('a configuration', () => {
  it('of three equal members on three computers needs no remark', () => {
    const settings = { electionTimeoutMillis: 10_000, replicaSetId: new ObjectId('0123456789abcdef01234567') };
    const described = describeConfiguration(answer(three, { settings }));
    expect(described).toMatchObject({ set: 'rs', version: 3, term: 2, remarks: [] });
    expect(described.members[1]).toEqual({
      id: 1,
      host: 'b.example:27017',
      priority: 1,
      votes: 1,
      hidden: false,
      arbiterOnly: false,
      buildIndexes: true,
      delaySeconds: 0,
      tags: {},
    });
    expect(described.settings).toContainEqual({ name: 'electionTimeoutMillis', value: '10000' });
    expect(described.settings).toContainEqual({ name: 'replicaSetId', value: '{"$oid":"0123456789abcdef01234567"}' });
    expect(JSON.parse(described.text)).toMatchObject({ _id: 'rs', members: [{}, {}, {}] });
  });

  it('reads numbers of any BSON type', () => {
    const config = answer([{ host: 'a:1', priority: new Int32(2), secondaryDelaySecs: Long.fromNumber(60) }]);
    expect(describeConfiguration(config).members[0]).toMatchObject({ priority: 2, delaySeconds: 60 });
  });

  it.each([
    ['an even number of votes', [...three, { host: 'd.example:27017' }], /4 members vote, an even number/],
    ['no electable member', three.map((member) => ({ ...member, priority: 0 })), /No member can become primary/],
    [
      'no electable secondary',
      three.map((member, index) => ({ ...member, priority: index === 0 ? 1 : 0 })),
      /Only a\.example:27017 can become primary/,
    ],
    [
      'an arbiter without a spare member with data',
      three.map((member, index) => ({ ...member, arbiterOnly: index === 2 })),
      /c\.example:27017 votes and holds no data: .* all 2 members/,
    ],
    [
      'a delayed member that votes',
      [...three.slice(1), { host: 'a.example:27017', priority: 0, hidden: true, secondaryDelaySecs: 3600 }],
      /a\.example:27017 is delayed by 1 h 00 min and votes/,
    ],
    ['most votes on one computer', ['x:1', 'x:2', 'y:1'].map((host) => ({ host })), /2 of 3 votes are on x/],
  ])('tells of %s', (_what, members, remark) => {
    expect(describeConfiguration(answer(members)).remarks.join('\n')).toMatch(remark);
  });

  it('tells of settings that are not usual', () => {
    const more = {
      settings: { electionTimeoutMillis: 2000, chainingAllowed: false },
      writeConcernMajorityJournalDefault: false,
    };
    expect(describeConfiguration(answer(three, more)).remarks).toHaveLength(3);
  });
});
