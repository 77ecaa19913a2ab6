/** Where passwords are kept. One interface; the operating system's keychain is implemented in electron/main. */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import type { SecretPlace, SecretStoreStatus } from '../../shared/connections';
import { fail } from '../../shared/result';
import { JsonStore } from '../platform/json-file';

/** Keeps texts by key. Every method may throw 'secret-unavailable' saying why and what to do. */
export interface SecretStore {
  /** Which of a connection's secret places this store is. */
  readonly place: Extract<SecretPlace, 'keychain' | 'passphrase'>;
  status(): SecretStoreStatus;
  get(key: string): Promise<string | null>;
  /** Durable when it resolves. */
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Encrypts texts for a {@link createSecretFile}; `encrypt` and `decrypt` may throw 'secret-unavailable'. */
export interface SecretCipher {
  readonly place: SecretStore['place'];
  status(): SecretStoreStatus;
  encrypt(key: string, text: string): Promise<string>;
  decrypt(key: string, sealed: string): Promise<string>;
}

const secretFileSchema = z.object({
  formatVersion: z.literal(1),
  /** By place and key; each value is sealed by the cipher of its place. */
  secrets: z.array(z.object({ place: z.enum(['keychain', 'passphrase']), key: z.string(), sealed: z.string() })),
});

/**
 * Secrets in one file of mode 0600, sealed by `cipher`. Several places share the file: each sees only what it sealed
 * itself.
 */
export function createSecretFile({ file, cipher }: { file: string; cipher: SecretCipher }): SecretStore {
  const store = new JsonStore({
    path: file,
    schema: secretFileSchema,
    absent: () => ({ formatVersion: 1 as const, secrets: [] }),
    mode: 0o600,
  });
  const isOurs = (key: string) => (entry: { place: string; key: string }) =>
    entry.place === cipher.place && entry.key === key;
  return {
    place: cipher.place,
    status: () => cipher.status(),
    get: async (key) => {
      const entry = (await store.read()).secrets.find(isOurs(key));
      return entry ? cipher.decrypt(key, entry.sealed) : null;
    },
    set: async (key, value) => {
      const sealed = await cipher.encrypt(key, value);
      await store.update((content) => ({
        ...content,
        secrets: [...content.secrets.filter((entry) => !isOurs(key)(entry)), { place: cipher.place, key, sealed }],
      }));
    },
    remove: async (key) => {
      const matches = isOurs(key);
      if (!(await store.read()).secrets.some(matches)) return;
      await store.update((content) => ({
        ...content,
        secrets: content.secrets.filter((entry) => !matches(entry)),
      }));
    },
  };
}

/** Secrets in memory, gone with the process: for tests, and where nothing can be kept. */
export function createMemorySecretStore(place: SecretStore['place'] = 'keychain'): SecretStore {
  const secrets = new Map<string, string>();
  return {
    place,
    status: () => ({ keychain: place === 'keychain', reason: null }),
    get: (key) => Promise.resolve(secrets.get(key) ?? null),
    set: (key, value) => {
      secrets.set(key, value);
      return Promise.resolve();
    },
    remove: (key) => {
      secrets.delete(key);
      return Promise.resolve();
    },
  };
}

const sealedSchema = z.object({
  salt: z.base64(),
  nonce: z.base64(),
  tag: z.base64(),
  text: z.base64(),
  cost: z.number().int().min(1024).max(1_048_576),
});

/** scrypt's N; 64 MiB of memory and about 0.2 s for each guess. */
const scryptCost = 65_536;

function deriveKey(passphrase: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, 32, { N: cost, r: 8, p: 1, maxmem: 256 * cost * 8 }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/**
 * Secrets in `file`, each encrypted with AES-256-GCM under a key made from the passphrase by scrypt with a salt of its
 * own. `passphrase` is asked at most once, when first needed; a wrong one is 'secret-unavailable' and asked again.
 */
export function createPassphraseSecretStore(options: { file: string; passphrase: () => Promise<string> }): SecretStore {
  let asked: Promise<string> | null = null;
  const passphrase = async (): Promise<string> => {
    asked ??= options.passphrase();
    try {
      const answer = await asked;
      if (answer !== '') return answer;
    } catch (error) {
      asked = null;
      throw error;
    }
    asked = null;
    return fail(
      'secret-unavailable',
      'The passphrase is empty.',
      'Give the passphrase the secrets are encrypted with.',
    );
  };
  const cipher: SecretCipher = {
    place: 'passphrase',
    status: () => ({ keychain: false, reason: 'secrets are encrypted with a passphrase here' }),
    encrypt: async (key, text) => {
      const salt = randomBytes(16);
      const nonce = randomBytes(12);
      const seal = createCipheriv('aes-256-gcm', await deriveKey(await passphrase(), salt, scryptCost), nonce);
      // Bound to its key, so that sealed values cannot be swapped between connections.
      seal.setAAD(Buffer.from(key, 'utf8'));
      const sealed = Buffer.concat([seal.update(text, 'utf8'), seal.final()]);
      return JSON.stringify({
        salt: salt.toString('base64'),
        nonce: nonce.toString('base64'),
        tag: seal.getAuthTag().toString('base64'),
        text: sealed.toString('base64'),
        cost: scryptCost,
      });
    },
    decrypt: async (key, sealed) => {
      const parts = parseSealed(sealed, options.file);
      const opener = createDecipheriv(
        'aes-256-gcm',
        await deriveKey(await passphrase(), Buffer.from(parts.salt, 'base64'), parts.cost),
        Buffer.from(parts.nonce, 'base64'),
        { authTagLength: 16 },
      );
      opener.setAAD(Buffer.from(key, 'utf8'));
      opener.setAuthTag(Buffer.from(parts.tag, 'base64'));
      const text = opener.update(Buffer.from(parts.text, 'base64'));
      try {
        return Buffer.concat([text, opener.final()]).toString('utf8');
      } catch {
        asked = null;
        return fail(
          'secret-unavailable',
          'The passphrase does not open the saved password.',
          'Give the passphrase it was saved with, or save the connection again.',
        );
      }
    },
  };
  return createSecretFile({ file: options.file, cipher });
}

function parseSealed(sealed: string, file: string): z.infer<typeof sealedSchema> {
  let value: unknown;
  try {
    value = JSON.parse(sealed);
  } catch {
    value = null;
  }
  const parsed = sealedSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  return fail('stored-file-damaged', `A secret in ${file} is damaged.`, 'Save the connection again with its password.');
}
