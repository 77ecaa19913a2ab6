/** The command line's secrets: a file encrypted with a passphrase, asked for only when a secret is needed. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { createPassphraseSecretStore, type SecretStore } from '../connections/secret-store';
import type { DataFolder } from '../platform/data-folder';
import { fail } from '../../shared/result';
import type { Output } from './output';

/**
 * The passphrase comes from `--passphrase-file`, then LIFEBOAT_PASSPHRASE_FILE, then a prompt on the terminal. Without
 * any of them a secret fails with `secret-unavailable`.
 */
export function createPassphraseSecrets(
  folder: DataFolder,
  passphraseFile: string | undefined,
  output: Output,
): SecretStore {
  return createPassphraseSecretStore({
    file: folder.secretsFile,
    passphrase: () => readPassphrase(passphraseFile ?? process.env.LIFEBOAT_PASSPHRASE_FILE, output),
  });
}

async function readPassphrase(file: string | undefined, output: Output): Promise<string> {
  if (file) {
    const text = await readFile(file, 'utf8').catch(() =>
      fail('secret-unavailable', `The passphrase file ${file} cannot be read.`, 'Check --passphrase-file.'),
    );
    return text.replace(/\r?\n$/, '');
  }
  if (!process.stdin.isTTY)
    fail(
      'secret-unavailable',
      'A passphrase is needed and there is no terminal to ask on.',
      'Give --passphrase-file FILE or set LIFEBOAT_PASSPHRASE_FILE.',
    );
  output.note('Passphrase of the saved secrets:');
  return askHidden();
}

/** Reads one line without echoing it. */
function askHidden(): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    terminal.question('', (answer) => {
      terminal.close();
      resolve(answer);
    });
  });
}
