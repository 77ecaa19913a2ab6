/** Sends what is queued, as far as this process can: claims in the file, tries, settles, waits for the next one due. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Channel } from '../../../shared/channels';
import { AppFailure } from '../../../shared/result';
import type { JsonStore } from '../../platform/json-file';
import type { Logger } from '../../platform/logger';
import { isProcessAlive, processIdentity } from '../../platform/process-identity';
import type { ChannelSecrets } from './channel-secrets';
import type { DeliveriesFile, StoredDelivery } from './delivery-file';
import { DeliveryFailure } from './delivery-failure';
import { claimDue, nextDueAt, settle, unclaim, type Claim, type Outcome } from './delivery-queue';
import { sendMessage, type SendOptions } from './send-message';
import type { RetryPolicy } from './retry-policy';

export interface SenderOptions {
  queue: JsonStore<DeliveriesFile>;
  /** Those this process can use, with their secrets. */
  usable: () => Promise<Map<string, { channel: Channel; secrets: ChannelSecrets }>>;
  send: Omit<SendOptions, 'signal' | 'timeoutMs'>;
  policy: RetryPolicy;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** 0 to 1. */
  random: () => number;
}

/** Messages at the same time: many, so that channels that do not answer hold up no other one. */
const most = 16;
/** A claim outlives a try by so much: time to write down what became of it. */
const marginMs = 30_000;
/** Milliseconds between two looks at most, for what a process left that died; and at least. */
const longestSleepMs = 60_000;
const shortestSleepMs = 50;

export class Sender {
  private readonly options: SenderOptions;
  private readonly token = randomBytes(8).toString('hex');
  private readonly cancel = new AbortController();
  private readonly underWay = new Map<string, Promise<void>>();
  private pumping: Promise<void> | null = null;
  private again = false;
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => void) | undefined;
  private state: 'new' | 'open' | 'closing' | 'closed' = 'new';

  constructor(options: SenderOptions) {
    this.options = options;
  }

  start(): void {
    if (this.state !== 'new') return;
    this.state = 'open';
    this.unsubscribe = this.options.queue.onChange(() => this.wake());
    this.wake();
  }

  /** Looks now: something was queued, or a channel changed. */
  wake(): void {
    if (this.state !== 'open' && this.state !== 'closing') return;
    if (this.pumping) {
      this.again = true;
      return;
    }
    this.pumping = this.pump()
      .catch((error: unknown) => {
        this.options.logger.error({ error }, 'Messages could not be looked through');
        this.sleep(null);
      })
      .finally(() => {
        this.pumping = null;
        if (this.again) {
          this.again = false;
          this.wake();
        }
      });
  }

  /** What is due gets its try within `graceMs`; the rest stays for the next process. */
  async close(graceMs: number): Promise<void> {
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.wake();
    const end = Date.now() + graceMs;
    const idle = async (): Promise<void> => {
      while (this.pumping !== null || this.underWay.size > 0) {
        await Promise.all([this.pumping, ...this.underWay.values()]);
        // What a settled try woke begins in the next turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, Math.max(0, end - Date.now()))));
    await Promise.race([idle(), late]);
    clearTimeout(timer);
    this.state = 'closed';
    if (this.timer) clearTimeout(this.timer);
    this.unsubscribe?.();
    this.cancel.abort();
    await idle();
  }

  private claim(): Claim {
    const { policy, now } = this.options;
    // PagerDuty's test apart, a try is one request.
    const until = now() + policy.tryMs + marginMs;
    return { token: this.token, identity: processIdentity(), hostname: hostname(), until };
  }

  private isDead({ token, identity, hostname: where }: Claim): boolean {
    return token !== this.token && where === hostname() && !isProcessAlive(identity);
  }

  private async pump(): Promise<void> {
    const { queue, usable, policy, now } = this.options;
    if (this.timer) clearTimeout(this.timer);
    const byId = await usable();
    const channels = [...byId.values()].map(({ channel }) => channel);
    const claimFrom = (file: DeliveriesFile) =>
      claimDue(file, {
        channels,
        policy,
        now: now(),
        claim: this.claim(),
        isDead: (claim) => this.isDead(claim),
        most,
      });
    let file = await queue.read();
    const before = claimFrom(file);
    if (JSON.stringify(before.file) !== JSON.stringify(file)) {
      let claimed: StoredDelivery[] = [];
      file = await queue.update((current) => {
        const taken = claimFrom(current);
        claimed = taken.claimed;
        return taken.file;
      });
      for (const delivery of claimed) this.begin(delivery, byId.get(delivery.channelId));
    }
    this.sleep(nextDueAt(file, channels, now()));
  }

  private sleep(dueAt: number | null): void {
    if (this.state !== 'open') return;
    const wait = dueAt === null ? longestSleepMs : dueAt - this.options.now();
    this.timer = setTimeout(() => this.wake(), Math.min(longestSleepMs, Math.max(shortestSleepMs, wait)));
    this.timer.unref();
  }

  private begin(delivery: StoredDelivery, target: { channel: Channel; secrets: ChannelSecrets } | undefined): void {
    const trying = this.try(delivery, target)
      .catch((error: unknown) => this.options.logger.error({ error }, 'What became of a message could not be written'))
      .finally(() => {
        this.underWay.delete(delivery.id);
        this.wake();
      });
    this.underWay.set(delivery.id, trying);
  }

  private async try(
    delivery: StoredDelivery,
    target: { channel: Channel; secrets: ChannelSecrets } | undefined,
  ): Promise<void> {
    const { queue, policy, send, logger, now, random } = this.options;
    const giveBack = () => queue.update((file) => unclaim(file, [delivery.id]));
    if (!target) {
      await giveBack();
      return;
    }
    const { channel, secrets } = target;
    const { id, kind, incident, connectionName, environment, queuedAt } = delivery;
    const message = { id, kind, at: queuedAt, incident, connectionName, environment };
    let outcome: Outcome;
    try {
      const answer = await sendMessage(message, channel, secrets, {
        ...send,
        signal: this.cancel.signal,
        timeoutMs: policy.tryMs,
      });
      outcome = { answer };
    } catch (error) {
      // Ended in the middle: whether it arrived is not known, so the next process tells it again.
      if (this.cancel.signal.aborted) {
        await giveBack();
        return;
      }
      outcome = outcomeOf(error);
      logger.warn(
        { channel: channel.name, delivery: id, tries: delivery.tries + 1, problem: outcome.error },
        'A message was not delivered',
      );
    }
    const settled = outcome;
    const keepsDead = channel.settings.kind !== 'desktop';
    await queue.update((file) => settle(file, delivery, settled, { policy, now: now(), random: random(), keepsDead }));
  }
}

function outcomeOf(error: unknown): Extract<Outcome, { error: unknown }> {
  if (error instanceof DeliveryFailure) {
    const { permanent, retryAfterMs, answer } = error;
    return { error: error.error, permanent, retryAfterMs, answer };
  }
  const described =
    error instanceof AppFailure
      ? error.error
      : { code: 'internal' as const, message: error instanceof Error ? error.message : String(error) };
  return { error: described, permanent: false, retryAfterMs: null, answer: null };
}
