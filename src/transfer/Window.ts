// How much one direction of a transfer keeps in flight, and in chunks of what size. It starts small and follows what the
// transfer itself shows: the rate at which answers come and the shortest time that one took.

const KiB = 1024;

export interface WindowLimits {
  /** The most bytes in flight. */
  readonly maxBytes: number;
  /** The largest chunk that both ends take. */
  readonly maxChunkBytes: number;
}

/** A chunk's size while nothing is known of the line: small enough to be stopped at once, large enough to learn from. */
const firstChunkBytes = 256 * KiB;
/** A chunk should not take longer than this, so that a slow line stays responsive to ^C and progress moves. */
const targetChunkMs = 40;
const minChunkBytes = 16 * KiB;
/** In flight: twice what the line holds (so that the rate can be seen to grow), and two chunks for the ends to work on. */
const gain = 2;
const minChunksInFlight = 2;
/** How long a measured rate or round trip stays the best one. */
const memoryMs = 4_000;
/** A rate is measured over at least this long, so that a burst of answers after a stall does not pass for speed. */
const minSampleMs = 50;

/** When a chunk was sent; handed back with its answer. */
export interface InFlight {
  readonly sentAt: number;
}

/** The window of one direction of one transfer. */
export class Window {
  #limits: WindowLimits;
  readonly #now: () => number;
  /** Bytes answered since the running rate sample began. */
  #sampleBytes = 0;
  #sampleSince: number;
  readonly #rates: Best;
  readonly #roundTrips: Best;

  constructor(limits: WindowLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#sampleSince = now();
    this.#rates = new Best((a, b) => a > b, memoryMs);
    this.#roundTrips = new Best((a, b) => a < b, memoryMs);
  }

  /** Bytes that may be in flight now; at least two chunks where the bound allows. */
  get bytes(): number {
    const { value: rate } = this.#rates;
    const { value: roundTripMs } = this.#roundTrips;
    const floor = minChunksInFlight * this.chunkBytes;
    if (rate === undefined || roundTripMs === undefined) return Math.min(floor, this.#limits.maxBytes);
    return Math.min(this.#limits.maxBytes, Math.ceil(gain * rate * roundTripMs) + floor);
  }

  /** The size of the next chunk. */
  get chunkBytes(): number {
    const { maxBytes, maxChunkBytes } = this.#limits;
    const most = Math.max(1, Math.min(maxChunkBytes, Math.floor(maxBytes / minChunksInFlight)));
    const { value: rate } = this.#rates;
    const wanted =
      rate === undefined ? firstChunkBytes : Math.max(minChunkBytes, powerOfTwoBelow(rate * targetChunkMs));
    return Math.min(most, wanted);
  }

  /** Lowers the largest chunk when the other end turns out to take less. */
  narrowChunks(maxChunkBytes: number): void {
    this.#limits = { ...this.#limits, maxChunkBytes: Math.min(this.#limits.maxChunkBytes, maxChunkBytes) };
  }

  sent(): InFlight {
    return { sentAt: this.#now() };
  }

  /** Notes the answer to what `flight` was given for; `bytes` of content went with it. */
  answered(flight: InFlight, bytes: number): void {
    const now = this.#now();
    const roundTripMs = now - flight.sentAt;
    if (bytes > 0 && roundTripMs > 0) this.#roundTrips.offer(roundTripMs, now);
    this.#sampleBytes += bytes;
    const elapsedMs = now - this.#sampleSince;
    if (elapsedMs < Math.max(minSampleMs, this.#roundTrips.value ?? 0)) return;
    this.#rates.offer(this.#sampleBytes / elapsedMs, now);
    this.#sampleBytes = 0;
    this.#sampleSince = now;
  }
}

/** The best value of the recent past, in two half-lives so that an old best is forgotten. */
class Best {
  readonly #isBetter: (a: number, b: number) => boolean;
  readonly #halfMs: number;
  #previous: number | undefined;
  #current: number | undefined;
  #since = Number.NEGATIVE_INFINITY;

  constructor(isBetter: (a: number, b: number) => boolean, memoryMs: number) {
    this.#isBetter = isBetter;
    this.#halfMs = memoryMs / 2;
  }

  get value(): number | undefined {
    return this.#better(this.#previous, this.#current);
  }

  offer(value: number, now: number): void {
    if (now - this.#since > this.#halfMs) {
      this.#previous = this.#current;
      this.#current = undefined;
      this.#since = now;
    }
    this.#current = this.#better(this.#current, value);
  }

  #better(a: number | undefined, b: number | undefined): number | undefined {
    if (a === undefined || b === undefined) return a ?? b;
    return this.#isBetter(a, b) ? a : b;
  }
}

function powerOfTwoBelow(value: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, value)));
}
