// Copies from and to streams: slow ones, broken ones, ones that never end, and stretches of files.

import { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { CancelledError, FileError } from '../../src/errors.js';
import { recycleChunk, takeChunk } from '../../src/protocol/chunkPool.js';
import { copyFromStream, copyToStream } from '../../src/transfer/copyStream.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, checkReport, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour, Call } from '../helpers/simulatedFileSystem.js';
import { streamTo } from '../helpers/streams.js';

const chunkBytes = 1024;

function server(behaviour: Behaviour = {}) {
  return serverOf(new SimulatedDisk(), 'one', { chunkBytes, ...behaviour });
}

/** The stream of `pieces`, and whether whoever read it let it go. */
function input(pieces: readonly Buffer[], end: 'ends' | 'fails' | 'hangs' = 'ends') {
  const state = { isReleased: false };
  async function* read() {
    try {
      yield* pieces;
      if (end === 'fails') throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5 });
      if (end === 'hangs') await new Promise(() => {});
    } finally {
      state.isReleased = true;
    }
  }
  return { pieces: read(), state };
}

const pieces = [contentOf(10), contentOf(5000, 2), Buffer.alloc(0), contentOf(1024, 3)];
const whole = Buffer.concat(pieces);

describe('copying from a stream', (test) => {
  test('writes what it yields, in pieces that the destination takes', async () => {
    const to = server();
    const heard: number[] = [];
    const onProgress = (bytes: number) => void heard.push(bytes);
    assert.equal(await copyFromStream(input(pieces).pieces, '-', to.at('/b'), { onProgress }), { bytes: whole.length });
    assert.ok(to.disk.content('/b')?.equals(whole));
    assert.is(
      heard.reduce((sum, bytes) => sum + bytes, 0),
      whole.length,
    );
    checkAtRest(to.system);
  });

  test('makes an empty file of an empty stream', async () => {
    const to = server();
    to.disk.put('/b', contentOf(100));
    assert.equal(await copyFromStream(Readable.from([]), '-', to.at('/b')), { bytes: 0 });
    assert.is(to.disk.content('/b')?.length, 0);
  });

  test('fails as the destination did, also where the stream cannot be let go', async () => {
    const to = server({
      before: ({ operation }) => {
        if (operation === 'openWrite') throw new FileError('no_space', 'open', '/b', 'no space left on device');
      },
    });
    const stubborn: AsyncIterableIterator<Buffer> = {
      [Symbol.asyncIterator]: () => stubborn,
      next: async () => ({ value: contentOf(10) }),
      return: async () => {
        throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO', errno: -5 });
      },
    };
    const failure = await failureOf(copyFromStream(stubborn, '-', to.at('/b')));
    assert.equal([failure.code, failure.side], ['no_space', 'destination']);
    checkAtRest(to.system);
  });

  test('leaves the destination alone when the stream fails before its first bytes', async () => {
    const to = server();
    to.disk.put('/b', contentOf(100));
    const failure = await failureOf(copyFromStream(input([], 'fails').pieces, '-', to.at('/b')));
    assert.equal([failure.code, failure.side, failure.partial], ['io_error', 'source', undefined]);
    assert.ok(to.disk.content('/b')?.equals(contentOf(100)));
  });

  test('says what is there when the stream fails, and closes the file', async () => {
    const to = server();
    const failure = await failureOf(copyFromStream(input(pieces, 'fails').pieces, '-', to.at('/b')));
    assert.equal([failure.code, failure.side], ['io_error', 'source']);
    assert.equal(failure.partial, { shown: 'one:/b', state: 'partial', bytes: whole.length, totalBytes: undefined });
    checkReport(failure, whole, undefined, to.disk.content('/b'));
    checkAtRest(to.system);
  });

  test('lets go of the stream when the destination fails', async () => {
    const before = ({ operation, count }: Call) => {
      if (operation === 'write' && count === 3) throw new FileError('no_space', 'write', '/b', 'full');
    };
    const to = server({ before });
    const source = input(Array.from({ length: 50 }, () => contentOf(2000)));
    const failure = await failureOf(copyFromStream(source.pieces, '-', to.at('/b')));
    assert.equal([failure.code, failure.side], ['no_space', 'destination']);
    assert.ok(source.state.isReleased);
    checkAtRest(to.system);
  });

  test('ends at an abort although the stream says nothing any more', async () => {
    const abort = new AbortController();
    const to = server();
    const onProgress = () => abort.abort(new CancelledError());
    const source = input([contentOf(100)], 'hangs');
    const failure = await failureOf(
      copyFromStream(source.pieces, '-', to.at('/b'), { signal: abort.signal, onProgress }),
    );
    assert.equal([failure.code, failure.partial?.state, failure.partial?.bytes], ['cancelled', 'partial', 100]);
    checkAtRest(to.system);
  });

  test('opens nothing when it is aborted before the first bytes', async () => {
    const abort = new AbortController();
    const to = server();
    const copying = copyFromStream(input([], 'hangs').pieces, '-', to.at('/b'), { signal: abort.signal });
    abort.abort(new CancelledError());
    const failure = await failureOf(copying);
    assert.equal([failure.code, failure.partial], ['cancelled', undefined]);
    assert.is(to.system.log.length, 0);
  });
});

describe('copying to a stream', (test) => {
  function source(sizeBytes: number, behaviour: Behaviour = {}) {
    const from = server(behaviour);
    from.disk.put('/a', contentOf(sizeBytes));
    return from;
  }

  for (const sizeBytes of [0, 1, chunkBytes, chunkBytes + 1, 20_000]) {
    test(`writes ${sizeBytes} bytes in order`, async () => {
      const from = source(sizeBytes);
      const output = streamTo();
      assert.equal(await copyToStream(from.at('/a'), output.stream), { bytes: sizeBytes });
      assert.ok(output.content().equals(contentOf(sizeBytes)));
      assert.not(output.stream.writableEnded);
      checkAtRest(from.system);
    });
  }

  for (const [range, start, end] of [
    [{ start: 10, end: 20 }, 10, 20],
    [{ start: 4000 }, 4000, 5000],
    [{ start: 4990, end: 9000 }, 4990, 5000],
    [{ start: 9000 }, 5000, 5000],
    [{ start: 7, end: 7 }, 7, 7],
    [{ lastBytes: 10 }, 4990, 5000],
    [{ lastBytes: 9000 }, 0, 5000],
    [{ lastBytes: 0 }, 5000, 5000],
  ] as const) {
    test(`writes the stretch ${JSON.stringify(range)}`, async () => {
      const from = source(5000);
      const output = streamTo();
      const result = await copyToStream(from.at('/a'), output.stream, { range });
      assert.equal(result, { bytes: end - start });
      assert.ok(output.content().equals(contentOf(5000).subarray(start, end)));
      checkAtRest(from.system);
    });
  }

  test('tells beforehand how much there will be, of a stretch what of it is in the file', async () => {
    for (const [range, bytes] of [
      [undefined, 5000],
      [{ start: 4990 }, 10],
      [{ start: 10, end: 30 }, 20],
      [{ start: 4990, end: 9000 }, 10],
      [{ start: 6000, end: 9000 }, 0],
      [{ lastBytes: 7 }, 7],
    ] as const) {
      const heard: unknown[] = [];
      const output = streamTo();
      const onStart = (...told: unknown[]) => void heard.push(...told);
      const copied = await copyToStream(source(5000).at('/a'), output.stream, { range, onStart });
      assert.equal([heard, copied, output.content().length], [[bytes, 0], { bytes }, bytes]);
    }
  });

  test('refuses the last bytes of a file that nobody knows the length of', async () => {
    const from = source(5000, { hidesSize: true });
    const failure = await failureOf(copyToStream(from.at('/a'), streamTo().stream, { range: { lastBytes: 3 } }));
    assert.is(failure.code, 'unsupported');
    checkAtRest(from.system);
  });

  test('keeps to its window while the stream takes nothing', async () => {
    let takeOn: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      takeOn = resolve;
    });
    const from = source(100_000);
    const output = streamTo({ before: () => slow });
    const copying = copyToStream(from.at('/a'), output.stream, { windowBytes: 8 * chunkBytes });
    for (let turn = 0; turn < 500; turn++) await Promise.resolve();
    assert.ok(from.system.countOf('read') <= 9, `${from.system.countOf('read')} reads for a stream that takes nothing`);
    takeOn();
    await copying;
    assert.ok(output.content().equals(contentOf(100_000)));
  });

  test('ends when its reader has gone, and closes the file', async () => {
    const from = source(100_000);
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', errno: -32 });
    const output = streamTo({ before: (taken) => (taken === 3 ? Promise.reject(gone) : undefined) });
    const failure = await failureOf(copyToStream(from.at('/a'), output.stream));
    assert.equal([failure.code, failure.side], ['cancelled', 'destination']);
    checkAtRest(from.system);
  });

  test('says what the stream failed with', async () => {
    const from = source(100_000);
    const full = Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC', errno: -28 });
    const failure = await failureOf(
      copyToStream(from.at('/a'), streamTo({ before: () => Promise.reject(full) }).stream),
    );
    assert.equal([failure.code, failure.side], ['no_space', 'destination']);
    checkAtRest(from.system);
  });

  test('ends at an abort although the stream takes nothing', async () => {
    const abort = new AbortController();
    const from = source(100_000);
    const never = () => {
      abort.abort(new CancelledError());
      return new Promise<void>(() => {});
    };
    const failure = await failureOf(
      copyToStream(from.at('/a'), streamTo({ before: never }).stream, { signal: abort.signal }),
    );
    assert.is(failure.code, 'cancelled');
    checkAtRest(from.system);
  });

  test('does not use memory again that the stream has not taken yet', async () => {
    const from = source(200_000, { chunkBytes: 40_000 });
    const scribble = () => {
      const garbage = Array.from({ length: 9 }, () => takeChunk(40_000).fill(0xee));
      for (const chunk of garbage) recycleChunk(chunk);
    };
    const output = streamTo({ before: () => scribble(), highWaterMark: 1_000_000 });
    await copyToStream(from.at('/a'), output.stream);
    assert.ok(output.content().equals(contentOf(200_000)));
  });
});
