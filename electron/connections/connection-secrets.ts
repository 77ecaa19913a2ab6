/** The secrets of connections: which place keeps them, and how they are found again. */
import { z } from 'zod';
import type { Connection, ConnectionInput, SecretPlace } from '../../shared/connections';
import { fail } from '../../shared/result';
import {
  hasSecrets,
  noSecrets,
  optionOf,
  splitConnectionString,
  type ConnectionSecrets,
  type SplitConnectionString,
} from './connection-string';
import type { SecretStore } from './secret-store';

const storedSecretsSchema = z.object({
  password: z.string().nullable(),
  options: z.record(z.string(), z.string()),
});

/** Secret options whose use hangs on another option that stays in the connection string. */
const belongsTo: Readonly<Record<string, string>> = {
  tlsCertificateKeyFilePassword: 'tlsCertificateKeyFile',
  sslPEMKeyPassword: 'tlsCertificateKeyFile',
  proxyPassword: 'proxyUsername',
  authMechanismProperties: 'authMechanism',
};

export interface ResolvedInput extends SplitConnectionString {
  secretPlace: SecretPlace;
}

export class ConnectionSecretsKeeper {
  private readonly store: SecretStore;
  /** Of `ask` connections, until the process ends. */
  private readonly remembered = new Map<string, ConnectionSecrets>();

  constructor(store: SecretStore) {
    this.store = store;
  }

  /** Remembers a password typed by the user, in memory only. */
  remember(id: string, secrets: ConnectionSecrets): void {
    this.remembered.set(id, secrets);
  }

  /** Throws 'secret-unavailable' when they are not to be had now, saying how they could be. */
  async of(connection: Connection): Promise<ConnectionSecrets> {
    const remembered = this.remembered.get(connection.id);
    if (remembered) return remembered;
    const { secretPlace, name } = connection;
    if (secretPlace === 'none') return noSecrets;
    if (secretPlace === 'ask') {
      return fail(
        'secret-unavailable',
        `The password of ${name} is not known yet.`,
        'Enter it; it is kept in memory until Lifeboat ends. Scripts give LIFEBOAT_URI or --uri-file.',
      );
    }
    if (secretPlace !== this.store.place) {
      return secretPlace === 'keychain'
        ? fail(
            'secret-unavailable',
            `The password of ${name} is in the keychain, which only the window can open.`,
            'Give LIFEBOAT_URI or --uri-file, or save the connection with a passphrase.',
          )
        : fail(
            'secret-unavailable',
            `The password of ${name} is encrypted with a passphrase for the command line.`,
            'Enter the password, or edit the connection and save it in the keychain.',
          );
    }
    const text = await this.store.get(keyOf(connection.id));
    if (text === null)
      return fail(
        'secret-unavailable',
        `The password of ${name} is not saved here.`,
        'Edit the connection and enter it.',
      );
    return parseSecrets(text, name);
  }

  /**
   * Takes the secrets out of what was typed and decides where they go. `existing`: the connection that is edited, whose
   * password is kept unless another is given. Throws 'usage' or 'secret-unavailable'.
   */
  async resolve(input: ConnectionInput, existing: Connection | null): Promise<ResolvedInput> {
    const split = splitConnectionString(input.uri);
    const username = split.username ?? (input.username?.trim() || null);
    const kept = existing && this.needsKept(input, split, existing) ? await this.of(existing) : noSecrets;
    const typed = input.password === undefined ? kept.password : input.password || null;
    const secrets: ConnectionSecrets = {
      password: username === null ? null : (split.secrets.password ?? typed),
      options: { ...keptOptions(kept, split.uri), ...split.secrets.options },
    };
    return { uri: split.uri, username, secrets, secretPlace: this.place(input.secretPlace, secrets, username) };
  }

  private needsKept(input: ConnectionInput, split: SplitConnectionString, existing: Connection): boolean {
    if (existing.secretPlace === 'none') return false;
    if (existing.secretPlace === 'ask') return this.remembered.has(existing.id);
    return input.password === undefined && split.secrets.password === null;
  }

  private place(wanted: SecretPlace, secrets: ConnectionSecrets, username: string | null): SecretPlace {
    if (!hasSecrets(secrets)) return wanted === 'ask' && username !== null ? 'ask' : 'none';
    const { place, status } = { place: this.store.place, status: this.store.status() };
    const canKeep = place === 'passphrase' || status.keychain;
    if (wanted === 'none') return canKeep ? place : 'ask';
    if (wanted === 'ask') return 'ask';
    if (wanted === place && canKeep) return place;
    return fail(
      'secret-unavailable',
      wanted === 'keychain'
        ? `The keychain cannot keep the password here.${status.reason ? ` ${status.reason}.` : ''}`
        : 'A passphrase is for connections of the command line.',
      'Choose "ask each time".',
    );
  }

  /** Durable when it resolves, where the place is. */
  async keep(id: string, place: SecretPlace, secrets: ConnectionSecrets): Promise<void> {
    this.remembered.delete(id);
    if (place === this.store.place && hasSecrets(secrets)) {
      await this.store.set(keyOf(id), JSON.stringify(secrets));
      return;
    }
    await this.store.remove(keyOf(id));
    if (place === 'ask' && hasSecrets(secrets)) this.remembered.set(id, secrets);
  }

  async forget(id: string): Promise<void> {
    this.remembered.delete(id);
    await this.store.remove(keyOf(id));
  }
}

function keyOf(id: string): string {
  return `connection:${id}`;
}

function keptOptions(kept: ConnectionSecrets, uri: string): Record<string, string> {
  const entries = Object.entries(kept.options).filter(([name]) => {
    const owner = belongsTo[name];
    return owner !== undefined && optionOf(uri, owner) !== null;
  });
  return Object.fromEntries(entries);
}

function parseSecrets(text: string, name: string): ConnectionSecrets {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Told below.
  }
  const parsed = storedSecretsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return fail(
    'stored-file-damaged',
    `The saved password of ${name} is damaged.`,
    'Edit the connection and enter it again.',
  );
}
