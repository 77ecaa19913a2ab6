/** Waiting with an end: for an answer, for a state, for a while. */
import { AppFailure, fail } from '../../shared/result';

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) fail('cancelled', 'Cancelled.');
}

/** What `work` gives; throws 'timeout' naming `host` when that takes longer. */
export async function withinLimit<T>(work: Promise<T>, limitMs: number, host: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const failure = { code: 'timeout' as const, message: `${host} did not answer in time.` };
    timer = setTimeout(() => reject(new AppFailure(failure)), limitMs);
  });
  // It may still fail when nobody listens any more.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    if (timer) clearTimeout(timer);
  }
}

export interface WaitOptions {
  signal: AbortSignal;
  /** Null: for as long as it takes. */
  limitMs: number | null;
  everyMs: number;
}

/**
 * Repeats `look` until it gives something. Null after the limit. Throws 'cancelled' once the signal is aborted; what `look`
 * throws passes through.
 */
export async function until<T>(
  { signal, limitMs, everyMs }: WaitOptions,
  look: () => Promise<T | null>,
): Promise<T | null> {
  const end = limitMs === null ? Infinity : Date.now() + limitMs;
  for (;;) {
    throwIfCancelled(signal);
    const found = await look();
    if (found !== null) return found;
    if (Date.now() >= end) return null;
    await pause(everyMs);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
