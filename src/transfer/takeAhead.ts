// Takes items from a generator before they are asked for, so that a tree is listed while its first files are copied.

/** Yields what `items` yields, up to `maxHeld` of them taken in advance. Ends `items` when it is ended. */
export async function* takeAhead<T>(
  items: AsyncGenerator<T, void, void>,
  maxHeld: number,
): AsyncGenerator<T, void, void> {
  const held: T[] = [];
  let end: { readonly failure?: unknown } | undefined;
  let isStopped = false;
  let wake: () => void = () => {};
  const pump = async () => {
    try {
      for await (const item of items) {
        held.push(item);
        wake();
        while (held.length >= maxHeld && !isStopped) await new Promise<void>((resolve) => (wake = resolve));
        if (isStopped) break;
      }
      end = {};
    } catch (failure) {
      end = { failure };
    }
    wake();
  };
  const pumping = pump();
  try {
    for (;;) {
      const item = held.shift();
      if (item !== undefined) {
        yield item;
        wake();
      } else if (end !== undefined) {
        if ('failure' in end) throw end.failure;
        return;
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    isStopped = true;
    wake();
    await pumping;
  }
}
