// Two ways of waiting: for work that the caller may give up, and for clean-up, which has a deadline of its own instead.

import { onAbort } from '../onAbort.js';

/** `work`, unless `signal` aborts first: then it rejects at once with the signal's reason and `work` goes on unobserved. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let stopListening = () => {};
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else stopListening = onAbort(signal, () => reject(signal.reason));
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, aborted]);
  } finally {
    stopListening();
  }
}

/** Whether `work` settled, well or not, within `ms` milliseconds. Never rejects. */
export async function settleWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = work.then(
    () => true as const,
    () => true as const,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
