import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTemporaryFolder, temporaryFolder } from '../test-support/temporary-folder';
import {
  createMemorySecretStore,
  createPassphraseSecretStore,
  createSecretFile,
  type SecretStore,
} from './secret-store';

describe.each<[string, (file: string) => SecretStore]>([
  ['memory', () => createMemorySecretStore()],
  ['a passphrase', (file) => createPassphraseSecretStore({ file, passphrase: () => Promise.resolve('open sesame') })],
])('secrets kept with %s', (_name, create) => {
  let folder: string;
  let store: SecretStore;

  beforeEach(() => {
    folder = temporaryFolder('lifeboat-secrets');
    store = create(join(folder, 'secrets.json'));
  });

  afterEach(() => removeTemporaryFolder(folder));

  it('come back as they were, and are gone once removed', async () => {
    expect(await store.get('a')).toBeNull();
    await store.set('a', 'pässword "1"');
    await store.set('b', 'two');
    await store.set('a', 'changed 😀');
    expect(await store.get('a')).toBe('changed 😀');
    await store.remove('a');
    await store.remove('a');
    expect(await store.get('a')).toBeNull();
    expect(await store.get('b')).toBe('two');
  });
});

describe('the file of secrets', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = temporaryFolder('lifeboat-secrets');
    file = join(folder, 'secrets.json');
  });

  afterEach(() => removeTemporaryFolder(folder));

  function withPassphrase(passphrase: string): SecretStore {
    return createPassphraseSecretStore({ file, passphrase: () => Promise.resolve(passphrase) });
  }

  it('holds nothing readable and is for the user alone', async () => {
    await withPassphrase('open sesame').set('connection:1', 'hunter2');
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await withPassphrase('open sesame').get('connection:1')).toBe('hunter2');
  });

  it('opens with the right passphrase only', async () => {
    await withPassphrase('open sesame').set('connection:1', 'hunter2');
    await expect(withPassphrase('open barley').get('connection:1')).rejects.toMatchObject({
      error: { code: 'secret-unavailable' },
    });
    await expect(withPassphrase('').get('connection:1')).rejects.toMatchObject({
      error: { code: 'secret-unavailable' },
    });
  });

  it('asks for the passphrase when it is first needed, and once', async () => {
    let asked = 0;
    const store = createPassphraseSecretStore({
      file,
      passphrase: () => {
        asked += 1;
        return Promise.resolve('x');
      },
    });
    expect(await store.get('a')).toBeNull();
    expect(asked).toBe(0);
    await store.set('a', '1');
    await store.get('a');
    expect(asked).toBe(1);
  });

  it('notices when a secret was changed or moved to another connection', async () => {
    const store = withPassphrase('open sesame');
    await store.set('a', 'of a');
    await store.set('b', 'of b');
    const content = JSON.parse(readFileSync(file, 'utf8')) as { secrets: { key: string }[] };
    for (const secret of content.secrets) secret.key = secret.key === 'a' ? 'b' : 'a';
    writeFileSync(file, JSON.stringify(content));
    await expect(store.get('a')).rejects.toMatchObject({ error: { code: 'secret-unavailable' } });
  });

  it('is shared by places that do not see each other', async () => {
    const keychain = createSecretFile({
      file,
      cipher: {
        place: 'keychain',
        status: () => ({ keychain: true, reason: null }),
        encrypt: (_key, text) => Promise.resolve(Buffer.from(text).toString('base64')),
        decrypt: (_key, sealed) => Promise.resolve(Buffer.from(sealed, 'base64').toString()),
      },
    });
    await keychain.set('a', 'of the keychain');
    await withPassphrase('x').set('a', 'of the passphrase');
    expect(await keychain.get('a')).toBe('of the keychain');
    await keychain.remove('a');
    expect(await withPassphrase('x').get('a')).toBe('of the passphrase');
  });
});
