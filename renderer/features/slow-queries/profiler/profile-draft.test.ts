import { describe, expect, it } from 'vitest';
import type { ProfilingStatus, TimeBox } from '../../../../shared/profiling';
import { newProfileDraft, problemsOfDraft, profilerSentence, requestOfDraft } from './profile-draft';

const box: TimeBox = {
  id: 'b1',
  connectionId: 'c',
  connectionName: 'shop',
  startedAt: '2026-11-20T09:00:00Z',
  until: new Date(2020, 0, 5, 10, 12).toISOString(),
  endedAt: null,
  status: 'open',
  slowms: 100,
  sampleRate: 1,
  databases: [
    {
      host: 'a:27017',
      database: 'shop',
      state: 'active',
      former: { level: 0, filter: null },
      set: { level: 1, filter: null },
      note: null,
    },
  ],
  leftOut: [],
};

function statusWith(patch: Partial<ProfilingStatus>): ProfilingStatus {
  return { connectionId: 'c', members: [], databases: ['shop'], boxes: [], ...patch };
}

describe('the draft of a profile', () => {
  it('asks for everything where nothing is chosen', () => {
    expect(requestOfDraft(newProfileDraft(), 'c')).toEqual({
      connectionId: 'c',
      hosts: null,
      databases: null,
      level: 1,
      slowms: 100,
      sampleRate: 1,
      filter: null,
      minutes: 10,
    });
  });

  it('names what is wrong and makes no request of it', () => {
    const wrong = { ...newProfileDraft(), slowms: '', minutes: 0, samplePercent: 0, filter: '[1]' };
    expect(Object.keys(problemsOfDraft(wrong)).sort()).toEqual(['filter', 'minutes', 'samplePercent', 'slowms']);
    expect(requestOfDraft(wrong, 'c')).toBeNull();
    expect(requestOfDraft({ ...newProfileDraft(), filter: ' {"ns":"shop.orders"} ' }, 'c')?.filter).toBe(
      '{"ns":"shop.orders"}',
    );
  });
});

describe('the sentence about the profiler', () => {
  it('names members that were left out', () => {
    const partial = { ...box, leftOut: [{ host: 'b:27017', message: 'It does not answer.' }] };
    expect(profilerSentence(statusWith({ boxes: [partial] })).text).toMatch(/≥ 100 ms\), without b:27017$/);
  });

  it('tells until when it is on, from which duration on, and what share', () => {
    expect(profilerSentence(statusWith({ boxes: [box] }))).toMatchObject({
      state: 'on',
      text: 'Profiler on until 2020-01-05 10:12 (level 1, ≥ 100 ms)',
      box: { id: 'b1' },
    });
    expect(profilerSentence(statusWith({ boxes: [{ ...box, sampleRate: 0.25 }] })).text).toContain('25 % of them');
  });

  it('says which member could not be put back', () => {
    const databases = box.databases.map((database) => ({ ...database, state: 'waiting' as const }));
    const sentence = profilerSentence(statusWith({ boxes: [{ ...box, status: 'waiting', databases }] }));
    expect(sentence).toMatchObject({ state: 'waiting' });
    expect(sentence.text).toContain('a:27017');
  });

  it('is off after a time-box that ended, and tells of a profiler that somebody else left on', () => {
    expect(profilerSentence(statusWith({ boxes: [{ ...box, endedAt: box.until, status: 'restored' }] })).state).toBe(
      'off',
    );
    const members: ProfilingStatus['members'] = [
      {
        host: 'a:27017',
        state: 'PRIMARY',
        process: { slowms: 100, sampleRate: 1 },
        databases: [{ name: 'shop', level: 2, filter: null, collection: null, boxId: null, until: null }],
        error: null,
      },
    ];
    expect(profilerSentence(statusWith({ members }))).toMatchObject({ state: 'on', box: null });
  });
});
