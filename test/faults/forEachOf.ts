// Several runs of a row at a time, where most of a run is waiting.

/** Does `work` for every item, `atATime` of them at once. */
export async function forEachOf<T>(items: readonly T[], atATime: number, work: (item: T) => Promise<void>) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
