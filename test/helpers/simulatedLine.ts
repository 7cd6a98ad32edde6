// A line of known rate and round trip in simulated time, driven the way the read pipeline drives its window.

import { Window } from '../../src/transfer/Window.js';

export interface LineOptions {
  readonly roundTripMs: number;
  readonly bytesPerMs: number;
  readonly durationMs: number;
  readonly maxBytes: number;
  readonly maxChunkBytes: number;
  /** What a request without content took before the first chunk, if that is known. */
  readonly measuredRoundTripMs?: number | undefined;
  /** While it lasts nothing is delivered; then everything that was held comes at once. */
  readonly stall?: { readonly fromMs: number; readonly toMs: number };
}

export interface LineSample {
  readonly atMs: number;
  readonly windowBytes: number;
  readonly chunkBytes: number;
  readonly inFlightBytes: number;
}

/** What the window was after each answer. */
export function simulateLine(options: LineOptions): LineSample[] {
  const { roundTripMs, bytesPerMs, durationMs, maxBytes, maxChunkBytes, stall } = options;
  let now = 0;
  const window = new Window({ maxBytes, maxChunkBytes, roundTripMs: options.measuredRoundTripMs }, () => now);
  const inFlight: { answeredAt: number; bytes: number; flight: ReturnType<Window['sent']> }[] = [];
  const samples: LineSample[] = [];
  let lineFreeAt = 0;
  let inFlightBytes = 0;
  const send = () => {
    const bytes = window.chunkBytes;
    const startsAt = Math.max(now + roundTripMs / 2, lineFreeAt);
    lineFreeAt = startsAt + bytes / bytesPerMs;
    let answeredAt = lineFreeAt + roundTripMs / 2;
    if (stall !== undefined && answeredAt > stall.fromMs && answeredAt < stall.toMs) answeredAt = stall.toMs;
    inFlight.push({ answeredAt, bytes, flight: window.sent() });
    inFlightBytes += bytes;
  };
  while (now < durationMs) {
    while (inFlight.length === 0 || inFlightBytes + window.chunkBytes <= window.bytes) send();
    const answer = inFlight.shift();
    if (answer === undefined) break;
    now = answer.answeredAt;
    inFlightBytes -= answer.bytes;
    window.answered(answer.flight, answer.bytes);
    samples.push({ atMs: now, windowBytes: window.bytes, chunkBytes: window.chunkBytes, inFlightBytes });
  }
  return samples;
}
