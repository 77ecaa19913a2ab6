/** Work side by side within a number of slots, and a memory that it shares. */

/**
 * Works through `items` in order, as many at a time as their weights fit into `slots` (an item heavier than that runs
 * alone). After a failure begins no further one, waits for those under way, and throws the first.
 */
export async function inSlots<T>(
  items: readonly T[],
  slots: number,
  weightOf: (item: T) => number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let used = 0;
  let failure: { error: unknown } | null = null;
  const fits = (weight: number): boolean => used === 0 || used + weight <= slots;
  for (const item of items) {
    const weight = weightOf(item);
    while (!fits(weight)) await Promise.race(running);
    if (failure) break;
    used += weight;
    const tracked = work(item)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        used -= weight;
        running.delete(tracked);
      });
    running.add(tracked);
  }
  await Promise.all(running);
  // Assigned in a callback, which the compiler does not see.
  const failed = failure as { error: unknown } | null;
  if (failed) throw failed.error;
}

/** Bytes that joins share: a join that finds too few goes to disk. */
export class MemoryPool {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}
