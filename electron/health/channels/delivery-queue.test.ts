import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../shared/result';
import { noDeliveries, type DeliveriesFile, type StoredDelivery } from './delivery-file';
import {
  claimDue,
  discard,
  enqueue,
  forgetChannel,
  nextDueAt,
  revive,
  settle,
  unclaim,
  type Claim,
  type Outcome,
} from './delivery-queue';
import { pauseAfter, usualRetries, type RetryPolicy } from './retry-policy';
import { channelOf, incidentOf, noticeOf } from './test-support/notices';
import type { RoutedNotice } from './routing';

const webhook = channelOf('hook', { kind: 'webhook', caFile: null });
const policy: RetryPolicy = { ...usualRetries, tries: 3 };
const problem: AppError = { code: 'unreachable', message: 'Nobody is there.' };
const failed: Outcome = { error: problem, permanent: false, retryAfterMs: null, answer: null };
const refused: Outcome = { error: problem, permanent: true, retryAfterMs: null, answer: '404 Not Found' };
const taken: Outcome = { answer: '200 OK' };

/** A queue whose clock and senders the test moves by hand. */
class Queue {
  file: DeliveriesFile = noDeliveries;
  now = 1_000_000;
  dead = false;
  private number = 0;
  constructor(readonly channels = [webhook]) {}

  tell(...notices: RoutedNotice[]): this {
    this.file = enqueue(this.file, notices, this.channels, this.now, () => `d${++this.number}`);
    return this;
  }
  claim(): Claim {
    return { token: 't', identity: { pid: 1, startedAt: '' }, hostname: 'here', until: this.now + 50_000 };
  }
  take(): StoredDelivery[] {
    const { channels, now } = this;
    const options = { channels, policy, now, claim: this.claim(), isDead: () => this.dead, most: 4 };
    const { file, claimed } = claimDue(this.file, options);
    this.file = file;
    return claimed;
  }
  settle(sent: StoredDelivery | undefined, outcome: Outcome): this {
    if (!sent) throw new Error('Nothing was taken.');
    this.file = settle(this.file, sent, outcome, {
      policy,
      now: this.now,
      random: 0.5,
      keepsDead: sent.channelId !== 'desktop',
    });
    return this;
  }
  /** Sends all that is due, each with the same outcome; tells `kind severity` of each. */
  send(outcome: Outcome): string[] {
    const sent: string[] = [];
    for (let taking = this.take(); taking.length > 0; taking = this.take())
      for (const each of taking) {
        sent.push(`${each.kind} ${each.incident.id} ${each.incident.severity}`);
        this.settle(each, outcome);
      }
    return sent;
  }
}

const down = incidentOf('down');
const lag = incidentOf('lag', { severity: 'warning' });
const graverLag = incidentOf('lag', { severity: 'critical' });

describe('the queue of messages', () => {
  it('tells an incident once when it fires, once when it becomes graver, once at its end', () => {
    const queue = new Queue().tell(noticeOf('fired', lag));
    expect(queue.send(taken)).toEqual(['fired lag warning']);
    expect(queue.tell(noticeOf('fired', lag)).send(taken)).toEqual([]);
    expect(queue.tell(noticeOf('escalated', graverLag)).send(taken)).toEqual(['escalated lag critical']);
    expect(queue.tell(noticeOf('cleared', graverLag)).send(taken)).toEqual(['cleared lag critical']);
    expect(queue.file).toMatchObject({ deliveries: [], told: [] });
  });

  it('routes by severity, connection and environment; what becomes grave enough later fires there then', () => {
    const settings = webhook.settings;
    const queue = new Queue([
      channelOf('critical', settings, { leastSeverity: 'critical' }),
      channelOf('other', settings, { connectionIds: ['other'] }),
      channelOf('staging', settings, { environments: ['staging'] }),
      channelOf('off', settings, { enabled: false }),
      channelOf('shop', settings, { connectionIds: ['shop'], environments: ['production'] }),
    ]);
    const targets = () => queue.file.deliveries.map(({ channelId, kind }) => `${kind} ${channelId}`);
    queue.tell(noticeOf('fired', lag));
    expect(targets()).toEqual(['fired shop']);
    queue.send(taken);
    queue.tell(noticeOf('escalated', graverLag));
    expect(targets()).toEqual(['fired critical', 'escalated shop']);
    queue.send(taken);
    // Calmer when it ends than it was told as: its end goes where its beginning went.
    queue.tell(noticeOf('cleared', { ...graverLag, severity: 'warning' }));
    expect(targets()).toEqual(['cleared critical', 'cleared shop']);
  });

  it('tells no end where none is wanted, and none of what was never told', () => {
    const queue = new Queue([{ ...webhook, sendRecovery: false }]).tell(noticeOf('fired', down));
    queue.send(taken);
    expect(queue.tell(noticeOf('cleared', down)).send(taken)).toEqual([]);
    expect(new Queue().tell(noticeOf('cleared', down)).send(taken)).toEqual([]);
  });

  it('never takes the end before the beginning has arrived', () => {
    const queue = new Queue().tell(noticeOf('fired', down));
    const [first] = queue.take();
    queue.tell(noticeOf('cleared', down));
    expect(queue.take()).toEqual([]);
    queue.settle(first, taken);
    expect(queue.send(taken)).toEqual(['cleared down critical']);
  });

  it('folds what was over before it could be told into one message', () => {
    const queue = new Queue().tell(noticeOf('fired', lag));
    expect(queue.send(failed)).toEqual(['fired lag warning']);
    queue.tell(noticeOf('escalated', graverLag), noticeOf('cleared', graverLag));
    queue.now += 60_000;
    expect(queue.send(taken)).toEqual(['passed lag critical']);
    expect(queue.file).toMatchObject({ deliveries: [], told: [] });
  });

  it('pages nobody for what is over, and ends what may have arrived', () => {
    const pager = channelOf('pager', {
      kind: 'pagerduty',
      endpoint: 'https://events.pagerduty.com/v2/enqueue',
      caFile: null,
    });
    const never = new Queue([pager]).tell(noticeOf('fired', down), noticeOf('cleared', down));
    expect(never.send(taken)).toEqual([]);
    expect(never.file).toMatchObject({ deliveries: [], told: [] });
    const perhaps = new Queue([pager]).tell(noticeOf('fired', down));
    perhaps.send(failed);
    perhaps.tell(noticeOf('cleared', down));
    perhaps.now += 60_000;
    expect(perhaps.send(taken)).toEqual(['cleared down critical']);
  });

  it('acknowledges what was told, after it was told, and not what is over', () => {
    const mail = channelOf('mail', { kind: 'slack', caFile: null });
    const mine = { ...down, acknowledged: { at: 1, by: 'ada', note: '' } };
    const queue = new Queue([webhook, mail]).tell(noticeOf('acknowledged', mine));
    expect(queue.send(taken)).toEqual([]);
    queue.tell(noticeOf('fired', down), noticeOf('acknowledged', mine));
    expect(queue.send(failed)).toEqual(['fired down critical', 'fired down critical']);
    queue.now += 60_000;
    // People read that it fired; only what keeps its state is told that somebody has it.
    expect(queue.send(taken)).toEqual(['fired down critical', 'fired down critical', 'acknowledged down critical']);
    expect(queue.tell(noticeOf('cleared', mine)).send(taken)).toEqual([
      'cleared down critical',
      'cleared down critical',
    ]);
    queue.tell(noticeOf('fired', down));
    queue.send(taken);
    queue.tell(noticeOf('acknowledged', mine), noticeOf('cleared', mine));
    expect(queue.send(taken)).toEqual(['cleared down critical', 'cleared down critical']);
    expect(queue.file).toMatchObject({ deliveries: [], told: [] });
  });

  it('tells what becomes graver after it was acknowledged after that', () => {
    const queue = new Queue().tell(noticeOf('fired', lag));
    queue.send(taken);
    queue.tell(noticeOf('acknowledged', lag), noticeOf('escalated', graverLag));
    expect(queue.send(taken)).toEqual(['acknowledged lag warning', 'escalated lag critical']);
  });

  it('tries again after growing pauses, gives up after the last try, and can be asked to try again', () => {
    const queue = new Queue().tell(noticeOf('fired', down));
    const tries: number[] = [];
    for (let look = 0; look < 60; look++) {
      if (queue.send(failed).length > 0) tries.push(queue.now);
      queue.now += 1000;
    }
    expect(tries.slice(1).map((at, index) => at - (tries[index] ?? 0))).toEqual([5000, 10_000]);
    expect(queue.file.deliveries).toMatchObject([{ tries: 3, error: problem, diedAt: tries[2] }]);
    expect(nextDueAt(queue.file, queue.channels, queue.now)).toBeNull();
    queue.file = revive(queue.file, ['d1'], queue.now);
    expect(queue.send(taken)).toEqual(['fired down critical']);
    expect(queue.tell(noticeOf('cleared', down)).send(taken)).toEqual(['cleared down critical']);
  });

  it('gives up at once what is refused for good; the end takes its place', () => {
    const queue = new Queue().tell(noticeOf('fired', down));
    queue.send(refused);
    expect(queue.file.deliveries).toMatchObject([{ tries: 1, diedAt: queue.now }]);
    expect(queue.file.last).toMatchObject([{ channelId: 'hook', answer: '404 Not Found', error: problem }]);
    expect(queue.tell(noticeOf('cleared', down)).send(taken)).toEqual(['passed down critical']);
    expect(queue.file.deliveries).toEqual([]);
  });

  it('tries an end again as an end, and forgets it when it is discarded', () => {
    const queue = new Queue().tell(noticeOf('fired', down));
    queue.send(taken);
    queue.tell(noticeOf('cleared', down)).send(refused);
    queue.file = revive(queue.file, ['d2'], queue.now);
    expect(queue.send(refused)).toEqual(['cleared down critical']);
    queue.file = discard(queue.file, ['d2']);
    expect(queue.file).toMatchObject({ deliveries: [], told: [] });
  });

  it('waits as long as a service asks, with everything that is for it', () => {
    const queue = new Queue().tell(noticeOf('fired', down), noticeOf('fired', lag));
    const [first] = queue.take();
    queue.settle(first, { ...failed, retryAfterMs: 120_000 });
    expect(queue.take()).toEqual([]);
    expect(nextDueAt(queue.file, queue.channels, queue.now)).toBe(queue.now + 120_000);
    queue.now += 120_000;
    expect(queue.send(taken)).toEqual(['fired down critical', 'fired lag warning']);
  });

  it('leaves alone what somebody alive is sending, and takes over from the dead and the late', () => {
    const queue = new Queue().tell(noticeOf('fired', down));
    expect(queue.take()).toHaveLength(1);
    expect(queue.take()).toEqual([]);
    queue.dead = true;
    expect(queue.take()).toHaveLength(1);
    queue.dead = false;
    queue.now += 50_001;
    expect(queue.take()).toMatchObject([{ kind: 'fired' }]);
    queue.file = unclaim(queue.file, ['d1']);
    expect(queue.take()).toHaveLength(1);
  });

  it('sends one message a channel and four in all at a time', () => {
    const channels = ['a', 'b', 'c', 'd', 'e'].map((id) => channelOf(id, webhook.settings));
    const queue = new Queue(channels).tell(noticeOf('fired', down), noticeOf('fired', lag));
    expect(queue.take().map(({ channelId }) => channelId)).toEqual(['a', 'b', 'c', 'd']);
    expect(queue.take()).toEqual([]);
  });

  it('gives up what could not be tried for a day, and drops stale notifications of the desktop', () => {
    const desktop = channelOf('desktop', { kind: 'desktop' });
    const queue = new Queue([webhook, desktop]).tell(noticeOf('fired', down));
    queue.now += 3_600_000;
    expect(queue.take().map(({ channelId }) => channelId)).toEqual(['hook']);
    queue.file = unclaim(queue.file, ['d1']);
    expect(queue.file.deliveries).toHaveLength(1);
    queue.now += 86_400_000;
    expect(queue.take()).toEqual([]);
    expect(queue.file.deliveries).toMatchObject([{ diedAt: queue.now, error: { code: 'timeout' } }]);
  });

  it('keeps no notification of the desktop that was not shown', () => {
    const queue = new Queue([channelOf('desktop', { kind: 'desktop' })]).tell(noticeOf('fired', down));
    expect(queue.send(refused)).toEqual(['fired down critical']);
    expect(queue.file).toMatchObject({ deliveries: [], last: [{ error: problem }] });
    expect(queue.tell(noticeOf('cleared', down)).send(refused)).toEqual(['passed down critical']);
    expect(queue.file).toMatchObject({ deliveries: [], told: [] });
  });

  it('forgets what waits for a channel that is switched off or removed', () => {
    const queue = new Queue().tell(noticeOf('fired', down), noticeOf('fired', lag));
    const [first] = queue.take();
    queue.settle(first, refused);
    const off = forgetChannel(queue.file, 'hook', false);
    expect(off).toMatchObject({ told: [], deliveries: [{ diedAt: queue.now }] });
    expect(forgetChannel(queue.file, 'hook', true)).toMatchObject({ told: [], deliveries: [], last: [] });
  });
});

describe('pauses between tries', () => {
  it('double up to half an hour, spread by a quarter to both sides', () => {
    const pauses = Array.from({ length: 11 }, (_, tried) => pauseAfter(tried + 1, usualRetries, 0.5));
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800].map((seconds) => seconds * 1000));
    expect(pauseAfter(1, usualRetries, 0)).toBe(3750);
    expect(pauseAfter(1, usualRetries, 1)).toBe(6250);
  });
});
