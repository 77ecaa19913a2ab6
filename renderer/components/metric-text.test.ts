import { describe, expect, it } from 'vitest';
import { formatLag, formatMetric } from './metric-text';

describe('numbers of health', () => {
  it('carry their units', () => {
    expect(formatMetric('connections', 1204)).toBe('1,204');
    expect(formatMetric('cacheUsedPercent', 42.4)).toBe('42 %');
    expect(formatMetric('cacheDirtyPercent', 3.14)).toBe('3.1 %');
    expect(formatMetric('oplogWindowHours', 31)).toBe('31 h 00 min');
    expect(formatMetric('oplogBytesPerHour', 2 ** 30)).toBe('1.00 GiB/h');
    expect(formatMetric('insertsPerSecond', 0.421)).toBe('0.42 /s');
    expect(formatMetric('readLatencyMs', 12.4)).toBe('12 ms');
    expect(formatMetric('networkInBytesPerSecond', 2048)).toBe('2.00 KiB/s');
  });

  it('are called unknown where they are', () => {
    expect(formatMetric('lagSeconds', null)).toBe('unknown');
  });

  it('tell a small lag in milliseconds', () => {
    expect(formatLag(0)).toBe('0 ms');
    expect(formatLag(0.012)).toBe('12 ms');
    expect(formatLag(0.2)).toBe('0.2 s');
    expect(formatLag(75)).toBe('1 min 15 s');
  });
});
