import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatDuration,
  formatQuantity,
  maskControlCharacters,
  stripControlCharacters,
} from './format';

describe('formatting', () => {
  it('writes sizes in binary units with three digits', () => {
    expect([0, 999, 1000, 1536, 1024 ** 2, 84 * 1024 ** 2, 1.2 * 1024 ** 3].map(formatBytes)).toEqual([
      '0 B',
      '999 B',
      '0.98 KiB',
      '1.50 KiB',
      '1.00 MiB',
      '84.0 MiB',
      '1.20 GiB',
    ]);
    expect(formatBytes(Number.NaN)).toBe('–');
  });

  it('writes durations in the unit that matters', () => {
    expect([0.42, 12, 59.7, 185, 7800, 180000].map(formatDuration)).toEqual([
      '0.4 s',
      '12 s',
      '1 min 00 s',
      '3 min 05 s',
      '2 h 10 min',
      '2 d 2 h',
    ]);
  });

  it('writes ages coarsely and counts with their noun', () => {
    const now = new Date('2026-11-20T12:00:00Z');
    expect(formatAge(new Date('2026-11-20T11:59:40Z'), now)).toBe('just now');
    expect(formatAge(new Date('2026-11-20T07:00:00Z'), now)).toBe('5 h ago');
    expect(formatQuantity(1, 'document')).toBe('1 document');
    expect(formatQuantity(1204, 'document')).toBe('1,204 documents');
  });

  it('masks control characters and direction overrides of data, keeps tab and newline', () => {
    expect(maskControlCharacters('a\tb\nc\u001b[31m\u202e')).toBe('a\tb\nc\ufffd[31m\ufffd');
  });

  it('strips control characters and terminal sequences of output, keeps tab and newline', () => {
    expect(stripControlCharacters('\u001b[31mred\u001b[0m\tx\ny\u0000\u0007\u009b1m\u001b]0;title\u0007\u202e.')).toBe(
      'red\tx\ny1m.',
    );
  });
});
