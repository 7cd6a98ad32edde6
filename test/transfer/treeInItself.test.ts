// A tree is not copied into itself, by whatever names and servers its two ends are reached.

import * as assert from 'uvu/assert';
import { CodexfsError, ConnectionClosedError, FileError } from '../../src/errors.js';
import { refuseTreeInItself } from '../../src/transfer/treeInItself.js';
import { serverOf } from '../helpers/copying.js';
import { describe, rejection } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour } from '../helpers/simulatedFileSystem.js';

function disk(device: bigint): SimulatedDisk {
  const one = new SimulatedDisk(device);
  one.makeDirectory('/t/d', { recursive: true });
  one.links.set('/link', '/t');
  return one;
}

/** What is said of copying /t to `path`: its code, or `fine`. */
async function verdict(path: string, behaviour: Behaviour = {}, disks: 'same' | 'other' = 'same', hosts = 1) {
  const fromDisk = disk(1n);
  const from = serverOf(fromDisk, 'one', behaviour);
  const to = serverOf(disks === 'same' ? fromDisk : disk(2n), hosts === 1 ? 'one' : 'two', behaviour);
  const outcome = await refuseTreeInItself(from.at('/t'), to.at(path), {}).then(
    () => 'fine',
    (error: unknown) => {
      if (error instanceof CodexfsError) return error.code;
      throw error;
    },
  );
  assert.equal(to.disk.directories.sort(), ['/t', '/t/d'], 'nothing is left behind');
  return outcome;
}

const table = [
  ['/t', 'same_file'],
  ['/t/../t', 'same_file'],
  ['/t/d', 'refused'],
  ['/t/new/deep', 'refused'],
  ['/tt', 'fine'],
  ['/', 'fine'],
  ['/new', 'fine'],
] as const;

describe('a tree', (test) => {
  for (const [path, expected] of table) {
    test(`may ${expected === 'fine' ? '' : 'not '}be copied from /t to ${path}`, async () => {
      assert.is(await verdict(path), expected);
      assert.is(await verdict(path, { cannotCanonicalize: true }), expected, 'without real paths');
      assert.is(await verdict(path, {}, 'same', 2), expected, 'through two servers of one disk');
      assert.is(await verdict(path, {}, 'other', 2), 'fine', 'on two disks');
    });
  }

  test('is known by its real path', async () => {
    assert.is(await verdict('/link'), 'same_file');
    assert.is(await verdict('/link/new'), 'refused');
  });

  test('may be copied where nothing can be looked at, whose failures are the copy’s to tell', async () => {
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'canonicalize') throw new FileError('permission_denied', 'resolve', path, 'no');
    };
    assert.is(await verdict('/t/d', { before }), 'fine');
  });

  test('may be copied to where no directory exists at all', async () => {
    const from = serverOf(disk(1n), 'one');
    const before: Behaviour['before'] = ({ operation, path }) => {
      if (operation === 'canonicalize') throw new FileError('not_found', 'resolve', path, 'no');
    };
    const to = serverOf(new SimulatedDisk(2n), 'two', { before });
    await refuseTreeInItself(from.at('/t'), to.at('/t/d'), {});
    assert.equal(to.system.log, ['canonicalize /t/d', 'canonicalize /t', 'canonicalize /']);
  });

  test('is not copied when the server is lost meanwhile', async () => {
    const before: Behaviour['before'] = ({ operation }) => {
      if (operation === 'canonicalize') throw new ConnectionClosedError('the line was cut');
    };
    const from = serverOf(disk(1n), 'one', { before });
    await rejection(refuseTreeInItself(from.at('/t'), from.at('/new'), {}), ConnectionClosedError);
  });
});
