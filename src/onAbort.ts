// Hears of aborts for many at a time. An EventTarget looks through all of its listeners for each that comes or goes, and of one
// run's signal there are some for each of hundreds of requests.

const listening = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `listener` when `signal` aborts, unless what is returned is called before. One that has aborted already is not heard. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const listeners = listening.get(signal) ?? listenersOf(signal);
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function listenersOf(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  listening.set(signal, listeners);
  const tell = () => {
    for (const listener of [...listeners]) listener();
    listeners.clear();
  };
  signal.addEventListener('abort', tell, { once: true });
  return listeners;
}
