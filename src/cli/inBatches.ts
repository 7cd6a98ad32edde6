// Items in groups, of which each is asked about at once.

/** How many files a server is asked to hash at a time. */
const batchItems = 64;

/** The items of `items` in groups of at most `batchItems`, in order. */
export async function* inBatches<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<readonly T[], void, void> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < batchItems) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
