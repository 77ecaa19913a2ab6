import { expect, it } from 'vitest';
import { noMetrics, type DeploymentSample, type MemberSample } from '../../../shared/health';
import { EventWatch } from './sample-events';

function member(host: string, at: number, answered: boolean): MemberSample {
  return {
    host,
    role: 'member',
    at,
    answered,
    problem: answered ? null : { code: 'timeout', message: 'no answer within 2 s' },
    state: answered ? 'SECONDARY' : 'DOWN',
    heardByOthers: null,
    syncSource: null,
    term: 1,
    version: null,
    uptimeSeconds: null,
    configuration: null,
    metrics: noMetrics,
  };
}

function sample(at: number, answering: readonly boolean[], primary: string | null): DeploymentSample {
  const members = answering.map((answers, index) => member(`m${index}:1`, at, answers));
  const sets = [{ name: 'rs0', shard: null, primary, term: 1, members }];
  return { connectionId: 'c', at, topology: 'replica set', sets, singles: [], problem: null };
}

it('tells of the first sample what is wrong already, once, and when it is over', () => {
  const watch = new EventWatch();
  const kinds = (found: DeploymentSample) => watch.look(found).map(({ kind, host }) => [kind, host]);
  expect(kinds(sample(1000, [true, false], null))).toEqual([
    ['no-primary', null],
    ['stopped-answering', 'm1:1'],
  ]);
  expect(kinds(sample(2000, [true, false], null))).toEqual([]);
  expect(kinds(sample(3000, [true, true], 'm0:1'))).toEqual([
    ['election', 'm0:1'],
    ['answers-again', 'm1:1'],
  ]);
});

it('has nothing to tell of a set that is well', () => {
  expect(new EventWatch().look(sample(1000, [true, true], 'm0:1'))).toEqual([]);
});
