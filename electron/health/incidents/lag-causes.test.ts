import { expect, it } from 'vitest';
import { noMetrics, type MemberSample, type SetSample } from '../../../shared/health';
import { sourceCauses } from './lag-causes';

function member(host: string, syncSource: string | null, lagSeconds: number | null, answered = true): MemberSample {
  return {
    host,
    role: 'member',
    at: 0,
    answered,
    problem: null,
    state: syncSource === null && lagSeconds === null ? 'PRIMARY' : 'SECONDARY',
    heardByOthers: null,
    syncSource,
    term: 1,
    version: null,
    uptimeSeconds: 1,
    configuration: null,
    metrics: { ...noMetrics, lagSeconds },
  };
}

function causesOf(host: string, ...members: MemberSample[]) {
  const set: SetSample = { name: 'rs', shard: null, primary: 'a:1', term: 1, members };
  const of = (name: string) => members.find((each) => each.host === name) ?? null;
  return sourceCauses({ member: of(host), set, primary: of('a:1') }).map(({ found, text }) => `${found}: ${text}`);
}

const a = member('a:1', null, null);

it('names the first of a chain that lags, and the way past it', () => {
  const [b, c, d] = [member('b:1', 'a:1', 40), member('c:1', 'b:1', 41), member('d:1', 'c:1', 42)];
  expect(causesOf('d:1', a, b, c, d)).toEqual([
    'yes: d:1 reads from c:1, which itself lags by 41 s (d:1 ← c:1 ← b:1): look at b:1 first. Meanwhile rs.syncFrom("a:1") on d:1 goes past it.',
  ]);
});

it('blames no source that has what the member lacks, and says where nothing is read from', () => {
  expect(causesOf('c:1', a, member('b:1', 'a:1', 1.2), member('c:1', 'b:1', 40))).toEqual([
    'no: c:1 reads from b:1, which does not lag.',
  ]);
  expect(causesOf('b:1', a, member('b:1', null, 40))).toEqual(['yes: b:1 has no sync source: it reads from nobody.']);
  expect(causesOf('c:1', a, member('b:1', 'a:1', 0, false), member('c:1', 'b:1', 40))).toEqual([
    'yes: c:1 reads from b:1, which does not answer.',
  ]);
});
