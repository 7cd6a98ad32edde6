// Copies that go on with what is there: only a true beginning of the source is, and what is said of a failure counts it in.

import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, checkReport, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour } from '../helpers/simulatedFileSystem.js';

const sizeBytes = 10_000;
const content = contentOf(sizeBytes);

/** A file of `sizeBytes` bytes on a server, and what stands in its place on this host. */
function scene(present: Buffer | undefined, toBehaviour: Behaviour = {}, fromBehaviour: Behaviour = {}) {
  const from = serverOf(new SimulatedDisk(1n), 'one', { chunkBytes: 1024, ...fromBehaviour });
  const to = serverOf(new SimulatedDisk(2n), 'here', { chunkBytes: 700, isLocal: true, ...toBehaviour });
  from.disk.put('/a', content);
  if (present !== undefined) to.disk.put('/b', present);
  const heard = { started: [] as unknown[], restarts: [] as string[], bytes: 0 };
  const options = {
    isContinued: true,
    isVerified: true,
    onStart: (total: number | undefined, held: number) => void heard.started.push([total, held]),
    onProgress: (bytes: number) => {
      heard.bytes += bytes;
    },
    onRestart: (reason: string) => void heard.restarts.push(reason),
  };
  const copy = () => copyFile(from.at('/a'), to.at('/b'), options);
  return { from, to, heard, copy };
}

describe('continuing a copy', (test) => {
  for (const held of [1, 699, 700, 1024, 9_999, sizeBytes]) {
    test(`completes a destination of the first ${held} of ${sizeBytes} bytes`, async () => {
      const { from, to, heard, copy } = scene(content.subarray(0, held));
      const { inode } = to.disk.file('/b');
      assert.equal(await copy(), { bytes: sizeBytes });
      assert.ok(to.disk.content('/b')?.equals(content));
      assert.is(to.disk.file('/b').inode, inode);
      assert.equal(heard, { started: [[sizeBytes, held]], restarts: [], bytes: sizeBytes - held });
      assert.is(to.system.countOf('openWrite'), 0);
      checkAtRest(from.system, to.system);
    });
  }

  const others: Readonly<Record<string, Buffer>> = {
    'with other bytes at its start': Buffer.concat([
      Buffer.from([content[0] === 0 ? 1 : 0]),
      content.subarray(1, 5_000),
    ]),
    'with another last byte': Buffer.concat([content.subarray(0, 5_000), Buffer.from([content[5_000] === 0 ? 1 : 0])]),
    'that is longer': Buffer.concat([content, Buffer.from('x')]),
    'that is the source with a hole': Buffer.concat([content.subarray(0, 3_000), Buffer.alloc(3_000)]),
  };
  for (const [name, present] of Object.entries(others)) {
    test(`starts again on a destination ${name}, and says so`, async () => {
      const { from, to, heard, copy } = scene(present);
      assert.equal(await copy(), { bytes: sizeBytes });
      assert.ok(to.disk.content('/b')?.equals(content));
      assert.equal(heard, { started: [[sizeBytes, 0]], restarts: ['differs'], bytes: sizeBytes });
      checkAtRest(from.system, to.system);
    });
  }

  for (const present of [undefined, Buffer.alloc(0)]) {
    test(`is a plain copy onto ${present === undefined ? 'nothing' : 'an empty file'}`, async () => {
      const { to, heard, copy } = scene(present);
      await copy();
      assert.ok(to.disk.content('/b')?.equals(content));
      assert.equal(heard.restarts, []);
    });
  }

  test('starts again where nothing can be appended, and says so', async () => {
    const { to, heard, copy } = scene(content.subarray(0, 5_000), { isLocal: false });
    await copy();
    assert.ok(to.disk.content('/b')?.equals(content));
    assert.equal(heard.restarts, ['cannotAppend']);
  });

  test('counts what was there into the length of the partial file that a failure leaves', async () => {
    const full = new FileError('no_space', 'write', '/b', 'no space left on device');
    const present = content.subarray(0, 4_000);
    const { from, to, copy } = scene(present, {
      before: ({ operation, count }) => {
        if (operation === 'write' && count >= 3) throw full;
      },
    });
    const error = await failureOf(copy());
    checkReport(error, content, present, to.disk.content('/b'));
    assert.is(error.partial?.state, 'partial');
    assert.is(error.partial?.bytes, to.disk.content('/b')?.length);
    assert.ok((error.partial?.bytes ?? 0) > 4_000);
    checkAtRest(from.system, to.system);
  });

  test('leaves a destination alone that grew after it was compared', async () => {
    const { to, copy } = scene(content.subarray(0, 4_000), {
      before: ({ operation }) => {
        if (operation === 'openAppend') to.disk.write(to.disk.file('/b'), 4_000, Buffer.from('other'));
      },
    });
    const error = await failureOf(copy());
    assert.is(error.code, 'size_mismatch');
    assert.is(to.disk.content('/b')?.length, 4_005);
    assert.is(error.partial, undefined);
  });

  test('fails when the source changed since its beginning was compared', async () => {
    const { from, copy } = scene(
      content.subarray(0, 4_000),
      {},
      {
        before: ({ operation, offset }) => {
          if (operation === 'read' && offset > 8_000) from.disk.write(from.disk.file('/a'), 0, Buffer.from('changed'));
        },
      },
    );
    assert.is((await failureOf(copy())).code, 'source_changed');
  });

  test('refuses a destination that is the source', async () => {
    const disk = new SimulatedDisk(1n);
    const here = serverOf(disk, 'here', { isLocal: true });
    disk.put('/a', content);
    const error = await failureOf(copyFile(here.at('/a'), here.at('/a'), { isContinued: true }));
    assert.is(error.code, 'same_file');
    assert.ok(disk.content('/a')?.equals(content));
  });
});

describe('verifying a copy', (test) => {
  test('fails when the destination does not hold what was written to it', async () => {
    const { from, to } = scene(undefined, {
      before: ({ operation }) => {
        if (operation === 'closeWrite') to.disk.write(to.disk.file('/b'), 5_000, Buffer.from('rot'));
      },
    });
    const error = await failureOf(copyFile(from.at('/a'), to.at('/b'), { isVerified: true }));
    assert.is(error.code, 'verification_failed');
    assert.is(error.about, 'here:/b');
    assert.equal(error.partial, { shown: 'here:/b', totalBytes: sizeBytes, state: 'unknown', bytes: sizeBytes });
    checkAtRest(from.system, to.system);
  });

  test('fails when what the source gave is not what it holds', async () => {
    const { from, to } = scene(undefined, undefined, {
      before: ({ operation, offset }) => {
        if (operation !== 'read') return;
        // Only the way of one answer is at fault: the file is what it was before and behind it.
        const isFirstTime = from.system.countOf('openRead') === 1 && offset === 2_048;
        from.disk.file('/a').content = isFirstTime ? contentOf(sizeBytes, 2) : content;
      },
    });
    const error = await failureOf(copyFile(from.at('/a'), to.at('/b'), { isVerified: true, windowBytes: 1 }));
    assert.is(error.code, 'verification_failed');
    assert.is(to.disk.content('/b')?.length, sizeBytes);
    checkAtRest(from.system, to.system);
  });

  test('tells a source that is gone by then from a destination that differs', async () => {
    const { from, to } = scene(undefined, {
      before: ({ operation }) => {
        if (operation === 'closeWrite') from.disk.remove('/a');
      },
    });
    const error = await failureOf(copyFile(from.at('/a'), to.at('/b'), { isVerified: true }));
    assert.equal([error.code, error.side], ['not_found', 'source']);
    assert.equal(error.partial, { shown: 'here:/b', totalBytes: sizeBytes, state: 'partial', bytes: sizeBytes });
  });

  test('holds for one read, for nothing, and for what a prefix was', async () => {
    for (const size of [0, 1, 1024]) {
      const { from, to } = scene(undefined);
      from.disk.put('/a', content.subarray(0, size));
      assert.equal(await copyFile(from.at('/a'), to.at('/b'), { isVerified: true }), { bytes: size });
    }
  });
});

describe('limits of a copy', (test) => {
  test('no request is larger than the chunk that was asked for', async () => {
    const { from, to } = scene(undefined, { chunkBytes: 1024 });
    await copyFile(from.at('/a'), to.at('/b'), { chunkBytes: 300 });
    const lengths = [...from.system.log, ...to.system.log].map((line) => Number(/\+(\d+)$/.exec(line)?.[1] ?? 0));
    assert.is(Math.max(...lengths), 300);
    assert.ok(to.disk.content('/b')?.equals(content));
  });
});
