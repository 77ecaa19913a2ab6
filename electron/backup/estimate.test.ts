import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../shared/backups';
import { makeEstimate, rateOf, type EstimateInput } from './estimate';

function past(bytes: number, uncompressedBytes: number, seconds: number): Manifest {
  const createdAt = '2026-11-20T00:00:00.000Z';
  const completedAt = new Date(Date.parse(createdAt) + seconds * 1000).toISOString();
  // Only what an estimate reads.
  return { createdAt, completedAt, file: { bytes, uncompressedBytes } } as Manifest;
}

const input: EstimateInput = {
  documents: 100,
  bytes: 4000,
  history: [],
  freeBytes: 3000,
  storePath: '/store',
  commands: ['mongodump --archive'],
  memberReadFrom: 'h:1',
  oplog: false,
  problems: [],
};

describe('an estimate', () => {
  it('invents nothing without history', () => {
    expect(makeEstimate({ ...input, freeBytes: 9000 })).toMatchObject({
      compressedBytes: null,
      seconds: null,
      problems: [],
    });
    expect(makeEstimate(input).problems).toMatchObject([{ severity: 'warning' }]);
    expect(makeEstimate({ ...input, bytes: null })).toMatchObject({ compressedBytes: null, problems: [] });
  });

  it('goes by the median of past runs', () => {
    const history = [past(25, 100, 1), past(50, 100, 2), past(90, 100, 4)];
    expect(rateOf(history)).toEqual({ compression: 0.5, bytesPerSecond: 50 });
    expect(makeEstimate({ ...input, history })).toMatchObject({ compressedBytes: 2000, seconds: 80, problems: [] });
    expect(makeEstimate({ ...input, history, freeBytes: 1500 }).problems).toMatchObject([{ severity: 'error' }]);
  });
});
