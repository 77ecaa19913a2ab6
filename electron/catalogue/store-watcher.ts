/** Tells when something in the stores changed, also by another process. */
import { watch, type FSWatcher } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const quietMs = 150;

/**
 * Watches the stores' folders and those of the connections in them (recursive watching is not to be had everywhere).
 * Changes in quick succession are told once.
 */
export class StoreWatcher {
  readonly #roots: () => Promise<string[]>;
  readonly #changed: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(roots: () => Promise<string[]>, changed: () => void) {
    this.#roots = roots;
    this.#changed = changed;
  }

  /** Looks which folders there are to watch now; also after the stores changed. */
  async refresh(): Promise<void> {
    const folders = new Set<string>();
    for (const root of await this.#roots().catch(() => [])) {
      folders.add(root);
      const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (entry.isDirectory() && !entry.name.startsWith('.')) folders.add(join(root, entry.name));
      }
    }
    if (this.#closed) return;
    for (const [folder, watcher] of this.#watchers) {
      if (!folders.has(folder)) this.#drop(folder, watcher);
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) this.#add(folder);
    }
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // Hidden names come and go while others try whether they may write, and while backups are being made.
        if (name === null || !name.startsWith('.')) this.#soon();
      });
      watcher.on('error', () => this.#drop(folder, watcher));
      this.#watchers.set(folder, watcher);
    } catch {
      // Gone again, or the system watches no more: what Lifeboat itself changes is told all the same.
    }
  }

  #drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    this.#watchers.delete(folder);
  }

  #soon(): void {
    if (this.#timer || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.refresh().then(() => {
        if (!this.#closed) this.#changed();
      });
    }, quietMs);
    this.#timer.unref();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    for (const [folder, watcher] of this.#watchers) this.#drop(folder, watcher);
  }
}
