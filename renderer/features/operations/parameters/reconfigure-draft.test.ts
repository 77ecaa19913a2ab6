import { describe, expect, it } from 'vitest';
import type { ConfiguredMember } from '../../../../shared/deployment-health';
import { changesOf, describeChanges, draftOf, problemsOf, type MemberDraft } from './reconfigure-draft';

const member = (host: string, patch: Partial<ConfiguredMember> = {}): ConfiguredMember => ({
  id: 0,
  host,
  priority: 1,
  votes: 1,
  hidden: false,
  arbiterOnly: false,
  buildIndexes: true,
  delaySeconds: 0,
  tags: {},
  ...patch,
});

const members = [member('a:1'), member('b:1', { tags: { dc: 'east' } })];
const edit = (patch: Partial<MemberDraft>): MemberDraft[] =>
  members.map((each) => ({ ...draftOf(each), ...(each.host === 'b:1' ? patch : {}) }));

describe('editing the members of a set', () => {
  it('changes nothing as long as nothing is edited', () => {
    expect(changesOf(members, edit({}))).toEqual([]);
  });

  it('names only what is different, by member', () => {
    expect(changesOf(members, edit({ priority: 2.5, votes: false }))).toEqual([
      { host: 'b:1', priority: 2.5, votes: 0 },
    ]);
  });

  it('takes tags as different only when they say something else', () => {
    expect(changesOf(members, edit({ tags: ' dc:east,' }))).toEqual([]);
    expect(changesOf(members, edit({ tags: '' }))).toEqual([{ host: 'b:1', tags: {} }]);
  });

  it('waits while a number or the tags are not valid', () => {
    expect(changesOf(members, edit({ priority: '' }))).toBeNull();
    const [, invalid] = edit({ priority: 1001, delaySeconds: 1.5, tags: 'east' });
    expect(invalid && Object.keys(problemsOf(invalid))).toEqual(['priority', 'delaySeconds', 'tags']);
  });

  it('shows each change by its path with both values', () => {
    const changes = changesOf(members, edit({ priority: 0, hidden: true, tags: 'dc: west, use: reporting' })) ?? [];
    expect(describeChanges(members, changes)).toEqual([
      { path: 'members[1].priority', before: '1', after: '0' },
      { path: 'members[1].hidden', before: 'false', after: 'true' },
      { path: 'members[1].tags.dc', before: '"east"', after: '"west"' },
      { path: 'members[1].tags.use', before: null, after: '"reporting"' },
    ]);
  });
});
