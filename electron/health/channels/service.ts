/** Channels: what is told of alerts outside the list of incidents, and what could not be told. */
import { randomBytes } from 'node:crypto';
import type {
  Channel,
  ChannelEntry,
  ChannelInput,
  ChannelTest,
  Delivery,
  DeliveryLists,
} from '../../../shared/channels';
import { AppFailure, fail, type AppError } from '../../../shared/result';
import { auditedIn, type AuditSink } from '../../audit/audited';
import type { SecretStore } from '../../connections/secret-store';
import type { Logger } from '../../platform/logger';
import { ChannelSecretsKeeper, type ChannelSecrets } from './channel-secrets';
import { openChannels } from './channel-store';
import { checkSecrets, destinationOf } from './check-input';
import { openDeliveries, type StoredDelivery } from './delivery-file';
import { DeliveryFailure } from './delivery-failure';
import { discard, enqueue, forgetChannel, revive } from './delivery-queue';
import type { DesktopNotifier } from './desktop';
import { testMessage } from './message';
import { usualRetries, type RetryPolicy } from './retry-policy';
import type { RoutedNotice } from './routing';
import { Sender } from './sender';
import { sendMessage } from './send-message';

export interface ChannelsDependencies {
  file: string;
  deliveriesFile: string;
  secrets: SecretStore;
  audit: AuditSink;
  logger: Logger;
  origin: 'window' | 'cli';
  /** Lifeboat's own. */
  version: string;
  /** Null: this process shows nothing on the desktop. */
  desktop: DesktopNotifier | null;
  policy?: RetryPolicy;
  /** Milliseconds that closing waits for messages that are due; 3 s in the window, 10 s of the command line. */
  closeGraceMs?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** 0 to 1, for the spread of pauses. */
  random?: () => number;
}

export interface Channels {
  /** By name. */
  list(): Promise<ChannelEntry[]>;
  /** By id or name; throws 'not-found'. */
  get(idOrName: string): Promise<Channel>;
  /** Throws 'usage' saying what is wrong with the input, 'secret-unavailable' when secrets cannot be kept. */
  add(input: ChannelInput): Promise<Channel>;
  update(id: string, input: ChannelInput): Promise<Channel>;
  /** With its secrets and what waits for it. */
  remove(id: string): Promise<void>;
  /** Off: what waits for it is dropped. */
  setEnabled(id: string, enabled: boolean): Promise<Channel>;
  /** Sends a marked message. A channel that cannot be reached is an answer, not a failure. */
  test(id: string): Promise<ChannelTest>;
  /** `existingId`: the channel that is edited; its secrets are used unless others are given. */
  testInput(input: ChannelInput, existingId: string | null): Promise<ChannelTest>;
  deliveries(): Promise<DeliveryLists>;
  retry(ids: readonly string[]): Promise<void>;
  discard(ids: readonly string[]): Promise<void>;
  /**
   * Queues what a notice means to each channel; on disk when it resolves. It does not reject: what cannot be written is
   * logged and written with the next one.
   */
  tell(notice: RoutedNotice): Promise<void>;
  /**
   * From now on this process sends what is queued, by whichever process. Resolves with the channels in use whose secrets
   * this process cannot have; on the command line it may ask for the passphrase.
   */
  start(): Promise<{ channel: Channel; problem: AppError }[]>;
  /** Channels or deliveries changed, here or in another process. */
  onChange(listener: () => void): () => void;
  /** What is due gets a try first. */
  close(): Promise<void>;
}

const makeId = (): string => randomBytes(8).toString('hex');

export function createChannels(dependencies: ChannelsDependencies): Channels {
  const { origin, desktop, version, policy = usualRetries } = dependencies;
  const { now = Date.now, random = Math.random, closeGraceMs = origin === 'window' ? 3000 : 10_000 } = dependencies;
  const audited = auditedIn(dependencies.audit, 'settings');
  const logger = dependencies.logger.child({ part: 'channels' });
  const store = openChannels(dependencies.file, origin);
  const queue = openDeliveries(dependencies.deliveriesFile, origin);
  const keeper = new ChannelSecretsKeeper(dependencies.secrets);
  /** Secrets that were opened, or why they were not, until the channel changes: a passphrase is asked for once. */
  const opened = new Map<string, Promise<ChannelSecrets | AppError>>();
  let stopFollowing: () => void = () => undefined;
  let pending: RoutedNotice[] = [];
  let writing: Promise<void> = Promise.resolve();

  function open(channel: Channel): Promise<ChannelSecrets | AppError> {
    const known = opened.get(channel.id);
    if (known) return known;
    const opening = keeper.of(channel).catch((error: unknown): AppError => {
      if (error instanceof AppFailure) return error.error;
      return { code: 'secret-unavailable', message: `The secrets of ${channel.name} cannot be opened.` };
    });
    opened.set(channel.id, opening);
    return opening;
  }

  /** Throws 'secret-unavailable'; asks again where opening failed before. */
  async function secretsOf(channel: Channel): Promise<ChannelSecrets> {
    const known = await opened.get(channel.id);
    if (known && !isProblem(known)) return known;
    const secrets = await keeper.of(channel);
    opened.set(channel.id, Promise.resolve(secrets));
    return secrets;
  }

  const isProblem = (value: ChannelSecrets | AppError): value is AppError => 'code' in value;

  async function usable() {
    const { channels } = await store.read();
    const found = new Map<string, { channel: Channel; secrets: ChannelSecrets }>();
    for (const channel of channels) {
      if (!channel.enabled || (channel.settings.kind === 'desktop' && !desktop)) continue;
      const secrets = await open(channel);
      if (!isProblem(secrets)) found.set(channel.id, { channel, secrets });
    }
    return found;
  }

  const sender = new Sender({ queue, usable, send: { desktop, version }, policy, logger, now, random });

  async function get(idOrName: string): Promise<Channel> {
    const { channels } = await store.read();
    const lowerCase = idOrName.toLowerCase();
    return (
      channels.find(({ id }) => id === idOrName) ??
      channels.find(({ name }) => name === idOrName) ??
      channels.find(({ name }) => name.toLowerCase() === lowerCase) ??
      fail('not-found', `There is no channel ${idOrName}.`, 'See the list of channels.')
    );
  }

  const parametersOf = ({ settings, enabled, leastSeverity, secretPlace }: ChannelInput) => ({
    kind: settings.kind,
    enabled,
    leastSeverity,
    secretPlace,
  });

  /** The channel as it would be saved, and its secrets; null where those that are kept stay as they are. */
  async function resolve(input: ChannelInput, existing: Channel | null, id: string) {
    const { settings } = input;
    if (existing && existing.settings.kind !== settings.kind)
      fail('usage', 'A channel keeps its kind.', 'Add another channel and remove this one.');
    const merged = await keeper.merge(input, existing);
    const secrets = merged === null ? keptSecrets(settings, existing) : checkSecrets(settings, merged);
    const secretPlace = secrets ? keeper.place(input.secretPlace, secrets) : input.secretPlace;
    const { secrets: _typed, ...rest } = input;
    const channel: Channel = {
      ...rest,
      id,
      name: input.name.trim(),
      secretPlace,
      secretsSet: secrets ? (Object.keys(secrets) as (keyof ChannelSecrets)[]) : (existing?.secretsSet ?? []),
      destination: destinationOf(settings, secrets, existing?.destination ?? ''),
      createdAt: existing?.createdAt ?? new Date(now()).toISOString(),
    };
    return { channel, secrets };
  }

  /** Checks what is not looked at: null where it stays as it is. */
  function keptSecrets(settings: ChannelInput['settings'], existing: Channel | null): ChannelSecrets | null {
    const kept = existing?.secretsSet ?? [];
    if (settings.kind !== 'email') return null;
    const hasPassword = kept.includes('password');
    checkSecrets(settings, hasPassword ? { password: 'kept' } : {});
    return settings.username === null && hasPassword ? {} : null;
  }

  async function save(input: ChannelInput, existing: Channel | null): Promise<Channel> {
    const { channel, secrets } = await resolve(input, existing, existing?.id ?? makeId());
    const refuseTaken = (channels: readonly Channel[]): void => {
      const lowerCase = channel.name.toLowerCase();
      if (channels.some(({ id, name }) => id !== channel.id && name.toLowerCase() === lowerCase))
        fail('usage', `There is already a channel named ${channel.name}.`, 'Choose another name.');
    };
    refuseTaken((await store.read()).channels);
    if (secrets) await keeper.keep(channel.id, channel.secretPlace, secrets);
    await store.update((file) => {
      refuseTaken(file.channels);
      return { ...file, channels: [...file.channels.filter(({ id }) => id !== channel.id), channel] };
    });
    if (!channel.enabled) await queue.update((file) => forgetChannel(file, channel.id, false));
    opened.delete(channel.id);
    sender.wake();
    return channel;
  }

  async function testAs(channel: Pick<Channel, 'name' | 'leastSeverity' | 'settings'>, secrets: ChannelSecrets) {
    const started = performance.now();
    const took = () => Math.round(performance.now() - started);
    try {
      const message = testMessage(channel, makeId(), now());
      const signal = new AbortController().signal;
      const answer = await sendMessage(message, channel, secrets, {
        desktop,
        version,
        signal,
        timeoutMs: policy.tryMs,
      });
      return { answer, tookMs: took(), error: null };
    } catch (error) {
      if (!(error instanceof DeliveryFailure)) throw error;
      return { answer: error.answer, tookMs: took(), error: error.error };
    }
  }

  async function writeNotices(): Promise<void> {
    const batch = pending;
    if (batch.length === 0) return;
    pending = [];
    try {
      const { channels } = await store.read();
      await queue.update((file) => enqueue(file, batch, channels, now(), makeId));
    } catch (error) {
      pending = [...batch, ...pending];
      logger.error({ error, notices: batch.length }, 'Notices could not be queued');
    }
    sender.wake();
  }

  return {
    list: async () => {
      const [{ channels }, { deliveries, last }] = await Promise.all([store.read(), queue.read()]);
      return [...channels]
        .sort((a, b) => a.name.localeCompare(b.name))
        .map((channel): ChannelEntry => {
          const own = deliveries.filter(({ channelId }) => channelId === channel.id);
          const newest = last.find(({ channelId }) => channelId === channel.id);
          return {
            channel,
            problem: keeper.problem(channel),
            waiting: own.filter(({ diedAt }) => diedAt === null).length,
            dead: own.filter(({ diedAt }) => diedAt !== null).length,
            last: newest ? { at: newest.at, answer: newest.answer, error: newest.error } : null,
          };
        });
    },
    get,
    add: (input) => audited('channel.add', input.name, parametersOf(input), () => save(input, null)),
    update: async (id, input) => {
      const existing = await get(id);
      return audited('channel.update', existing.name, parametersOf(input), () => save(input, existing));
    },
    remove: async (id) => {
      const channel = await get(id);
      await audited('channel.remove', channel.name, { kind: channel.settings.kind }, async () => {
        await store.update((file) => ({ ...file, channels: file.channels.filter((each) => each.id !== channel.id) }));
        opened.delete(channel.id);
        await keeper.forget(channel.id);
        await queue.update((file) => forgetChannel(file, channel.id, true));
      });
    },
    setEnabled: async (id, enabled) => {
      const existing = await get(id);
      const channel = { ...existing, enabled };
      await audited('channel.update', existing.name, { enabled }, async () => {
        await store.update((file) => ({
          ...file,
          channels: file.channels.map((each) => (each.id === existing.id ? channel : each)),
        }));
        if (!enabled) await queue.update((file) => forgetChannel(file, existing.id, false));
      });
      return channel;
    },
    test: async (id) => {
      const channel = await get(id);
      return testAs(channel, await secretsOf(channel));
    },
    testInput: async (input, existingId) => {
      const existing = existingId === null ? null : await get(existingId);
      // What is only tried needs no place to be kept in.
      const { secrets } = await resolve(
        existing && Object.keys(input.secrets).length === 0 ? input : { ...input, secretPlace: 'ask' },
        existing,
        'test',
      );
      return testAs(input, secrets ?? (existing ? await secretsOf(existing) : {}));
    },
    deliveries: async () => {
      const [{ channels }, { deliveries }] = await Promise.all([store.read(), queue.read()]);
      const names = new Map(channels.map(({ id, name }) => [id, name]));
      const shown = ({ claim: _claim, ...delivery }: StoredDelivery): Delivery & { channelName: string } => ({
        ...delivery,
        channelName: names.get(delivery.channelId) ?? 'a channel that is gone',
      });
      return {
        waiting: deliveries.filter(({ diedAt }) => diedAt === null).map(shown),
        dead: deliveries
          .filter(({ diedAt }) => diedAt !== null)
          .map(shown)
          .sort((a, b) => (b.diedAt ?? 0) - (a.diedAt ?? 0)),
      };
    },
    retry: async (ids) => {
      await queue.update((file) => revive(file, ids, now()));
      sender.wake();
    },
    discard: (ids) =>
      audited('channel.discard', `${ids.length}`, { messages: ids.length }, async () => {
        await queue.update((file) => discard(file, ids));
      }),
    tell: (notice) => {
      pending.push(notice);
      writing = writing.then(writeNotices);
      return writing;
    },
    start: async () => {
      stopFollowing = store.onChange(() => {
        opened.clear();
        sender.wake();
      });
      sender.start();
      const { channels } = await store.read();
      const problems: { channel: Channel; problem: AppError }[] = [];
      for (const channel of channels) {
        if (!channel.enabled || channel.settings.kind === 'desktop') continue;
        const secrets = await open(channel);
        if (isProblem(secrets)) problems.push({ channel, problem: secrets });
      }
      return problems;
    },
    onChange: (listener) => {
      const stops = [store.onChange(listener), queue.onChange(listener)];
      return () => stops.forEach((stop) => stop());
    },
    close: async () => {
      await writing.then(writeNotices);
      await sender.close(closeGraceMs);
      stopFollowing();
      store.close();
      queue.close();
    },
  };
}
