// Work on many items with so many of them at once. The first failure ends it, after what is under way has settled.

import { takeAhead } from './takeAhead.js';

/** Calls `work` on each of `items`, up to `limit` at once. @throws the first failure, when nothing is under way any more */
export async function forEachInParallel<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  /** Wakes the loop that waits for room. Racing all that is under way would cost as much as there is of it, for every item. */
  let wake: () => void = () => {};
  try {
    for await (const item of items) {
      const run = work(item)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          underWay.delete(run);
          wake();
        });
      underWay.add(run);
      if (underWay.size >= limit) await new Promise<void>((resolve) => (wake = resolve));
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

/** Yields the results of `work` on each of `items`, in their order, up to `limit` of them begun before they are asked for. */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const underWay = new Set<Promise<R>>();
  async function* begun(): AsyncGenerator<{ readonly result: Promise<R> }, void, void> {
    for await (const item of items) {
      const result = work(item);
      underWay.add(result);
      const settle = () => underWay.delete(result);
      result.then(settle, settle);
      // In an object: a promise that is yielded would be waited for.
      yield { result };
    }
  }
  try {
    for await (const { result } of takeAhead(begun(), limit)) yield await result;
  } finally {
    await Promise.allSettled(underWay);
  }
}
