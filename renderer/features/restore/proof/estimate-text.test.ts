import { describe, expect, it } from 'vitest';
import { estimateComparison, estimateParts, estimateText } from './estimate-text';

describe('what is said about time', () => {
  it('says so where there is no history', () => {
    expect(estimateText(undefined)).toMatch(/^no estimate/);
    expect(estimateText({ seconds: null, byBytes: null, byDocuments: null, restores: 0 })).toMatch(/^no estimate/);
    expect(estimateComparison(null, 1000)).toMatch(/^none/);
  });

  it('tells both ways and what the estimate rests on', () => {
    const estimate = { seconds: 12, byBytes: 12, byDocuments: 4.5, restores: 3 };
    expect(estimateText(estimate)).toBe('about 12 s, from 3 earlier restores');
    expect(estimateParts(estimate)).toBe('by documents 4.5 s, by bytes 12 s');
    expect(estimateParts({ ...estimate, byBytes: null })).toBe('');
  });

  it('compares with what it took', () => {
    expect(estimateComparison(10, 12_000)).toBe('10 s: it took 1.2 times as long');
    expect(estimateComparison(10, 4_000)).toBe('10 s: it took 0.40 times as long');
    expect(estimateComparison(10, 10_500)).toBe('10 s: as estimated');
    expect(estimateComparison(0, 500)).toBe('0.0 s');
  });
});
