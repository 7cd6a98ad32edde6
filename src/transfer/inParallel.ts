// Work on many items with so many of them at once. The first failure ends it, after what is under way has settled.

/** Calls `work` on each of `items`, up to `limit` at once. @throws the first failure, when nothing is under way any more */
export async function forEachInParallel<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      const run = work(item)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(run));
      underWay.add(run);
      if (underWay.size >= limit) await Promise.race(underWay);
      if (failure !== undefined) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure !== undefined) throw failure.error;
}

/** The results of `work` on each of `items`, in their order. @throws as `forEachInParallel` */
export async function mapInParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  await forEachInParallel(items.entries(), limit, async ([index, item]) => {
    results[index] = await work(item);
  });
  return results;
}
