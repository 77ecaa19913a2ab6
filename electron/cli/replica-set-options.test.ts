import { describe, expect, it } from 'vitest';
import { memberChangeOf, numberOf, tagsOf } from './replica-set-options';

describe('options of replica-set', () => {
  it('reads a change of a member', () => {
    expect(
      memberChangeOf('db1:27017, priority=0, votes=1, hidden=true, delay=3600, tags.dc=west, tags.use=a=b'),
    ).toEqual({
      host: 'db1:27017',
      priority: 0,
      votes: 1,
      hidden: true,
      delaySeconds: 3600,
      tags: { dc: 'west', use: 'a=b' },
    });
    expect(memberChangeOf('db1:27017,tags=')).toEqual({ host: 'db1:27017', tags: {} });
  });

  it.each([
    'db1:27017',
    'priority=1',
    'db1:1,votes=2',
    'db1:1,hidden=yes',
    'db1:1,priority=high',
    'db1:1,name=x',
    'db1:1,=1',
  ])('refuses %s', (text) => {
    expect(() => memberChangeOf(text)).toThrow();
  });

  it('reads numbers and tags', () => {
    expect(numberOf('--seconds', '60')).toBe(60);
    expect(() => numberOf('--seconds', '')).toThrow('--seconds takes a number');
    expect(tagsOf(['a=1', 'b='])).toEqual({ a: '1', b: '' });
  });
});
