/** The secrets of channels, kept where those of connections are. */
import { z } from 'zod';
import {
  channelSecretNameSchema,
  channelSecretNames,
  type Channel,
  type ChannelInput,
  type ChannelSecretName,
} from '../../../shared/channels';
import type { SecretPlace } from '../../../shared/connections';
import { AppFailure, fail, type AppError } from '../../../shared/result';
import type { SecretStore } from '../../connections/secret-store';

export type ChannelSecrets = Partial<Record<ChannelSecretName, string>>;

const storedSchema = z.partialRecord(channelSecretNameSchema, z.string());

function keyOf(id: string): string {
  return `channel:${id}`;
}

function hasSecrets(secrets: ChannelSecrets): boolean {
  return channelSecretNames.some((name) => Boolean(secrets[name]));
}

export class ChannelSecretsKeeper {
  private readonly store: SecretStore;
  /** Of `ask` channels, until the process ends. */
  private readonly remembered = new Map<string, ChannelSecrets>();

  constructor(store: SecretStore) {
    this.store = store;
  }

  /** Why they cannot be had in this process, or null. Opens nothing and asks nobody. */
  problem({ id, name, secretPlace }: Pick<Channel, 'id' | 'name' | 'secretPlace'>): AppError | null {
    if (secretPlace === 'none' || this.remembered.has(id) || secretPlace === this.store.place) return null;
    switch (secretPlace) {
      case 'ask':
        return {
          code: 'secret-unavailable',
          message: `The secrets of ${name} are not known yet.`,
          hint: 'Edit the channel and enter them; they are kept in memory until Lifeboat ends.',
        };
      case 'keychain':
        return {
          code: 'secret-unavailable',
          message: `The secrets of ${name} are in the keychain, which only the window can open.`,
          hint: 'Messages wait for the window. Add a channel by "lifeboat channels add" for the command line.',
        };
      case 'passphrase':
        return {
          code: 'secret-unavailable',
          message: `The secrets of ${name} are encrypted with a passphrase for the command line.`,
          hint: 'Messages wait for "lifeboat health watch", or edit the channel and enter the secrets here.',
        };
    }
  }

  /** Throws 'secret-unavailable' when they are not to be had now. */
  async of(channel: Channel): Promise<ChannelSecrets> {
    const problem = this.problem(channel);
    if (problem) throw new AppFailure(problem);
    if (channel.secretPlace === 'none') return {};
    const remembered = this.remembered.get(channel.id);
    if (remembered) return remembered;
    const text = await this.store.get(keyOf(channel.id));
    if (text === null)
      return fail(
        'secret-unavailable',
        `The secrets of ${channel.name} are not saved here.`,
        'Edit the channel and enter them.',
      );
    return parseSecrets(text, channel.name);
  }

  /**
   * What was typed over what is kept of `existing`. Null: nothing was typed and what is kept stays where it is, which may
   * be where this process cannot look. Throws 'secret-unavailable' when only some are typed and the others are not to be had.
   */
  async merge(input: ChannelInput, existing: Channel | null): Promise<ChannelSecrets | null> {
    const typed = input.secrets;
    const missing = (existing?.secretsSet ?? []).filter((name) => typed[name] === undefined);
    if (existing && Object.keys(typed).length === 0 && input.secretPlace === existing.secretPlace) return null;
    const kept = existing && missing.length > 0 ? await this.of(existing) : {};
    const merged: ChannelSecrets = {};
    for (const name of channelSecretNames) {
      const value = typed[name] ?? kept[name];
      if (value) merged[name] = value;
    }
    return merged;
  }

  /** Where secrets go that are wanted in `wanted`. Throws 'secret-unavailable' when they cannot be kept there. */
  place(wanted: SecretPlace, secrets: ChannelSecrets): SecretPlace {
    if (!hasSecrets(secrets)) return 'none';
    if (wanted === 'ask') return 'ask';
    const { place } = this.store;
    const { keychain, reason } = this.store.status();
    const canKeep = place === 'passphrase' || keychain;
    if (wanted === 'none') return canKeep ? place : 'ask';
    if (wanted === place && canKeep) return place;
    return fail(
      'secret-unavailable',
      wanted === 'keychain'
        ? `The keychain cannot keep the secrets here.${reason ? ` ${reason}.` : ''}`
        : 'A passphrase is for channels of the command line.',
      'Choose "keep in memory".',
    );
  }

  /** Durable when it resolves, where the place is. */
  async keep(id: string, place: SecretPlace, secrets: ChannelSecrets): Promise<void> {
    this.remembered.delete(id);
    if (place === this.store.place && hasSecrets(secrets)) {
      await this.store.set(keyOf(id), JSON.stringify(secrets));
      return;
    }
    await this.store.remove(keyOf(id));
    if (place === 'ask') this.remembered.set(id, secrets);
  }

  async forget(id: string): Promise<void> {
    this.remembered.delete(id);
    await this.store.remove(keyOf(id));
  }
}

function parseSecrets(text: string, name: string): ChannelSecrets {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  const parsed = storedSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return fail(
    'stored-file-damaged',
    `The saved secrets of ${name} are damaged.`,
    'Edit the channel and enter them again.',
  );
}
