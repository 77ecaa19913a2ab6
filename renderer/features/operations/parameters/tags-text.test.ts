import { describe, expect, it } from 'vitest';
import { formatTags, parseTags } from './tags-text';

describe('tags as text', () => {
  it('come back as they were written', () => {
    const tags = { dc: 'east', use: 'reporting' };
    expect(parseTags(formatTags(tags))).toEqual(tags);
  });

  it('keep colons in values and forgive spaces and a comma at the end', () => {
    expect(parseTags(' rack : r:1 ,  dc:west , ')).toEqual({ rack: 'r:1', dc: 'west' });
  });

  it('are none of an empty text', () => {
    expect(parseTags('')).toEqual({});
  });

  it('are refused without a value, without a name, and when named twice', () => {
    expect(['east', 'dc:', ': east', 'dc: east, dc: west'].map(parseTags)).toEqual([null, null, null, null]);
  });

  it('may be called like something every object has', () => {
    expect(Object.entries(parseTags('__proto__: x') ?? {})).toEqual([['__proto__', 'x']]);
  });
});
