// What is known of a transfer under way: how much, how fast lately, and since when nothing came. It draws nothing.

/** Milliseconds over which the rate is taken: long enough to be calm, short enough to show a change. */
const rateWindowMs = 5_000;
/** Milliseconds between the samples that are kept, so that their number is bounded. */
const sampleEveryMs = 250;
/** Milliseconds without a byte after which the transfer counts as stalled. */
export const stalledAfterMs = 5_000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** What a line of progress is made of. Times are of one clock; `percent` never falls. */
export interface Meter {
  readonly name: string;
  readonly bytes: number;
  readonly totalBytes: number | undefined;
  /** Whether the total is all and not the least. */
  readonly isTotalFinal: boolean;
  readonly percent: number | undefined;
  rate(now: number): number;
  remainingMs(now: number): number | undefined;
  stalledMs(now: number): number | undefined;
}

export class TransferMeter implements Meter {
  readonly name: string;
  readonly isTotalFinal = true;
  startedAt: number;
  totalBytes: number | undefined;
  #bytes = 0;
  #percent = 0;
  #lastByteAt: number;
  #samples: Sample[];

  /** `now` is in milliseconds of any clock that only goes forward; every later one is of the same. */
  constructor(name: string, now: number) {
    this.name = name;
    this.startedAt = now;
    this.#lastByteAt = now;
    this.#samples = [{ at: now, bytes: 0 }];
  }

  get bytes(): number {
    return this.#bytes;
  }

  advance(bytes: number, now: number): void {
    this.#bytes += bytes;
    this.#lastByteAt = now;
    const last = this.#samples.at(-1);
    if (last !== undefined && now - last.at < sampleEveryMs) return;
    this.#samples.push({ at: now, bytes: this.#bytes });
    this.#forget(now);
  }

  /** What has moved is `bytes` from now on, and the rate is taken anew. */
  restart(bytes: number, now: number): void {
    this.#bytes = bytes;
    this.#samples = [{ at: now, bytes }];
  }

  /** 0 to 100; never less than it was, and 100 only when everything is there. Undefined while the total is. */
  get percent(): number | undefined {
    if (this.totalBytes === undefined) return undefined;
    const exact = this.totalBytes === 0 ? 100 : Math.floor((this.#bytes / this.totalBytes) * 100);
    this.#percent = Math.max(this.#percent, Math.min(exact, 100));
    return this.#percent;
  }

  /** Bytes per second over the last few seconds. */
  rate(now: number): number {
    this.#forget(now);
    const [first] = this.#samples;
    if (first === undefined || now <= first.at) return 0;
    return ((this.#bytes - first.bytes) * 1_000) / (now - first.at);
  }

  /** Milliseconds that the rest takes at this rate; undefined while nobody can say. */
  remainingMs(now: number): number | undefined {
    const rate = this.rate(now);
    if (this.totalBytes === undefined || rate === 0) return undefined;
    return (Math.max(0, this.totalBytes - this.#bytes) * 1_000) / rate;
  }

  /** Milliseconds since the last byte if that is long, else undefined. */
  stalledMs(now: number): number | undefined {
    const ms = now - this.#lastByteAt;
    return ms >= stalledAfterMs ? ms : undefined;
  }

  /** Keeps one sample that is older than the window, from which the rate is taken. */
  #forget(now: number): void {
    while (this.#samples.length > 1 && now - (this.#samples[1]?.at ?? now) >= rateWindowMs) this.#samples.shift();
  }
}
