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
