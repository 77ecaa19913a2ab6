/**
 * The queue of messages as pure changes of its file: what is queued, folded, taken for sending, settled. Messages of one
 * incident to one channel keep their order; what could not be told meanwhile is told as one message.
 */
import type { Channel, ChannelKind, DeliveryKind } from '../../../shared/channels';
import type { AppError } from '../../../shared/result';
import type { DeliveriesFile, StoredDelivery } from './delivery-file';
import { pauseAfter, type RetryPolicy } from './retry-policy';
import { isRoutedTo, type RoutedNotice } from './routing';

/** Given-up messages kept for the window. */
const mostDead = 200;
const mostTold = 5000;
/** Milliseconds after which a notification on the desktop tells nothing new. */
const desktopMs = 600_000;

export type Claim = NonNullable<StoredDelivery['claim']>;
type Told = DeliveriesFile['told'][number];

const isOf =
  ({ channelId, incident }: Pick<StoredDelivery, 'channelId' | 'incident'>) =>
  (told: Told): boolean =>
    told.channelId === channelId && told.incidentId === incident.id;
const isSameTalk = (a: StoredDelivery, b: StoredDelivery): boolean =>
  a.channelId === b.channelId && a.incident.id === b.incident.id;
const isWaiting = ({ diedAt }: StoredDelivery): boolean => diedAt === null;
const isAcknowledgement = ({ kind }: StoredDelivery): boolean => kind === 'acknowledged';
/** People are told of an incident; that somebody has it matters to what keeps its state. */
const takesAcknowledgements: ReadonlySet<ChannelKind> = new Set(['pagerduty', 'webhook']);
const endsTalk = ({ kind }: StoredDelivery): boolean => kind === 'cleared' || kind === 'passed';

/** Queues what the notices mean to each channel: one message when its incident fires, one when it becomes graver, one at its end. */
export function enqueue(
  file: DeliveriesFile,
  notices: readonly RoutedNotice[],
  channels: readonly Channel[],
  now: number,
  makeId: () => string,
): DeliveriesFile {
  const deliveries = [...file.deliveries];
  const told = [...file.told];
  for (const { kind, incident, connectionName, environment } of notices) {
    for (const channel of channels) {
      const known = told.find(isOf({ channelId: channel.id, incident }));
      const push = (as: DeliveryKind): void => {
        deliveries.push({
          id: makeId(),
          channelId: channel.id,
          kind: as,
          incident,
          connectionName,
          environment,
          queuedAt: now,
          tries: 0,
          nextTryAt: now,
          error: null,
          diedAt: null,
          claim: null,
        });
      };
      if (kind === 'cleared') {
        if (known && channel.enabled) push('cleared');
      } else if (kind === 'acknowledged') {
        if (known && channel.enabled && takesAcknowledgements.has(channel.settings.kind)) push('acknowledged');
      } else if (!known && isRoutedTo(channel, { incident, environment })) {
        told.push({ channelId: channel.id, incidentId: incident.id, at: now, delivered: false });
        push('fired');
      } else if (known && kind === 'escalated' && channel.enabled) push('escalated');
    }
  }
  return { ...file, deliveries, told: told.slice(-mostTold) };
}

export interface ClaimOptions {
  /** Those this process can use now. */
  channels: readonly Channel[];
  policy: RetryPolicy;
  now: number;
  claim: Claim;
  isDead: (claim: Claim) => boolean;
  /** At the same time, over all channels. */
  most: number;
}

/**
 * Of one incident and channel: what is sent next, and what stays behind it. An acknowledgement is a message of its own, never in
 * place of what it acknowledges; what is over needs none.
 */
function nextOf(talk: readonly StoredDelivery[]): {
  folded: readonly StoredDelivery[];
  kept: readonly StoredDelivery[];
} {
  if (talk.some(endsTalk)) return { folded: talk, kept: [] };
  const first = talk.find(isWaiting);
  if (first && isAcknowledgement(first)) return { folded: [first], kept: talk.filter((each) => each !== first) };
  return { folded: talk.filter((each) => !isAcknowledgement(each)), kept: talk.filter(isAcknowledgement) };
}

interface Fold {
  /** What is to be sent; null: nothing has to be said any more. */
  message: StoredDelivery | null;
  /** Ends the talk: nothing follows. */
  isOver: boolean;
}

/** All that waits of one incident for one channel as the one message that is true now. */
function fold(
  talk: readonly StoredDelivery[],
  delivered: boolean,
  kind: ChannelKind,
  sendRecovery: boolean,
): Fold | null {
  const first = talk.find(isWaiting);
  // Given-up ones count: they hold what is newest where an older one is tried again.
  const newest = talk[talk.length - 1];
  if (!first || !newest) return null;
  // A new message of an incident whose former one was refused for good has a fresh start.
  const { tries, nextTryAt, error } = first;
  const as = (deliveryKind: DeliveryKind): StoredDelivery => ({
    ...newest,
    kind: deliveryKind,
    tries,
    nextTryAt,
    error,
    diedAt: null,
  });
  if (newest.kind === 'acknowledged') return { message: as('acknowledged'), isOver: false };
  if (newest.kind === 'fired' || newest.kind === 'escalated')
    return { message: as(delivered ? 'escalated' : 'fired'), isOver: false };
  if (delivered) return { message: sendRecovery ? as('cleared') : null, isOver: true };
  // Nobody is paged for what is over. What may have arrived without an answer is ended there, which is harmless otherwise.
  const wasTried = talk.some((each) => each.tries > 0);
  if (kind === 'pagerduty') return { message: sendRecovery && wasTried ? as('cleared') : null, isOver: true };
  return { message: as('passed'), isOver: true };
}

/**
 * Takes what is due for sending, at most one message a channel, and folds what waits for the same. Nothing is taken that
 * somebody alive is sending, nor anything that has to come after it.
 */
export function claimDue(
  file: DeliveriesFile,
  options: ClaimOptions,
): { file: DeliveriesFile; claimed: StoredDelivery[] } {
  const { channels, policy, now, claim, isDead, most } = options;
  const claimed: StoredDelivery[] = [];
  let { deliveries, told } = expire(file, channels, policy, now);
  const isHeld = ({ claim: held }: StoredDelivery): boolean => held !== null && held.until > now && !isDead(held);
  let underWay = deliveries.filter(isHeld).length;
  for (const channel of channels) {
    const own = deliveries.filter(({ channelId }) => channelId === channel.id);
    if (!channel.enabled || own.some(isHeld)) continue;
    const talks = own.filter(
      (each, index) =>
        isWaiting(each) && own.findIndex((other) => isWaiting(other) && isSameTalk(each, other)) === index,
    );
    for (const begin of talks) {
      if (underWay >= most) break;
      if (begin.nextTryAt > now) continue;
      const talk = own.filter((each) => isSameTalk(each, begin));
      const delivered = told.find(isOf(begin))?.delivered ?? false;
      const { folded: together, kept } = nextOf(talk);
      const folded = fold(together, delivered, channel.settings.kind, channel.sendRecovery);
      if (!folded) continue;
      const { message } = folded;
      const taken = message && { ...message, claim };
      deliveries = deliveries.flatMap((each) => {
        if (!isSameTalk(each, begin)) return [each];
        if (kept.includes(each)) return [each];
        return taken && each.id === taken.id ? [taken] : [];
      });
      if (!taken) {
        told = told.filter((each) => !isOf(begin)(each));
        continue;
      }
      claimed.push(taken);
      underWay++;
      break;
    }
  }
  return { file: { ...file, deliveries, told }, claimed };
}

/** Gives up what waited too long, and drops what nobody can miss. */
function expire(file: DeliveriesFile, channels: readonly Channel[], policy: RetryPolicy, now: number): DeliveriesFile {
  const kindOf = new Map(channels.map(({ id, settings }) => [id, settings.kind]));
  const deliveries = file.deliveries.flatMap((each): StoredDelivery[] => {
    if (!isWaiting(each) || each.claim) return [each];
    const age = now - each.queuedAt;
    if (kindOf.get(each.channelId) === 'desktop' && age > desktopMs) return [];
    if (age <= policy.longestWaitMs) return [each];
    const hours = Math.round(policy.longestWaitMs / 3_600_000);
    const error: AppError = each.error ?? {
      code: 'timeout',
      message: `It waited for ${hours} h without being tried.`,
      hint: 'Look whether the channel can be used where alerts are watched.',
    };
    return [{ ...each, error, diedAt: now }];
  });
  return { ...file, deliveries };
}

export type Outcome =
  { answer: string } | { error: AppError; permanent: boolean; retryAfterMs: number | null; answer: string | null };

export interface SettleOptions {
  policy: RetryPolicy;
  now: number;
  /** 0 to 1. */
  random: number;
  /** Whether what is given up is worth trying again; a notification on the desktop is not. */
  keepsDead: boolean;
}

/** What became of a claimed message. A message that was discarded meanwhile changes nothing but what was last. */
export function settle(
  file: DeliveriesFile,
  sent: StoredDelivery,
  outcome: Outcome,
  { policy, now, random, keepsDead }: SettleOptions,
): DeliveriesFile {
  const { channelId } = sent;
  const error = 'error' in outcome ? outcome.error : null;
  const last = [
    ...file.last.filter((each) => each.channelId !== channelId),
    { channelId, at: now, answer: outcome.answer, error },
  ];
  const isDead = 'error' in outcome && (outcome.permanent || sent.tries + 1 >= policy.tries);
  if (!('error' in outcome) || (isDead && !keepsDead)) {
    const deliveries = file.deliveries.filter(({ id }) => id !== sent.id);
    const told = endsTalk(sent)
      ? file.told.filter((each) => !isOf(sent)(each))
      : file.told.map((each) => (isOf(sent)(each) ? { ...each, delivered: each.delivered || !isDead } : each));
    return { ...file, deliveries, told, last };
  }
  const tries = sent.tries + 1;
  const notBefore = now + (outcome.retryAfterMs ?? 0);
  const nextTryAt = Math.max(now + pauseAfter(tries, policy, random), notBefore);
  const deliveries = file.deliveries.map((each): StoredDelivery => {
    if (each.id === sent.id)
      return { ...each, claim: null, tries, error: outcome.error, nextTryAt, diedAt: isDead ? now : null };
    // A service that asks to wait means all that is sent to it.
    const waits = outcome.retryAfterMs !== null && each.channelId === channelId && isWaiting(each);
    return waits ? { ...each, nextTryAt: Math.max(each.nextTryAt, notBefore) } : each;
  });
  return { ...file, deliveries: withoutOldestDead(deliveries), last };
}

function withoutOldestDead(deliveries: readonly StoredDelivery[]): StoredDelivery[] {
  let surplus = deliveries.filter((each) => !isWaiting(each)).length - mostDead;
  return deliveries.filter((each) => isWaiting(each) || surplus-- <= 0);
}

/** A claim that is given back untried: the sender ends. */
export function unclaim(file: DeliveriesFile, ids: readonly string[]): DeliveriesFile {
  return {
    ...file,
    deliveries: file.deliveries.map((each) => (ids.includes(each.id) ? { ...each, claim: null } : each)),
  };
}

/** Given-up messages from their beginning; what waits is tried at once. */
export function revive(file: DeliveriesFile, ids: readonly string[], now: number): DeliveriesFile {
  return {
    ...file,
    deliveries: file.deliveries.map((each) =>
      ids.includes(each.id) && !each.claim
        ? { ...each, diedAt: null, tries: 0, nextTryAt: now, queuedAt: isWaiting(each) ? each.queuedAt : now }
        : each,
    ),
  };
}

export function discard(file: DeliveriesFile, ids: readonly string[]): DeliveriesFile {
  const ended = file.deliveries.filter((each) => ids.includes(each.id) && endsTalk(each));
  return {
    ...file,
    deliveries: file.deliveries.filter(({ id }) => !ids.includes(id)),
    told: file.told.filter((told) => !ended.some((each) => isOf(each)(told))),
  };
}

/** Forgets what waits for a channel; with `all` also what was given up. */
export function forgetChannel(file: DeliveriesFile, channelId: string, all: boolean): DeliveriesFile {
  const isOther = (each: { channelId: string }): boolean => each.channelId !== channelId;
  return {
    ...file,
    deliveries: file.deliveries.filter((each) => isOther(each) || (!all && !isWaiting(each))),
    told: file.told.filter(isOther),
    last: all ? file.last.filter(isOther) : file.last,
  };
}

/** When something can be done next, in milliseconds since 1970; null: nothing waits. */
export function nextDueAt(file: DeliveriesFile, channels: readonly Channel[], now: number): number | null {
  const times = channels.flatMap(({ id, enabled }) => {
    const waiting = file.deliveries.filter((each) => enabled && each.channelId === id && isWaiting(each));
    const held = waiting.find(({ claim }) => claim !== null && claim.until > now);
    return held?.claim ? [held.claim.until] : waiting.map(({ nextTryAt }) => nextTryAt);
  });
  return times.length === 0 ? null : Math.min(...times);
}
