// Items in groups, of which each is asked about at once.

/** Enough that a pause between two batches matters little. */
const batchItems = 256;

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
