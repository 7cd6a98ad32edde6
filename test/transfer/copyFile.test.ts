// Copying one file between simulated servers: what is asked in which order, what a failure at each point leaves, and what is
// said of it.

import * as assert from 'uvu/assert';
import { CancelledError, ConnectionClosedError, FileError } from '../../src/errors.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, checkReport, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour, Call, Operation } from '../helpers/simulatedFileSystem.js';

const chunkBytes = 1024;
const sizes = [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 8 * chunkBytes, 8 * chunkBytes + 1];
const lost = new ConnectionClosedError('the server went away');
const full = new FileError('no_space', 'write', '/b', 'no space left on device');

/** Two servers, and a file of `sizeBytes` bytes on the first. */
function scene(sizeBytes: number, fromBehaviour: Behaviour = {}, toBehaviour: Behaviour = {}) {
  const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes, ...fromBehaviour });
  const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes, ...toBehaviour });
  const content = contentOf(sizeBytes);
  from.disk.put('/a', content);
  return { from, to, content };
}

/** Fails the `count`-th `operation`. */
function failing(operation: Operation, count: number, error: Error = full) {
  return (call: Call) => {
    if (call.operation === operation && call.count === count) throw error;
  };
}

/** From the `count`-th `operation` on nothing is answered any more. */
function cutting(operation: Operation, count: number) {
  let isCut = false;
  return (call: Call) => {
    isCut ||= call.operation === operation && call.count === count;
    if (isCut) throw lost;
  };
}

describe('copying a file', (test) => {
  for (const sizeBytes of sizes) {
    for (const eofStyle of ['authoritative', 'byShortness'] as const) {
      test(`makes the destination ${sizeBytes} bytes like the source, eof ${eofStyle}`, async () => {
        const { from, to, content } = scene(sizeBytes, { eofStyle, closesAtEof: eofStyle === 'byShortness' });
        to.disk.put('/b', contentOf(20_000, 2));
        const heard: number[] = [];
        const started: (number | undefined)[] = [];
        const result = await copyFile(from.at('/a'), to.at('/b'), {
          windowBytes: 8 * chunkBytes,
          onStart: (bytes) => void started.push(bytes),
          onProgress: (bytes) => void heard.push(bytes),
        });
        assert.equal(result, { bytes: sizeBytes });
        assert.ok(to.disk.content('/b')?.equals(content));
        assert.equal(started, [sizeBytes === 0 ? undefined : sizeBytes]);
        assert.is(
          heard.reduce((sum, bytes) => sum + bytes, 0),
          sizeBytes,
        );
        checkAtRest(from.system, to.system);
      });
    }
  }

  test('reads the first chunk before it opens the destination', async () => {
    const order: string[] = [];
    const note =
      (host: string) =>
      ({ operation }: Call) =>
        void order.push(`${host} ${operation}`);
    const { from, to } = scene(5000, { after: note('one') }, { before: note('two') });
    await copyFile(from.at('/a'), to.at('/b'));
    assert.equal(order.slice(0, 3), ['one openRead', 'one statHandle', 'one read']);
    assert.ok(order.indexOf('two openWrite') > order.indexOf('one read'));
  });

  test('asks a small file nothing more behind its one read', async () => {
    const { from, to } = scene(100);
    await copyFile(from.at('/a'), to.at('/b'));
    assert.equal(from.system.log, ['openRead /a', 'statHandle /a', 'read 0+1024', 'closeRead /a']);
    assert.equal(to.system.log, ['stat /b', 'openWrite /b', 'write 0+100', 'closeWrite /b']);
  });

  test('copies what a file holds that claims to be empty', async () => {
    const { from, to, content } = scene(5000, { hidesSize: true });
    assert.equal(await copyFile(from.at('/a'), to.at('/b')), { bytes: 5000 });
    assert.ok(to.disk.content('/b')?.equals(content));
  });

  test('works a second time on an unchanged file, and on one of the same size and time', async () => {
    const { from, to, content } = scene(5000);
    const times = { put: to.disk.put('/b', contentOf(5000, 9)) };
    times.put.modifiedAtMs = from.disk.file('/a').modifiedAtMs;
    for (let turn = 0; turn < 2; turn++) {
      await copyFile(from.at('/a'), to.at('/b'));
      assert.ok(to.disk.content('/b')?.equals(content));
    }
    assert.equal(to.disk.directories, []);
  });

  test('reads on while a write is under way, and begins writes while one is', async () => {
    let readOn: () => void = () => {};
    const hasReadOn = new Promise<void>((resolve) => (readOn = resolve));
    let writeOn: () => void = () => {};
    const hasWrittenOn = new Promise<void>((resolve) => (writeOn = resolve));
    const reading = ({ operation, count }: Call) => {
      if (operation === 'read' && count === 5) readOn();
    };
    const writing = async ({ operation, count }: Call) => {
      if (operation === 'write' && count === 2) writeOn();
      if (operation === 'write' && count === 1) await Promise.all([hasReadOn, hasWrittenOn]);
    };
    const { from, to, content } = scene(20 * chunkBytes, { after: reading }, { before: writing });
    await copyFile(from.at('/a'), to.at('/b'), { windowBytes: 32 * chunkBytes });
    assert.ok(to.disk.content('/b')?.equals(content));
  });

  test('keeps to its window', async () => {
    const { from, to } = scene(200_000);
    await copyFile(from.at('/a'), to.at('/b'), { windowBytes: 8 * chunkBytes });
    assert.ok(from.system.maxBytesReading <= 4 * chunkBytes);
  });
});

describe('a copy that cannot start', (test) => {
  for (const [operation, count] of [
    ['openRead', 1],
    ['statHandle', 1],
    ['read', 1],
  ] as const) {
    for (const error of [full, lost]) {
      test(`leaves the destination alone: ${operation} fails with ${error.code}`, async () => {
        const { from, to, content } = scene(5000, { before: failing(operation, count, error) });
        const old = to.disk.put('/b', contentOf(7000, 2)).content;
        const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
        assert.equal([failure.code, failure.side, failure.partial], [error.code, 'source', undefined]);
        assert.is(to.system.countOf('openWrite'), 0);
        checkReport(failure, content, old, to.disk.content('/b'));
        checkAtRest(from.system, to.system);
      });
    }
  }

  test('leaves the destination alone: its opening is refused', async () => {
    const { from, to } = scene(5000, {}, { before: failing('openWrite', 1) });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal([failure.code, failure.side, failure.partial], ['no_space', 'destination', undefined]);
    checkAtRest(from.system, to.system);
  });

  test('says that it does not know when the answer to the opening is lost', async () => {
    const { from, to, content } = scene(5000, {}, { after: cutting('openWrite', 1) });
    const old = to.disk.put('/b', contentOf(7000, 2)).content;
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal(failure.partial, { shown: 'two:/b', state: 'unknown', bytes: 0, totalBytes: 5000 });
    checkReport(failure, content, old, to.disk.content('/b'));
    checkAtRest(from.system, to.system);
  });

  test('sends nothing when it was cancelled before', async () => {
    const { from, to } = scene(5000);
    const failure = await failureOf(
      copyFile(from.at('/a'), to.at('/b'), { signal: AbortSignal.abort(new CancelledError()) }),
    );
    assert.equal([failure.code, failure.partial], ['cancelled', undefined]);
    assert.is(to.system.log.length, 0);
    checkAtRest(from.system, to.system);
  });
});

describe('a copy whose destination fails', (test) => {
  for (const count of [1, 2, 5]) {
    for (const writes of ['appending', 'positional'] as const) {
      test(`says what is there when write ${count} of ${writes} ones is refused`, async () => {
        const { from, to, content } = scene(20_000, {}, { writes, before: failing('write', count) });
        const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
        assert.equal([failure.code, failure.side], ['no_space', 'destination']);
        checkReport(failure, content, undefined, to.disk.content('/b'));
        checkAtRest(from.system, to.system);
      });
    }
  }

  test('does not take bytes behind a gap for a beginning of the source', async () => {
    let isSecondSent: () => void = () => {};
    const secondSent = new Promise<void>((resolve) => {
      isSecondSent = resolve;
    });
    const before = async ({ operation, count }: Call) => {
      if (operation !== 'write') return;
      if (count === 2) isSecondSent();
      if (count === 1) await secondSent.then(() => Promise.reject(full));
    };
    const { from, to, content } = scene(20_000, {}, { writes: 'positional', before });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.is(failure.partial?.state, 'unknown');
    assert.ok((to.disk.content('/b')?.length ?? 0) > 0, 'no write came behind the failed one');
    checkReport(failure, content, undefined, to.disk.content('/b'));
  });

  test('says that it does not know when the answer to a write is lost', async () => {
    const { from, to, content } = scene(20_000, {}, { after: cutting('write', 3) });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal([failure.code, failure.partial?.state], ['connection_closed', 'unknown']);
    checkReport(failure, content, undefined, to.disk.content('/b'));
  });

  test('knows what is there when the line is cut between writes', async () => {
    const { from, to, content } = scene(20_000, { before: failing('read', 4, lost) }, {});
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal([failure.side, failure.partial?.state], ['source', 'partial']);
    checkReport(failure, content, undefined, to.disk.content('/b'));
    checkAtRest(from.system, to.system);
  });

  test('says how long the file is when its close is refused', async () => {
    const { from, to } = scene(5000, {}, { before: failing('closeWrite', 1) });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal(failure.code, 'no_space');
    assert.equal(failure.partial, { shown: 'two:/b', state: 'partial', bytes: 5000, totalBytes: 5000 });
  });

  test('says that it does not know when the answer to the close is lost', async () => {
    const { from, to } = scene(5000, {}, { after: cutting('closeWrite', 1) });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal(failure.partial, { shown: 'two:/b', state: 'unknown', bytes: 5000, totalBytes: 5000 });
  });

  test('knows that all is there when only the look behind the close is lost', async () => {
    const { from, to } = scene(5000, {}, { before: cutting('stat', 2) });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal(failure.partial, { shown: 'two:/b', state: 'partial', bytes: 5000, totalBytes: 5000 });
  });

  test('knows that all is there when only the last look at the source is lost', async () => {
    const { from, to } = scene(5000, { before: cutting('statHandle', 3) });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal([failure.side, failure.code], ['source', 'connection_closed']);
    assert.equal(failure.partial, { shown: 'two:/b', state: 'partial', bytes: 5000, totalBytes: 5000 });
    checkAtRest(from.system, to.system);
  });

  test('fails when the file has another size behind the close', async () => {
    const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes });
    const { from } = scene(5000);
    const after = ({ operation }: Call) => {
      if (operation === 'closeWrite') to.disk.resize(to.disk.file('/b'), 6000);
    };
    const hooked = serverOf(to.disk, 'two', { chunkBytes, after });
    assert.is((await failureOf(copyFile(from.at('/a'), hooked.at('/b')))).code, 'size_mismatch');
  });

  test('is intact where everything is sent by the close and nothing was', async () => {
    const { from, to } = scene(20_000, { before: failing('read', 5) }, { writes: 'buffered' });
    const old = to.disk.put('/b', contentOf(300, 2)).content;
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal(failure.partial, { shown: 'two:/b', state: 'intact', bytes: 0, totalBytes: 20_000 });
    assert.is(to.disk.content('/b'), old);
    checkAtRest(from.system, to.system);
  });

  test('is unknown where everything is sent by the close and its answer is lost', async () => {
    const { from, to } = scene(20_000, {}, { writes: 'buffered', before: cutting('closeWrite', 1) });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.is(failure.partial?.state, 'unknown');
  });

  test('names the read that failed, also where its failure closed the file under a look at it', async () => {
    const broken = new FileError('io_error', 'read', '/a', 'input/output error');
    let isClosed = false;
    const before = ({ operation, count }: Call) => {
      if (operation === 'read' && count === 2) {
        isClosed = true;
        throw broken;
      }
      if (operation === 'statHandle' && isClosed) {
        throw new FileError('unknown_handle', 'stat', '/a', 'unknown file handle');
      }
    };
    const { from, to } = scene(5000, { before });
    const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
    assert.equal([failure.side, failure.code, failure.cause], ['source', 'io_error', broken]);
    checkAtRest(from.system, to.system);
  });

  test('names a destination that an opening made, or emptied, before it failed', async () => {
    for (const old of [undefined, contentOf(300, 2)]) {
      const { from, to } = scene(5000, {}, { after: failing('openWrite', 1) });
      if (old !== undefined) to.disk.put('/b', old);
      const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
      assert.equal(failure.partial, { shown: 'two:/b', state: 'partial', bytes: 0, totalBytes: 5000 });
      checkAtRest(from.system, to.system);
    }
  });
});
