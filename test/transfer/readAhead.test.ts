// The read pipeline over simulated files: order, ends, short answers, files that change meanwhile, and nothing left in flight.

import * as assert from 'uvu/assert';
import { CodexfsError, FileError, ProtocolError } from '../../src/errors.js';
import type { ReadResult } from '../../src/fs/FileSystem.js';
import { type Chunk, type ReadAheadOptions, readAhead } from '../../src/transfer/readAhead.js';
import { Window } from '../../src/transfer/Window.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import { type Behaviour, SimulatedFileSystem } from '../helpers/simulatedFileSystem.js';

const chunkBytes = 1024;
const windowBytes = 8 * chunkBytes;
const sizes = [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, windowBytes, windowBytes + 1];
const styles = ['authoritative', 'byShortness'] as const;

/** A file of `sizeBytes` bytes, open, and its pipeline. */
async function pipeline(sizeBytes: number, behaviour: Behaviour = {}, options: Partial<ReadAheadOptions> = {}) {
  const disk = new SimulatedDisk();
  const file = disk.put('/a', contentOf(sizeBytes));
  const system = new SimulatedFileSystem(disk, { chunkBytes, ...behaviour });
  const handle = await system.openRead('/a');
  const window = new Window({ maxBytes: windowBytes, maxChunkBytes: chunkBytes });
  const chunks = readAhead((offset, length, reading) => handle.read(offset, length, reading), {
    window,
    expectedEnd: sizeBytes,
    ...options,
  });
  return { disk, file, system, chunks, window };
}

async function joined(chunks: AsyncIterable<Chunk>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let offset: number | undefined;
  for await (const chunk of chunks) {
    offset ??= chunk.offset;
    assert.is(chunk.offset, offset, 'a chunk is out of order');
    offset += chunk.bytes.length;
    parts.push(Buffer.from(chunk.bytes));
  }
  return Buffer.concat(parts);
}

/** A read that waits until the test lets it go. */
function gate() {
  let open: () => void = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

describe('reading ahead', (test) => {
  for (const eofStyle of styles) {
    for (const sizeBytes of sizes) {
      test(`yields ${sizeBytes} bytes in order where eof is ${eofStyle}`, async () => {
        const { chunks, system } = await pipeline(sizeBytes, { eofStyle });
        assert.ok((await joined(chunks)).equals(contentOf(sizeBytes)));
        assert.is(system.callsInFlight, 0);
      });

      test(`yields ${sizeBytes} bytes from a handle that closes itself at the end, eof ${eofStyle}`, async () => {
        const { chunks } = await pipeline(sizeBytes, { eofStyle, closesAtEof: true }, { expectedEnd: undefined });
        assert.ok((await joined(chunks)).equals(contentOf(sizeBytes)));
      });
    }
  }

  test('asks for the rest of short answers', async () => {
    const shorten = ({ length, count }: { length: number; count: number }) =>
      count % 3 === 0 ? length : Math.max(1, Math.floor(length / (1 + (count % 5))));
    const { chunks } = await pipeline(windowBytes * 3 + 17, { shorten });
    assert.ok((await joined(chunks)).equals(contentOf(windowBytes * 3 + 17)));
  });

  test('takes one empty answer for a slow file and asks again', async () => {
    const seen = new Set<number>();
    const shorten = ({ offset, length }: { offset: number; length: number }) => {
      const isFirst = !seen.has(offset);
      seen.add(offset);
      return isFirst ? 0 : length;
    };
    const { chunks } = await pipeline(5000, { shorten });
    assert.ok((await joined(chunks)).equals(contentOf(5000)));
  });

  test('ends with an error when empty answers never end', async () => {
    const { chunks, system } = await pipeline(5000, { shorten: () => 0 });
    assert.is((await rejection(joined(chunks), ProtocolError)).field, 'eof');
    assert.is(system.callsInFlight, 0);
  });

  test('keeps at least two reads in flight, and never more bytes than the window', async () => {
    const { chunks, system } = await pipeline(windowBytes * 4);
    await joined(chunks);
    assert.ok(system.maxBytesReading >= 2 * chunkBytes);
    assert.ok(system.maxBytesReading <= windowBytes, `${system.maxBytesReading} bytes in flight`);
  });

  test('counts answers that nobody took yet against the window', async () => {
    const { chunks, system } = await pipeline(windowBytes * 4);
    await chunks.next();
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    const asked = system.countOf('read');
    assert.ok(asked * chunkBytes <= windowBytes + chunkBytes, `${asked} chunks asked for and one taken`);
    await chunks.return();
  });

  test('does not speculate far beyond the expected end', async () => {
    const { chunks, system } = await pipeline(chunkBytes * 2, {}, { window: wideWindow() });
    await joined(chunks);
    assert.is(system.countOf('read'), 3);
  });

  test('reads on behind the expected end when the file grew', async () => {
    const { chunks, disk, file } = await pipeline(chunkBytes * 3);
    const first = await chunks.next();
    disk.resize(file, chunkBytes * 9 + 5);
    const rest = await joined(chunks);
    assert.is((first.value?.bytes.length ?? 0) + rest.length, chunkBytes * 9 + 5);
  });

  test('ends early when the file shrank', async () => {
    const { chunks, disk, file, system } = await pipeline(windowBytes * 4);
    await chunks.next();
    disk.resize(file, chunkBytes + 3);
    assert.ok((await joined(chunks)).length < windowBytes * 4);
    assert.is(system.callsInFlight, 0);
  });

  test('yields one stretch, and asks for nothing outside it', async () => {
    for (const [startOffset, endOffset] of [
      [0, 0],
      [3, 4],
      [1000, 3000],
      [4990, 9000],
      [9000, 9001],
    ] as const) {
      const { chunks, system } = await pipeline(5000, {}, { startOffset, endOffset });
      assert.ok((await joined(chunks)).equals(contentOf(5000).subarray(startOffset, endOffset)));
      const reads = system.log.filter((line) => line.startsWith('read ')).map((line) => line.slice(5).split('+'));
      for (const [offset, length] of reads) {
        assert.ok(Number(offset) >= startOffset && Number(offset) + Number(length) <= endOffset);
      }
    }
  });
});

describe('the end of reading ahead', (test) => {
  test('throws the error of a read when its turn comes, with nothing left in flight', async () => {
    const fault = new FileError('io_error', 'read', '/a', 'input/output error');
    const before = ({ operation, offset }: { operation: string; offset: number }) => {
      if (operation === 'read' && offset === 2 * chunkBytes) throw fault;
    };
    const { chunks, system } = await pipeline(windowBytes * 2, { before });
    const taken: number[] = [];
    const error = await rejection(
      (async () => {
        for await (const chunk of chunks) taken.push(chunk.offset);
      })(),
    );
    assert.is(error, fault);
    assert.equal(taken, [0, chunkBytes]);
    assert.is(system.callsInFlight, 0);
  });

  test('passes over the error of a read behind the end', async () => {
    const before = ({ operation, offset }: { operation: string; offset: number }) => {
      if (operation === 'read' && offset >= 2000) throw new FileError('io_error', 'read', '/a', 'beyond the end');
    };
    const { chunks, system } = await pipeline(1500, { before }, { expectedEnd: undefined });
    assert.ok((await joined(chunks)).equals(contentOf(1500)));
    assert.is(system.callsInFlight, 0);
  });

  for (const after of [0, 1, 2, 5]) {
    test(`stops at an abort after ${after} chunks, with nothing left in flight`, async () => {
      const abort = new AbortController();
      const { chunks, system } = await pipeline(windowBytes * 2, {}, { signal: abort.signal });
      const reason = new Error('stop');
      const error = await rejection(
        (async () => {
          if (after === 0) abort.abort(reason);
          let taken = 0;
          for await (const _ of chunks) if (++taken === after) abort.abort(reason);
        })(),
      );
      assert.is(error, reason);
      assert.is(system.callsInFlight, 0);
    });
  }

  test('does not wait for answers that an abort gave up', async () => {
    const abort = new AbortController();
    const stuck = gate();
    const before = ({ operation }: { operation: string }) => (operation === 'read' ? stuck.passed : undefined);
    const { chunks, system } = await pipeline(5000, { before }, { signal: abort.signal });
    const first = chunks.next();
    while (system.callsInFlight < 2) await Promise.resolve();
    abort.abort(new Error('stop'));
    assert.is((await rejection(first)).message, 'stop');
    assert.is(system.callsInFlight, 0);
    stuck.open();
  });

  test('waits for what is in flight when its consumer stops early', async () => {
    const stuck = gate();
    const before = ({ offset }: { offset: number }) => (offset > 0 ? stuck.passed : undefined);
    const { chunks, system } = await pipeline(windowBytes, { before });
    await chunks.next();
    let hasReturned = false;
    const returning = chunks.return().then(() => {
      hasReturned = true;
    });
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    assert.not(hasReturned);
    assert.ok(system.callsInFlight > 0);
    stuck.open();
    await returning;
    assert.is(system.callsInFlight, 0);
  });

  test('asks for nothing when it is never begun', async () => {
    const { chunks, system } = await pipeline(5000);
    await chunks.return();
    assert.is(system.countOf('read'), 0);
  });

  test('ends at a file that goes on far behind the end that it told of', async () => {
    const bytes = Buffer.alloc(2 ** 20);
    let askedBytes = 0;
    const read = async (offset: number) => {
      askedBytes = Math.max(askedBytes, offset);
      return { bytes, eof: false };
    };
    const endless = (expectedEnd: number) => {
      const window = new Window({ maxBytes: 8 * bytes.length, maxChunkBytes: bytes.length, roundTripMs: 0 });
      return (async () => {
        for await (const { offset } of readAhead(read, { window, expectedEnd })) if (offset > 2 ** 27) return 'went on';
        return 'ended';
      })();
    };
    assert.is((await rejection(endless(10), CodexfsError)).code, 'source_changed');
    assert.ok(askedBytes < 2 ** 27);
    // Files in /proc say that they are empty.
    assert.is(await endless(0), 'went on');
  });

  test('throws what a read throws that fails before it returns a promise', async () => {
    const window = new Window({ maxBytes: windowBytes, maxChunkBytes: chunkBytes });
    let calls = 0;
    const read = (): Promise<ReadResult> => {
      if (++calls === 2) throw new Error('at once');
      return Promise.resolve({ bytes: Buffer.alloc(chunkBytes), eof: false });
    };
    assert.is((await rejection(joined(readAhead(read, { window })))).message, 'at once');
  });
});

/** A window that has already seen a fast line. */
function wideWindow(): Window {
  let now = 0;
  const window = new Window({ maxBytes: windowBytes, maxChunkBytes: chunkBytes }, () => now);
  const flight = window.sent();
  now = 100;
  window.answered(flight, 100_000_000);
  return window;
}
