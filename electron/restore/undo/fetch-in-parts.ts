import { fetchDocuments, type FetchTarget } from '../raw-documents';

/** As fetchDocuments; halves the question when the answer would not fit into memory at once. */
export async function fetchInParts(target: FetchTarget, ids: readonly Buffer[]): Promise<Map<string, Buffer>> {
  if (ids.length === 0) return new Map();
  try {
    return await fetchDocuments(target, ids);
  } catch (error) {
    if (!(error instanceof RangeError) || ids.length <= 1) throw error;
    const middle = ids.length >> 1;
    const first = await fetchInParts(target, ids.slice(0, middle));
    for (const [key, document] of await fetchInParts(target, ids.slice(middle))) first.set(key, document);
    return first;
  }
}

/** Works on items one after the other, up to `ahead` of them begun before they are asked for; results in order. */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const begun: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const promise = work(item);
      // Awaited in its turn; until then its failure is nobody's.
      promise.catch(() => undefined);
      begun.push(promise);
      if (begun.length <= ahead) continue;
      const next = begun.shift();
      if (next) yield await next;
    }
    for (let next = begun.shift(); next; next = begun.shift()) yield await next;
  } finally {
    await Promise.allSettled(begun);
  }
}
