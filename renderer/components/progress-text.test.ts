import { describe, expect, it } from 'vitest';
import type { Progress } from '../../shared/jobs';
import { fractionOf, progressText } from './progress-text';

const unknown: Progress = {
  phase: 'Dumping',
  bytesDone: 0,
  bytesTotal: null,
  documentsDone: 0,
  documentsTotal: null,
  bytesPerSecond: null,
  documentsPerSecond: null,
  secondsLeft: null,
};

describe('progress', () => {
  it('invents no percentage and no numbers', () => {
    expect(fractionOf(unknown)).toBeNull();
    expect(progressText(unknown)).toBe('');
  });

  it('prefers bytes and never passes one', () => {
    expect(fractionOf({ ...unknown, bytesDone: 30, bytesTotal: 20, documentsDone: 1, documentsTotal: 10 })).toBe(1);
    expect(fractionOf({ ...unknown, documentsDone: 1, documentsTotal: 4 })).toBe(0.25);
  });

  it('says what is done, how fast, and what is left', () => {
    expect(
      progressText({
        ...unknown,
        bytesDone: 1024 * 1024,
        bytesTotal: 2 * 1024 * 1024,
        documentsDone: 1200,
        bytesPerSecond: 1024 * 1024,
        secondsLeft: 12,
      }),
    ).toBe('1.00 MiB of 2.00 MiB · 1,200 documents · 1.00 MiB/s · 12 s left');
  });
});
