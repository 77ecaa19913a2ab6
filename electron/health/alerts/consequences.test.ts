/** Chained replication: b reads from the primary a, c reads from b. */
import { expect, it } from 'vitest';
import type { Incident } from '../../../shared/alerts';
import { noMetrics, type DeploymentSample, type MemberSample } from '../../../shared/health';
import { noFacts } from './backup-facts';
import { upstreamOf } from './consequences';
import { defaultRules } from './default-rules';
import { evaluate, type EngineState } from './engine';

function member(host: string, syncSource: string | null, lagSeconds: number | null): MemberSample {
  return {
    host,
    role: 'member',
    at: 0,
    answered: true,
    problem: null,
    state: host === 'a' ? 'PRIMARY' : 'SECONDARY',
    heardByOthers: null,
    syncSource,
    term: 1,
    version: null,
    uptimeSeconds: 1,
    configuration: null,
    metrics: { ...noMetrics, lagSeconds },
  };
}

/** Feeds a sample every five seconds and tells the notices as `second kind severity host`. */
class Chain {
  state: EngineState = { trackers: new Map(), incidents: [] };
  notices: string[] = [];
  silenced = false;
  private at = 0;
  private ids = 0;

  feed(seconds: number, lags: { b: number; c: number }, sourceOfC = 'b'): this {
    for (const end = this.at + seconds * 1000; this.at < end; this.at += 5000) {
      const members = [member('a', null, null), member('b', 'a', lags.b), member('c', sourceOfC, lags.c)];
      const sample: DeploymentSample = {
        connectionId: 'shop',
        at: this.at,
        topology: 'replica set',
        sets: [{ name: 'rs', shard: null, primary: 'a', term: 1, members }],
        singles: [],
        problem: null,
      };
      const silence = {
        id: 's',
        group: null,
        connectionId: null,
        host: 'b',
        until: 1e12,
        reason: 'x',
        by: 'ada',
        at: 0,
      };
      const observed = { sample, environment: 'production' as const, facts: noFacts };
      const { state, notices } = evaluate(this.state, defaultRules, this.silenced ? [silence] : [], observed, () =>
        String(++this.ids),
      );
      this.state = state;
      for (const { kind, incident } of notices)
        this.notices.push(`${this.at / 1000} ${kind} ${incident.severity} ${incident.host ?? ''}`);
    }
    return this;
  }
  open(): (Pick<Incident, 'host'> & { from: string | null })[] {
    const { incidents } = this.state;
    return incidents.map(({ host, followsFrom }) => ({
      host,
      from: incidents.find(({ id }) => id === followsFrom)?.host ?? null,
    }));
  }
}

it('knows whom a member gets its writes from, also where two name each other', () => {
  const set = { primary: 'a', members: [member('b', 'a', 0), member('c', 'b', 0), member('d', 'c', 0)] };
  expect(upstreamOf(set, 'd')).toEqual(['c', 'b']);
  expect(upstreamOf(set, 'b')).toEqual([]);
  expect(upstreamOf({ primary: null, members: [member('b', 'c', 0), member('c', 'b', 0)] }, 'b')).toEqual(['c']);
});

it('tells once that a member lags and another with it, and once that it is over', () => {
  const chain = new Chain().feed(60, { b: 15, c: 16 });
  expect(chain.notices).toEqual(['30 fired warning b']);
  expect(chain.open()).toEqual([
    { host: 'b', from: null },
    { host: 'c', from: 'b' },
  ]);
  // The one behind is well a little later.
  chain.feed(10, { b: 0, c: 16 }).feed(120, { b: 0, c: 0 });
  expect(chain.notices).toEqual(['30 fired warning b', '90 cleared warning b']);
  expect(chain.open()).toEqual([]);
});

it('waits for the one it reads from to fire, where that began to lag a moment later', () => {
  const chain = new Chain().feed(10, { b: 9, c: 12 }).feed(60, { b: 14, c: 17 });
  expect(chain.notices).toEqual(['40 fired warning b']);
});

it('tells of the other one, too, when it becomes graver, or lags on when its source is well', () => {
  const graver = new Chain().feed(60, { b: 15, c: 16 }).feed(60, { b: 15, c: 45 });
  expect(graver.notices).toEqual(['30 fired warning b', '90 fired high c']);
  const alone = new Chain().feed(60, { b: 15, c: 16 }).feed(60, { b: 0, c: 20 }, 'a');
  expect(alone.notices).toEqual(['30 fired warning b', '90 cleared warning b', '90 fired warning c']);
  expect(alone.open()).toEqual([{ host: 'c', from: null }]);
});

it('tells of each that lags for reasons of its own, and of one whose source is silenced', () => {
  const apart = new Chain().feed(60, { b: 15, c: 16 }, 'a');
  expect(apart.notices).toEqual(['30 fired warning b', '30 fired warning c']);
  const silenced = new Chain();
  silenced.silenced = true;
  expect(silenced.feed(60, { b: 15, c: 16 }).notices).toEqual(['30 fired warning c']);
});
