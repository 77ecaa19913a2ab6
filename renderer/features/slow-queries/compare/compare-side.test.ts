import { describe, expect, it } from 'vitest';
import type { Capture } from '../../../../shared/captures';
import { sideRequest, type SideDraft } from './compare-side';

const hour = 3_600_000;
const capture: Capture = {
  id: 'c1',
  title: 'mongod.log',
  source: 'log-files',
  sourceText: 'mongod.log',
  connectionId: null,
  connectionName: null,
  status: 'complete',
  jobId: 'j',
  startedAt: '2026-11-20T09:00:00Z',
  until: null,
  endedAt: null,
  from: 0,
  to: 10 * hour,
  operations: 5,
  counted: 5,
  unreadableLines: 0,
  bytes: null,
  error: null,
};

function span(patch: Partial<SideDraft>) {
  const request = sideRequest({ captureId: 'c1', piece: 'all', from: '', to: '', ...patch }, [capture]);
  return request && [request.filter.from, request.filter.to];
}

describe('a side of a comparison', () => {
  it('is a capture or a piece of it', () => {
    expect(span({})).toEqual([null, null]);
    expect(span({ piece: 'first-half' })).toEqual([null, 5 * hour]);
    expect(span({ piece: 'second-half' })).toEqual([5 * hour + 1, null]);
    expect(span({ piece: 'last-hour' })).toEqual([9 * hour, null]);
    expect(span({ piece: 'hour-before' })).toEqual([8 * hour, 9 * hour - 1]);
  });

  it('is not asked for while it is not whole', () => {
    expect(span({ captureId: null })).toBeNull();
    expect(span({ piece: 'between', from: '2026-11-20T10:00', to: '2026-11-20T09:00' })).toBeNull();
    expect(span({ piece: 'between', from: '2026-11-20T09:00', to: '' })).toBeNull();
  });
});
