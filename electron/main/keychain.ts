/** Passwords encrypted by the operating system's keychain, through Electron's safeStorage. */
import { safeStorage } from 'electron';
import type { SecretStoreStatus } from '../../shared/connections';
import { fail } from '../../shared/result';
import { createSecretFile, type SecretStore } from '../connections/secret-store';
import { linuxSecretBackend } from './electron-versions';

/** Why the keychain cannot be used, or null. On Linux `basic_text` means a key that every program knows. */
function reasonAgainst(): string | null {
  if (!safeStorage.isEncryptionAvailable()) return 'The operating system offers no keychain';
  if (process.platform === 'linux' && linuxSecretBackend() === 'basic_text')
    return 'No keyring is running (basic_text)';
  return null;
}

export function createKeychain(file: string): SecretStore {
  const status = (): SecretStoreStatus => {
    const reason = reasonAgainst();
    return { keychain: reason === null, reason };
  };
  const need = (): void => {
    const reason = reasonAgainst();
    if (reason !== null)
      fail('secret-unavailable', `The password cannot be kept. ${reason}.`, 'Choose "ask each time" for it.');
  };
  return createSecretFile({
    file,
    cipher: {
      place: 'keychain',
      status,
      encrypt: (_key, text) => {
        need();
        return Promise.resolve(safeStorage.encryptString(text).toString('base64'));
      },
      decrypt: (_key, sealed) => {
        need();
        return Promise.resolve(safeStorage.decryptString(Buffer.from(sealed, 'base64')));
      },
    },
  });
}
