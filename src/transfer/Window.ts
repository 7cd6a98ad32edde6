// How much one direction of a transfer keeps in flight, and in chunks of what size. It starts small and follows what the
// transfer itself shows: the rate at which answers come and the shortest time that one took.

const KiB = 1024;

/** So many bytes, or who says how many now. */
export type MaxBytes = number | (() => number);

/** So many of them there are now. */
export function bytesNow(maxBytes: MaxBytes): number {
  return typeof maxBytes === 'number' ? maxBytes : maxBytes();
}

/** What each of two directions or sources has that keep to `maxBytes` together. */
export function halfOf(maxBytes: MaxBytes): MaxBytes {
  return () => Math.floor(bytesNow(maxBytes) / 2);
}

export interface WindowLimits {
  /** The most bytes in flight; a function where that changes while the transfer runs. */
  readonly maxBytes: MaxBytes;
  /** The largest chunk that both ends take. */
  readonly maxChunkBytes: number;
  /** Milliseconds that a request without content took on this line before the first chunk. */
  readonly roundTripMs?: number | undefined;
}

/** A chunk's size while nothing is known of the line: small enough to be stopped at once, large enough to learn from. */
const firstChunkBytes = 256 * KiB;
/** A chunk should not take longer than this, so that a slow line stays responsive to ^C and progress moves. */
const targetChunkMs = 40;
const minChunkBytes = 16 * KiB;
/**
 * In flight: three times what the line holds, and two chunks for the ends to work on. Twice would be enough for the rate to be
 * seen to grow, but answers come in bursts: at 50 ms to a real server 2 gave 75 to 120 MiB/s, 3 gave 101 to 161, 4 no more.
 */
const gain = 3;
/**
 * The same in the first round trips, which show no more of the line than was asked of it: 256 MiB at 50 ms are a tenth of a second
 * earlier there. On a slow line the queue of those few is as long.
 */
const firstGain = 8;
const firstRoundTrips = 4;
const minChunksInFlight = 2;
/** How long a measured rate stays the best one. */
const memoryMs = 4_000;

/** What was known when a chunk was sent; handed back with its answer. */
export interface InFlight {
  readonly sentAt: number;
  /** Bytes answered by then, when the last of those answers came, and when what it answered had been sent. */
  readonly answeredBytes: number;
  readonly answeredAt: number;
  readonly answeredSentAt: number;
}

/** The window of one direction of one transfer. */
export class Window {
  #limits: WindowLimits;
  readonly #now: () => number;
  #answeredBytes = 0;
  #answeredAt: number | undefined;
  #answeredSentAt: number | undefined;
  #firstSentAt: number | undefined;
  #gain = firstGain;
  readonly #rates = new RecentBest(memoryMs);
  /**
   * The shortest ever, not of late: once chunks queue, every recent round trip holds the queue, and a window made of it
   * would make the queue longer still.
   */
  #roundTripMs: number | undefined;

  constructor(limits: WindowLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#roundTripMs = limits.roundTripMs;
  }

  /** Bytes that may be in flight now; at least two chunks where the bound allows. */
  get bytes(): number {
    const { value: rate } = this.#rates;
    const roundTripMs = this.#roundTripMs;
    const floor = minChunksInFlight * this.chunkBytes;
    if (rate === undefined || roundTripMs === undefined) return Math.min(floor, this.#maxBytes);
    return Math.min(this.#maxBytes, Math.ceil(this.#gain * rate * roundTripMs) + floor);
  }

  /** The size of the next chunk. */
  get chunkBytes(): number {
    const most = Math.max(1, Math.min(this.#limits.maxChunkBytes, Math.floor(this.#maxBytes / minChunksInFlight)));
    const { value: rate } = this.#rates;
    const wanted =
      rate === undefined ? firstChunkBytes : Math.max(minChunkBytes, powerOfTwoBelow(rate * targetChunkMs));
    return Math.min(most, wanted);
  }

  get #maxBytes(): number {
    return bytesNow(this.#limits.maxBytes);
  }

  /** Lowers the largest chunk when the other end turns out to take less. */
  narrowChunks(maxChunkBytes: number): void {
    this.#limits = { ...this.#limits, maxChunkBytes: Math.min(this.#limits.maxChunkBytes, maxChunkBytes) };
  }

  sent(): InFlight {
    const sentAt = this.#now();
    this.#firstSentAt ??= sentAt;
    return {
      sentAt,
      answeredBytes: this.#answeredBytes,
      answeredAt: this.#answeredAt ?? sentAt,
      answeredSentAt: this.#answeredSentAt ?? sentAt,
    };
  }

  /** Notes the answer to what `flight` was given for; `bytes` of content went with it. */
  answered(flight: InFlight, bytes: number): void {
    const now = this.#now();
    const roundTripMs = now - flight.sentAt;
    if (bytes > 0 && roundTripMs > 0) this.#roundTripMs = Math.min(this.#roundTripMs ?? roundTripMs, roundTripMs);
    const sinceFirstMs = now - (this.#firstSentAt ?? now);
    if (sinceFirstMs > firstRoundTrips * (this.#roundTripMs ?? 0)) this.#gain = gain;
    this.#answeredBytes += bytes;
    this.#answeredAt = now;
    this.#answeredSentAt = flight.sentAt;
    // Answers that were held up come in a burst. What they answer was sent over a longer time, so the slower of the two
    // rates is the line's (the delivery rate of BBR, draft-ietf-ccwg-bbr section 4.1.2).
    const elapsedMs = Math.max(now - flight.answeredAt, flight.sentAt - flight.answeredSentAt);
    if (elapsedMs > 0) this.#rates.offer((this.#answeredBytes - flight.answeredBytes) / elapsedMs, now);
  }
}

/** The largest value of the recent past, in two half-lives so that an old one is forgotten. */
class RecentBest {
  readonly #halfMs: number;
  #previous: number | undefined;
  #current: number | undefined;
  #since = Number.NEGATIVE_INFINITY;

  constructor(memoryMs: number) {
    this.#halfMs = memoryMs / 2;
  }

  get value(): number | undefined {
    if (this.#previous === undefined || this.#current === undefined) return this.#current ?? this.#previous;
    return Math.max(this.#previous, this.#current);
  }

  offer(value: number, now: number): void {
    if (now - this.#since > this.#halfMs) {
      this.#previous = this.#current;
      this.#current = undefined;
      this.#since = now;
    }
    this.#current = Math.max(value, this.#current ?? value);
  }
}

function powerOfTwoBelow(value: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, value)));
}
