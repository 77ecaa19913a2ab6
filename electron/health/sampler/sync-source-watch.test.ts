import { expect, it } from 'vitest';
import { noMetrics, type MemberSample, type SetSample } from '../../../shared/health';
import { SyncSourceWatch } from './sync-source-watch';

type Given = Partial<Pick<MemberSample, 'state' | 'answered' | 'syncSource'>> & { lag?: number };

function set(members: Record<string, Given>): SetSample {
  return {
    name: 'rs0',
    shard: null,
    primary: 'a:1',
    term: 1,
    members: Object.entries(members).map(([host, { lag = 0, ...given }]) => ({
      host,
      role: 'member',
      at: 0,
      answered: true,
      problem: null,
      state: 'SECONDARY',
      heardByOthers: null,
      syncSource: null,
      term: 1,
      version: null,
      uptimeSeconds: null,
      configuration: null,
      metrics: { ...noMetrics, lagSeconds: lag },
      ...given,
    })),
  };
}

const a: Given = { state: 'PRIMARY' };

it('tells from whom a member replicates now, and what its former source is', () => {
  const watch = new SyncSourceWatch();
  const texts = (sample: SetSample) => watch.look(sample, 5).map(({ host, text }) => [host, text]);
  expect(texts(set({ 'a:1': a, 'b:1': { syncSource: 'a:1' }, 'c:1': { syncSource: 'a:1' } }))).toEqual([]);
  expect(texts(set({ 'a:1': a, 'b:1': { syncSource: 'a:1', lag: 41 }, 'c:1': { syncSource: 'b:1' } }))).toEqual([
    ['c:1', 'c:1 now replicates from b:1 (SECONDARY, 41 s behind); before from a:1 (now PRIMARY)'],
  ]);
  expect(texts(set({ 'a:1': a, 'b:1': { answered: false, state: 'DOWN' }, 'c:1': { syncSource: 'a:1' } }))).toEqual([
    ['c:1', 'c:1 now replicates from a:1 (PRIMARY); before from b:1 (now not answering)'],
  ]);
  // While it does not answer nothing is known of it; afterwards it is as before.
  expect(texts(set({ 'a:1': a, 'b:1': { syncSource: 'a:1' }, 'c:1': { syncSource: 'a:1' } }))).toEqual([]);
});

it('tells of a member that reads from nobody once, not of the moment of an election', () => {
  const watch = new SyncSourceWatch();
  const texts = (b: Given) => watch.look(set({ 'a:1': a, 'b:1': b }), 5).map(({ text }) => text);
  const [reading, alone] = [{ syncSource: 'a:1' }, { syncSource: null }];
  expect([reading, alone, reading].flatMap(texts)).toEqual([]);
  expect([alone, alone, alone, reading, reading].flatMap(texts)).toEqual([
    'b:1 replicates from nobody; before from a:1 (now PRIMARY)',
    'b:1 replicates from a:1 again',
  ]);
});

it('leaves a former primary that begins to replicate to the election', () => {
  const watch = new SyncSourceWatch();
  const look = (b: Given) => watch.look(set({ 'b:1': b }), 5);
  expect([{ syncSource: 'a:1' }, { state: 'PRIMARY' as const }, { syncSource: 'c:1' }].flatMap(look)).toEqual([]);
});
