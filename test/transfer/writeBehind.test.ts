// The write pipeline over a handle whose answers the test gives: order, acknowledged prefix, failures, aborts and memory.

import * as assert from 'uvu/assert';
import { CancelledError } from '../../src/errors.js';
import type { WriteHandle } from '../../src/fs/FileSystem.js';
import { maxFreeBytes, recycleChunk, takeChunk } from '../../src/protocol/chunkPool.js';
import { Window } from '../../src/transfer/Window.js';
import { WriteBehind, type WriteBehindOptions } from '../../src/transfer/writeBehind.js';
import { contentOf } from '../helpers/content.js';
import { describe, rejection } from '../helpers/describe.js';

const chunkBytes = 1024;

interface PendingWrite {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/** A handle that answers a write when the test says so. */
class ManualHandle implements WriteHandle {
  readonly maxChunkBytes: number;
  readonly isDestinationTouched = true;
  readonly writes: PendingWrite[] = [];

  constructor(maxChunkBytes = chunkBytes) {
    this.maxChunkBytes = maxChunkBytes;
  }

  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => this.writes.push({ bytes, resolve, reject }));
  }

  at(index: number): PendingWrite {
    const write = this.writes[index];
    if (write === undefined) throw new Error(`there is no write ${index}`);
    return write;
  }

  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}

function writeBehind(options: WriteBehindOptions & { windowBytes?: number; maxChunkBytes?: number } = {}) {
  const handle = new ManualHandle(options.maxChunkBytes);
  const window = new Window({ maxBytes: options.windowBytes ?? 4 * chunkBytes, maxChunkBytes: 1024 * 1024 });
  const acknowledged: number[] = [];
  const onAcknowledged = (bytes: number) => void acknowledged.push(bytes);
  return { handle, acknowledged, writes: new WriteBehind(handle, window, { onAcknowledged, ...options }) };
}

/** Lets everything happen that needs no answer. */
async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Answers the first `count` writes in order, as they come. */
async function answerAll(handle: ManualHandle, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await settleTurns();
    handle.at(index).resolve();
  }
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  await settleTurns();
  return !settled;
}

describe('writing behind', (test) => {
  test('sends in order, in pieces that the handle takes', async () => {
    const { handle, writes } = writeBehind({ maxChunkBytes: 1000, windowBytes: 100_000 });
    const content = contentOf(3500);
    const writing = writes.write(content);
    await answerAll(handle, 4);
    await writing;
    assert.equal(
      handle.writes.map(({ bytes }) => bytes.length),
      [1000, 1000, 1000, 500],
    );
    assert.ok(Buffer.concat(handle.writes.map(({ bytes }) => bytes)).equals(content));
    assert.is(writes.sentBytes, 3500);
  });

  test('keeps no more than the window unanswered, and goes on as room comes', async () => {
    const { handle, writes } = writeBehind({ windowBytes: 2 * chunkBytes });
    const writing = writes.write(contentOf(5 * chunkBytes));
    await settleTurns();
    assert.is(handle.writes.length, 2);
    handle.at(0).resolve();
    await settleTurns();
    assert.is(handle.writes.length, 3);
    await answerAll(handle, 5);
    await writing;
    await writes.finish();
    assert.is(writes.acknowledgedBytes, 5 * chunkBytes);
  });

  test('counts only what has no gap before it as acknowledged', async () => {
    const { handle, writes, acknowledged } = writeBehind();
    for (const sizeBytes of [100, 200, 300]) await writes.write(contentOf(sizeBytes));
    handle.at(2).resolve();
    await settleTurns();
    assert.is(writes.acknowledgedBytes, 0);
    handle.at(0).resolve();
    await settleTurns();
    assert.is(writes.acknowledgedBytes, 100);
    handle.at(1).resolve();
    await writes.finish();
    assert.equal(acknowledged, [100, 200, 300]);
    assert.is(writes.acknowledgedBytes, 600);
  });

  test('does nothing for no bytes', async () => {
    const { handle, writes } = writeBehind();
    await writes.write(Buffer.alloc(0));
    await writes.finish();
    assert.is(handle.writes.length, 0);
  });

  test('fails with the first failure, at the next write and at the end', async () => {
    const { handle, writes } = writeBehind();
    for (let count = 0; count < 3; count++) await writes.write(contentOf(100));
    handle.at(1).reject(new Error('first'));
    await settleTurns();
    handle.at(0).reject(new Error('second'));
    handle.at(2).resolve();
    assert.is((await rejection(writes.write(contentOf(1)))).message, 'first');
    assert.is((await rejection(writes.finish())).message, 'first');
    assert.is(handle.writes.length, 3);
    assert.is(writes.acknowledgedBytes, 0);
  });

  test('stops waiting for room when a write fails', async () => {
    const { handle, writes } = writeBehind({ windowBytes: 2 * chunkBytes });
    const writing = writes.write(contentOf(5 * chunkBytes));
    await settleTurns();
    handle.at(1).reject(new Error('full'));
    assert.is((await rejection(writing)).message, 'full');
    assert.is(handle.writes.length, 2);
  });

  test('stops waiting for room and for the end at an abort, and settles later', async () => {
    const abort = new AbortController();
    const { handle, writes } = writeBehind({ windowBytes: 2 * chunkBytes, signal: abort.signal });
    const writing = writes.write(contentOf(5 * chunkBytes));
    await settleTurns();
    const finishing = writes.finish();
    abort.abort(new CancelledError('SIGINT'));
    await rejection(writing, CancelledError);
    await rejection(finishing, CancelledError);
    const settling = writes.settle();
    assert.ok(await isPending(settling));
    for (const write of handle.writes) write.resolve();
    await settling;
    assert.is(writes.acknowledgedBytes, 2 * chunkBytes);
  });

  test('sends nothing more after an abort, even with room', async () => {
    const abort = new AbortController();
    const { handle, writes } = writeBehind({ signal: abort.signal });
    abort.abort(new CancelledError());
    await rejection(writes.write(contentOf(10)), CancelledError);
    assert.is(handle.writes.length, 0);
  });

  test('fails, and does not hang, when whoever hears of progress throws', async () => {
    const onAcknowledged = () => {
      throw new Error('the listener');
    };
    const { handle, writes } = writeBehind({ onAcknowledged });
    await writes.write(contentOf(10));
    handle.at(0).resolve();
    assert.is((await rejection(writes.finish())).message, 'the listener');
    await writes.settle();
  });

  test('fails when the handle throws before it returns a promise', async () => {
    const { handle, writes } = writeBehind();
    handle.write = () => {
      throw new Error('at once');
    };
    const failure = await rejection(writes.write(contentOf(10)).then(() => writes.finish()));
    assert.is(failure.message, 'at once');
    await writes.settle();
  });
});

describe('the memory of chunks', (test) => {
  const sizeBytes = 100_000;
  const slabsInUse = 8;

  /** Takes all free memory and fills it with garbage, as other transfers would. */
  const scribble = () => {
    for (let count = 0; count < slabsInUse; count++) takeChunk(sizeBytes).fill(0xee);
  };

  test('is not used again while any piece of a chunk is being written', async () => {
    const { handle, writes } = writeBehind({ maxChunkBytes: sizeBytes / 4, windowBytes: 1e6 });
    const chunk = takeChunk(sizeBytes);
    contentOf(sizeBytes).copy(chunk);
    void writes.write(chunk);
    for (const answered of [1, 0, 3]) {
      await settleTurns();
      handle.at(answered).resolve();
      await settleTurns();
      scribble();
      assert.ok(chunk.equals(contentOf(sizeBytes)));
    }
    handle.at(2).resolve();
    await settleTurns();
    scribble();
    assert.not(chunk.equals(contentOf(sizeBytes)), 'the memory was not used again at all');
  });

  test('is not used again after a failed write, whose bytes may still be looked at', async () => {
    const { handle, writes } = writeBehind({ maxChunkBytes: sizeBytes, windowBytes: 1e6 });
    const chunk = takeChunk(sizeBytes);
    contentOf(sizeBytes).copy(chunk);
    await writes.write(chunk);
    handle.at(0).reject(new Error('timeout'));
    await settleTurns();
    scribble();
    assert.ok(chunk.equals(contentOf(sizeBytes)));
  });

  test('is taken by one owner at a time', () => {
    scribble();
    const first = takeChunk(sizeBytes);
    const second = takeChunk(sizeBytes);
    assert.is.not(first.buffer, second.buffer);
    recycleChunk(first);
    recycleChunk(first);
    const third = takeChunk(sizeBytes);
    const fourth = takeChunk(sizeBytes);
    assert.is(third.buffer, first.buffer);
    assert.is.not(fourth.buffer, third.buffer);
  });

  test('is bounded: what is given back beyond that is let go', () => {
    const count = Math.ceil((2 * maxFreeBytes) / sizeBytes);
    const chunks = Array.from({ length: count }, () => takeChunk(sizeBytes));
    for (const chunk of chunks) recycleChunk(chunk);
    const given = new Set(chunks.map(({ buffer }) => buffer));
    const again = Array.from({ length: count }, () => takeChunk(sizeBytes));
    const kept = again.filter(({ buffer }) => given.has(buffer));
    const keptBytes = kept.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    assert.ok(kept.length > 0 && keptBytes <= maxFreeBytes, `${keptBytes} bytes were kept`);
  });

  test('is of the exact size asked for, from nothing to more than a chunk', () => {
    for (const bytes of [0, 1, 32 * 1024, 1024 * 1024 + 1, 1024 * 1024 + 2, 5_000_000]) {
      assert.is(takeChunk(bytes).length, bytes);
    }
  });

  test('that was never pooled is let go', () => {
    recycleChunk(Buffer.alloc(10));
    recycleChunk(Buffer.from('abc'));
  });
});
