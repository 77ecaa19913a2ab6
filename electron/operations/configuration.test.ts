import { Long } from 'bson';
import { describe, expect, it } from 'vitest';
import {
  addMember,
  changeMember,
  differencesBetween,
  majorityOf,
  reconfigureCommand,
  removeMember,
  settingsOf,
  stepsBetween,
  votersOf,
  type RawConfiguration,
} from './configuration';

const plain = { arbiterOnly: false, priority: 1, votes: 1, hidden: false, delaySeconds: 0, tags: {} };

function setOf(votes: readonly number[]): RawConfiguration {
  return {
    _id: 'rs',
    version: 5,
    term: 3,
    members: votes.map((vote, at) => ({
      _id: at,
      host: `db${at}:27017`,
      votes: vote,
      priority: vote,
      hidden: false,
      secondaryDelaySecs: Long.fromNumber(0),
      tags: {},
    })),
    settings: { electionTimeoutMillis: 10_000 },
  };
}

/** Votes that change between two configurations. */
function votesChanged(before: RawConfiguration, after: RawConfiguration): number {
  const ids = (configuration: RawConfiguration): number[] => votersOf(configuration).map(({ _id }) => _id);
  const [old, now] = [ids(before), ids(after)];
  return old.filter((id) => !now.includes(id)).length + now.filter((id) => !old.includes(id)).length;
}

describe('a configuration', () => {
  it('tells differences by path, whatever the version', () => {
    const before = setOf([1, 1, 1]);
    const after = {
      ...changeMember(before, 'db1:27017', { priority: 0, hidden: true, tags: { dc: 'west' } }),
      version: 9,
    };
    expect(differencesBetween(before, after)).toEqual([
      { path: 'members[1].priority', before: '1', after: '0' },
      { path: 'members[1].hidden', before: 'false', after: 'true' },
      { path: 'members[1].tags.dc', before: null, after: '"west"' },
    ]);
    expect(differencesBetween(before, before)).toEqual([]);
  });

  it('keeps what it does not know, and the older name of the delay', () => {
    const before = setOf([1, 1]);
    const old = {
      ...before,
      members: before.members.map(({ secondaryDelaySecs, ...member }) => ({
        ...member,
        slaveDelay: secondaryDelaySecs,
        horizons: { a: 'b' },
      })),
    };
    const [, changed] = changeMember(old, 'db1:27017', { delaySeconds: 60 }).members;
    expect(changed).toMatchObject({ slaveDelay: 60, horizons: { a: 'b' } });
    expect(changed).not.toHaveProperty('secondaryDelaySecs');
  });

  it('gives a new member the next id', () => {
    const removed = removeMember(setOf([1, 1, 1]), 'db1:27017');
    const added = addMember(removed, 'db9:27017', plain);
    expect(added.members.map(({ _id }) => _id)).toEqual([0, 2, 3]);
    expect(settingsOf(added.members[2] ?? { _id: 0, host: '' })).toEqual(plain);
  });

  it('writes what mongosh would take', () => {
    const before = setOf([1, 1]);
    expect(reconfigureCommand(before, changeMember(before, 'db1:27017', { priority: 0 }))).toBe(
      'cfg = rs.conf(); cfg.members[1].priority = 0; rs.reconfig(cfg)',
    );
    expect(reconfigureCommand(before, removeMember(before, 'db0:27017'))).toContain('member.host !== "db0:27017"');
  });

  it.each([
    [1, 1],
    [3, 2],
    [4, 3],
    [7, 4],
  ])('of %i votes has a majority of %i', (votes, majority) => {
    expect(majorityOf(votes)).toBe(majority);
  });
});

describe('the way between two configurations', () => {
  it('is a single step for what has no effect on votes', () => {
    const before = setOf([1, 1, 1]);
    let after = changeMember(before, 'db0:27017', { priority: 5 });
    after = changeMember(after, 'db2:27017', { tags: { dc: 'east' } });
    expect(stepsBetween(before, after)).toEqual([after]);
    expect(stepsBetween(before, before)).toEqual([]);
  });

  it('never changes two votes at a time, gains before it loses, and arrives', () => {
    const before = setOf([1, 1, 1, 0, 0]);
    let after = changeMember(before, 'db0:27017', { votes: 0, priority: 0 });
    after = changeMember(after, 'db3:27017', { votes: 1, priority: 2 });
    after = changeMember(after, 'db4:27017', { votes: 1, priority: 1 });
    after = addMember(changeMember(after, 'db1:27017', { priority: 7 }), 'db5:27017', plain);
    const steps = stepsBetween(before, after);
    expect(steps).toHaveLength(5);
    for (const [at, step] of steps.entries()) {
      expect(votesChanged(steps[at - 1] ?? before, step)).toBeLessThanOrEqual(1);
      expect(votersOf(step).length).toBeGreaterThanOrEqual(3);
    }
    expect(differencesBetween(steps[steps.length - 1] ?? before, after)).toEqual([]);
  });

  it('gives a vote up first where seven would be exceeded', () => {
    const before = setOf([1, 1, 1, 1, 1, 1, 1, 0]);
    let after = changeMember(before, 'db0:27017', { votes: 0, priority: 0 });
    after = changeMember(after, 'db7:27017', { votes: 1, priority: 1 });
    const steps = stepsBetween(before, after);
    expect(steps.map((step) => votersOf(step).length)).toEqual([6, 7]);
  });
});
