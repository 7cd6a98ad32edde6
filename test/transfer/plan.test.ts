// Where a file lands: a name that the destination's own system could not keep in its directory is refused before anything is made.

import * as assert from 'uvu/assert';
import { CodexfsError } from '../../src/errors.js';
import { destinationOf } from '../../src/transfer/plan.js';
import { endpoint, serverOf } from '../helpers/copying.js';
import { describe, rejection } from '../helpers/describe.js';
import { NoticedFileSystem } from '../helpers/noticedFileSystem.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';

describe('a name that is no name', (test) => {
  for (const names of [['..'], ['.'], ['a/b'], ['d', '..']]) {
    test(`lands in no directory that is there: ${names.join(' below ')}`, async () => {
      const { at, disk, system } = serverOf(new SimulatedDisk(), 'box');
      disk.makeDirectory('/there', { recursive: false });
      const landing = destinationOf(at('/there'), { kind: 'file', names });
      const error = await rejection(landing, CodexfsError);
      assert.is(error.code, 'unsafe_name');
      assert.match(error.message, `is a directory, and \`${names.at(-1)}\` cannot be a name in it`);
      assert.is(system.countOf('makeDirectory'), 0);
    });
  }

  test('is judged by the rules of its destination, before that is made', async () => {
    const windows = new NoticedFileSystem('win32');
    const to = (path: string) => endpoint(windows, path, 'win');
    for (const name of ['a:b', 'NUL', 'a\\b']) {
      const landing = destinationOf(to('C:\\new\\'), { kind: 'file', names: [name] });
      assert.is((await rejection(landing, CodexfsError)).code, 'unsafe_name');
    }
    assert.equal(windows.noticed, []);
    const landed = await destinationOf(to('C:\\new\\'), { kind: 'file', names: ['a b'] });
    assert.equal([landed.path, windows.noticed[0]], ['C:\\new\\a b', 'C:\\new\\']);
    const { at } = serverOf(new SimulatedDisk(), 'box');
    assert.is((await destinationOf(at('/new/'), { kind: 'file', names: ['a:b'] })).path, '/new/a:b');
  });

  test('is none where the source has none', async () => {
    const { at } = serverOf(new SimulatedDisk(), 'box');
    const error = await rejection(destinationOf(at('/'), { kind: 'file', names: [] }), CodexfsError);
    assert.equal([error.code, error.hint], ['refused', 'name the file: DIRECTORY/NAME']);
  });
});
