// The window on lines of known rate and round trip, in simulated time.

import * as assert from 'uvu/assert';
import { Window } from '../../src/transfer/Window.js';
import { describe } from '../helpers/describe.js';
import { type LineOptions, type LineSample, simulateLine } from '../helpers/simulatedLine.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const bounds = { maxBytes: 32 * MiB, maxChunkBytes: MiB };

/** What the window was from `fromMs` on. */
function settled(options: Omit<LineOptions, 'maxBytes' | 'maxChunkBytes'>, fromMs: number): LineSample[] {
  const samples = simulateLine({ ...bounds, ...options }).filter(({ atMs }) => atMs >= fromMs);
  assert.ok(samples.length > 10);
  return samples;
}

const most = (samples: LineSample[], of: (sample: LineSample) => number) => Math.max(...samples.map(of));
const least = (samples: LineSample[], of: (sample: LineSample) => number) => Math.min(...samples.map(of));

describe('the window', (test) => {
  test('starts at two chunks', () => {
    const window = new Window(bounds, () => 0);
    assert.is(window.chunkBytes, 256 * KiB);
    assert.is(window.bytes, 2 * 256 * KiB);
  });

  test('fills a long fast line within ten round trips', () => {
    const line = { roundTripMs: 50, bytesPerMs: (240 * MiB) / 1000, durationMs: 4_000 };
    const heldByLine = line.roundTripMs * line.bytesPerMs;
    for (const measuredRoundTripMs of [undefined, 50]) {
      const samples = settled({ ...line, measuredRoundTripMs }, 500);
      assert.ok(least(samples, ({ windowBytes }) => windowBytes) >= heldByLine);
      assert.ok(most(samples, ({ windowBytes }) => windowBytes) <= 4 * heldByLine);
    }
  });

  test('stays small on a fast short line, however long the transfer', () => {
    const line = { roundTripMs: 0.2, bytesPerMs: (400 * MiB) / 1000, durationMs: 60_000 };
    assert.ok(most(settled({ ...line, measuredRoundTripMs: 0.2 }, 0), ({ windowBytes }) => windowBytes) <= 3 * MiB);
    assert.ok(most(settled(line, 0), ({ windowBytes }) => windowBytes) <= 8 * MiB);
  });

  for (const [bytesPerMs, roundTripMs] of [
    [100, 50],
    [1_000, 20],
    [1_000, 200],
    [10_000, 5],
  ] as const) {
    test(`keeps less than a second in flight at ${bytesPerMs} KB/s and ${roundTripMs} ms, for minutes`, () => {
      const line = { roundTripMs, bytesPerMs, durationMs: 180_000, measuredRoundTripMs: roundTripMs };
      const samples = settled(line, 8_000);
      assert.ok(most(samples, ({ inFlightBytes }) => inFlightBytes / bytesPerMs) <= 800);
      assert.ok(most(samples, ({ chunkBytes }) => chunkBytes) <= Math.max(16 * KiB, bytesPerMs * 40));
      assert.ok(least(samples, ({ windowBytes }) => windowBytes) >= roundTripMs * bytesPerMs, 'the line runs dry');
    });
  }

  test('does not feed on its own queue where no round trip was measured before', () => {
    const line = { roundTripMs: 20, bytesPerMs: 1_000, durationMs: 180_000 };
    const early = most(settled({ ...line, durationMs: 5_000 }, 0), ({ windowBytes }) => windowBytes);
    assert.ok(most(settled(line, 5_000), ({ windowBytes }) => windowBytes) <= 2 * early);
  });

  test('does not take the burst behind a stall for speed', () => {
    const line = { roundTripMs: 20, bytesPerMs: 1_000, durationMs: 12_000, measuredRoundTripMs: 20 };
    const calm = most(settled(line, 2_000), ({ windowBytes }) => windowBytes);
    const stalled = settled({ ...line, stall: { fromMs: 3_000, toMs: 5_000 } }, 2_000);
    assert.ok(most(stalled, ({ windowBytes }) => windowBytes) <= 1.5 * calm);
  });

  test('grows again when the line does', () => {
    let now = 0;
    const window = new Window({ ...bounds, roundTripMs: 10 }, () => now);
    for (const [bytesPerMs, untilMs] of [
      [10, 20_000],
      [100_000, 30_000],
    ] as const) {
      while (now < untilMs) {
        const flight = window.sent();
        const { chunkBytes } = window;
        now += 10 + chunkBytes / bytesPerMs;
        window.answered(flight, chunkBytes);
      }
      if (bytesPerMs === 10) assert.is(window.chunkBytes, 16 * KiB);
    }
    assert.is(window.chunkBytes, MiB);
  });
});

describe('the bounds of the window', (test) => {
  test('hold at every moment, down to one byte', () => {
    for (const maxBytes of [1, 2, 3, 1000, 70_000, 5 * MiB]) {
      for (const maxChunkBytes of [1, 4 * KiB, 100_000, MiB]) {
        const line = { roundTripMs: 5, bytesPerMs: 1_000, durationMs: Math.min(500, maxChunkBytes * 10) };
        for (const sample of simulateLine({ ...line, maxBytes, maxChunkBytes })) {
          assert.ok(sample.windowBytes <= maxBytes && sample.chunkBytes <= maxChunkBytes);
          assert.ok(sample.chunkBytes >= 1 && sample.chunkBytes <= sample.windowBytes);
          assert.ok(Number.isInteger(sample.chunkBytes) && Number.isInteger(sample.windowBytes));
        }
      }
    }
  });

  test('follow an end that turns out to take less', () => {
    const window = new Window(bounds, () => 0);
    window.narrowChunks(5_000);
    assert.is(window.chunkBytes, 5_000);
    window.narrowChunks(90_000);
    assert.is(window.chunkBytes, 5_000);
  });

  test('are not moved by a clock that stands still', () => {
    const window = new Window(bounds, () => 7);
    for (let turn = 0; turn < 100; turn++) window.answered(window.sent(), MiB);
    assert.is(window.bytes, 2 * 256 * KiB);
  });

  test('are not moved by answers without content', () => {
    let now = 0;
    const window = new Window(bounds, () => now++);
    for (let turn = 0; turn < 100; turn++) window.answered(window.sent(), 0);
    assert.ok(window.bytes >= 2 * 16 * KiB && window.bytes <= 2 * 256 * KiB);
  });
});
