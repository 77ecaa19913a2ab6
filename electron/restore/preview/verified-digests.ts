/**
 * Which digests this process has read whole and found right: the next comparison by the oplog, a refresh or a proof a
 * moment later, need not add up the checksum of millions of records again while the file is the same.
 */
import { stat } from 'node:fs/promises';

export class VerifiedDigests {
  readonly #namespaces = new Map<string, Set<string>>();

  /** Namespaces of the digest found right before. Throws when there is no such file. */
  async of(path: string): Promise<string[]> {
    return [...(this.#namespaces.get(await identityOf(path)) ?? [])];
  }

  async add(path: string, namespaces: readonly string[]): Promise<void> {
    const identity = await identityOf(path);
    const known = this.#namespaces.get(identity) ?? new Set();
    for (const namespace of namespaces) known.add(namespace);
    this.#namespaces.set(identity, known);
  }
}

async function identityOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeMs, ctimeMs } = await stat(path);
  return [path, dev, ino, size, mtimeMs, ctimeMs].join(' ');
}
