// Sources that change while they are copied: in five ways, at three moments, with and without a stat of the open file.

import * as assert from 'uvu/assert';
import { copyFile } from '../../src/transfer/copyFile.js';
import { copyToStream } from '../../src/transfer/copyStream.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk, type SimulatedFile } from '../helpers/simulatedDisk.js';
import type { Call } from '../helpers/simulatedFileSystem.js';
import { streamTo } from '../helpers/streams.js';

const chunkBytes = 1024;
const sizeBytes = 20 * chunkBytes + 7;
/** Half of it is for reads: the destination is open long before half of the source was asked for. */
const windowBytes = 8 * chunkBytes;

const changes: Record<string, (disk: SimulatedDisk, file: SimulatedFile) => void> = {
  shrinks: (disk, file) => disk.resize(file, 3 * chunkBytes),
  grows: (disk, file) => disk.resize(file, 2 * sizeBytes),
  'is written to': (disk, file) => disk.write(file, 100, contentOf(50, 3)),
  'is emptied': (disk, file) => disk.resize(file, 0),
  'shrinks and grows back': (disk, file) => {
    disk.resize(file, 10);
    disk.resize(file, sizeBytes);
  },
};

/** When a change comes: as a call of the copy takes effect. */
const moments: Record<string, (call: Call) => boolean> = {
  'behind its first read': ({ operation, count }) => operation === 'read' && count === 1,
  'half-way': ({ operation, offset }) => operation === 'read' && offset >= 10 * chunkBytes,
  'behind its last read': ({ operation }) => operation === 'closeWrite',
};

/** A copy during which `change` is done to the source once, at `isMoment`. */
function scene(
  change: (disk: SimulatedDisk) => void,
  isMoment: (call: Call) => boolean,
  statsPath: boolean,
  eofStyle: 'authoritative' | 'byShortness',
) {
  const disk = new SimulatedDisk(1n);
  let hasChanged = false;
  const after = (call: Call) => {
    if (hasChanged || !isMoment(call)) return;
    hasChanged = true;
    change(disk);
  };
  const from = serverOf(disk, 'one', { chunkBytes, after, statsPath, eofStyle });
  const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes, after });
  disk.put('/a', contentOf(sizeBytes));
  return { from, to, isDone: () => hasChanged };
}

describe('a source that changes', (test) => {
  for (const [how, change] of Object.entries(changes)) {
    for (const [when, isMoment] of Object.entries(moments)) {
      for (const eofStyle of ['authoritative', 'byShortness'] as const) {
        test(`is told of when it ${how} ${when}, eof ${eofStyle}`, async () => {
          const { from, to, isDone } = scene((disk) => change(disk, disk.file('/a')), isMoment, false, eofStyle);
          const failure = await failureOf(copyFile(from.at('/a'), to.at('/b'), { windowBytes }));
          assert.ok(isDone());
          const couldBeOneFile = how === 'is emptied' && when === 'behind its first read';
          assert.is(failure.code, couldBeOneFile ? 'same_file' : 'source_changed');
          assert.is(failure.partial?.state, 'partial');
          assert.is(failure.partial?.bytes, to.disk.content('/b')?.length);
          checkAtRest(from.system, to.system);
        });
      }
    }
  }

  for (const [when, isMoment] of Object.entries(moments)) {
    const replace = (disk: SimulatedDisk) => void disk.put('/a', contentOf(sizeBytes, 4));

    test(`is copied as it was when another takes its place ${when} and the open file is asked`, async () => {
      const { from, to } = scene(replace, isMoment, false, 'authoritative');
      assert.equal(await copyFile(from.at('/a'), to.at('/b')), { bytes: sizeBytes });
      assert.ok(to.disk.content('/b')?.equals(contentOf(sizeBytes)));
    });

    test(`is told of when another takes its place ${when} and only the path can be asked`, async () => {
      const { from, to } = scene(replace, isMoment, true, 'byShortness');
      assert.is((await failureOf(copyFile(from.at('/a'), to.at('/b')))).code, 'source_changed');
    });

    test(`is told of when it vanishes ${when} and only the path can be asked`, async () => {
      const { from, to } = scene((disk) => disk.remove('/a'), isMoment, true, 'byShortness');
      const failure = await failureOf(copyFile(from.at('/a'), to.at('/b')));
      assert.equal([failure.side, failure.code], ['source', 'not_found']);
      assert.is(failure.partial?.bytes, to.disk.content('/b')?.length ?? 0);
    });
  }

  for (const when of ['behind its first read', 'half-way'] as const) {
    test(`is told of when it is written to ${when} on its way to a stream`, async () => {
      const { from } = scene(
        (disk) => disk.write(disk.file('/a'), 100, contentOf(50, 3)),
        moments[when] ?? (() => false),
        false,
        'byShortness',
      );
      const output = streamTo();
      assert.is((await failureOf(copyToStream(from.at('/a'), output.stream))).code, 'source_changed');
      checkAtRest(from.system);
    });
  }

  test('may change when one read held all of it', async () => {
    const from = serverOf(new SimulatedDisk(1n), 'one', {
      chunkBytes,
      after: ({ operation }) => {
        if (operation === 'read') from.disk.resize(from.disk.file('/a'), 5000);
      },
    });
    from.disk.put('/a', contentOf(300));
    const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes });
    assert.equal(await copyFile(from.at('/a'), to.at('/b')), { bytes: 300 });
    assert.ok(to.disk.content('/b')?.equals(contentOf(300)));
  });

  test('is told of when one read did not hold what it claimed', async () => {
    const from = serverOf(new SimulatedDisk(1n), 'one', {
      chunkBytes,
      before: ({ operation }) => {
        if (operation === 'read') from.disk.resize(from.disk.file('/a'), 20);
      },
    });
    from.disk.put('/a', contentOf(300));
    const to = serverOf(new SimulatedDisk(2n), 'two', { chunkBytes });
    assert.is((await failureOf(copyFile(from.at('/a'), to.at('/b')))).code, 'source_changed');
  });
});
