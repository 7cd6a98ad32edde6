// Sizes that are asked for ahead: when, of what, and that nothing depends on the answer.

import * as assert from 'uvu/assert';
import { CodexfsError } from '../../src/errors.js';
import type { FileSystem, SeenFile } from '../../src/fs/FileSystem.js';
import { SizesAhead } from '../../src/transfer/SizesAhead.js';
import { describe } from '../helpers/describe.js';

type ReadSizes = FileSystem['readSizes'] & {};

/** A file system that can tell sizes, and nothing else. */
function ahead(readSizes: ReadSizes | undefined) {
  const asked: (readonly string[])[] = [];
  const noting: ReadSizes = (directories, options) => {
    asked.push(directories);
    return readSizes?.(directories, options) ?? Promise.resolve(new Map());
  };
  const fileSystem = (readSizes === undefined ? {} : { readSizes: noting }) as FileSystem;
  return { asked, sizes: new SizesAhead(fileSystem, undefined) };
}

const seen: SeenFile = { sizeBytes: 3, modifiedAtMs: 7 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('sizes asked for ahead', (test) => {
  test('are those of all directories, once there are many files', async () => {
    const { asked, sizes } = ahead(async () => new Map());
    sizes.listed('/a', 60);
    sizes.listed('/a/empty', 0);
    sizes.listed('/a/b', 39);
    assert.equal(asked, []);
    sizes.listed('/a/c', 1);
    assert.equal(asked, [['/a', '/a/b', '/a/c']]);
    sizes.listed('/a/d', 1);
    assert.equal(asked, [['/a', '/a/b', '/a/c'], ['/a/d']]);
  });

  test('are there for whoever takes them when they have come, once', async () => {
    const { sizes } = ahead(async () => new Map([['/a/x', seen]]));
    sizes.listed('/a', 100);
    assert.is(sizes.take('/a/x'), undefined);
    await settled();
    assert.is(sizes.take('/a/y'), undefined);
    assert.is(sizes.take('/a/x'), seen);
    assert.is(sizes.take('/a/x'), undefined);
  });

  test('are missed by nobody where they cannot be told', async () => {
    for (const readSizes of [
      undefined,
      async () => {
        throw new CodexfsError('connection_closed', 'gone');
      },
    ]) {
      const { sizes } = ahead(readSizes);
      sizes.listed('/a', 1_000);
      await settled();
      assert.is(sizes.take('/a/x'), undefined);
    }
  });
});
