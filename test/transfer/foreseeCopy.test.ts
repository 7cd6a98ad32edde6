// What a dry run says of one file: what the copy would come to, with nothing made, opened for writing or changed.

import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { Directories } from '../../src/transfer/Directories.js';
import { foreseeCopy } from '../../src/transfer/foreseeCopy.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, endpoint, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour } from '../helpers/simulatedFileSystem.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const options = { directories: new Directories({ onMissing: () => {} }) };

function scene(behaviour: Behaviour = {}, toDisk = new SimulatedDisk(2n)) {
  const from = serverOf(new SimulatedDisk(1n), 'one', behaviour);
  from.disk.put('/a', contentOf(5000));
  return { from, to: serverOf(toDisk, 'two', behaviour) };
}

describe('a foreseen copy', (test) => {
  test('tells the bytes, of a stretch its own, and whether the destination is new', async () => {
    const { from, to } = scene();
    assert.equal(await foreseeCopy(from.at('/a'), to.at('/b'), options), { bytes: 5000, isNew: true });
    to.disk.put('/b', contentOf(1));
    const range = { start: 4900, end: 9000 };
    assert.equal(await foreseeCopy(from.at('/a'), to.at('/b'), { ...options, range }), { bytes: 100, isNew: false });
    assert.is(to.system.countOf('openWrite') + to.system.countOf('makeDirectory'), 0);
    checkAtRest(from.system, to.system);
  });

  test('counts no bytes where the server tells no size', async () => {
    const { from, to } = scene({ hidesSize: true });
    assert.equal(await foreseeCopy(from.at('/a'), to.at('/b'), options), { bytes: 0, isNew: true });
  });

  test('fails where both are one file, by inodes or, through two servers, by all that can be seen', async () => {
    for (const [behaviour, host] of [
      [{}, 'one'],
      [{ hidesIdentity: true }, 'two'],
    ] as const) {
      const { from } = scene(behaviour);
      const other = { ...serverOf(from.disk, host, behaviour).at('/a') };
      const failure = await failureOf(foreseeCopy(from.at('/a'), other, options));
      assert.equal(
        [failure.code, failure.side, failure.message],
        ['same_file', 'source', `is the same file as ${host}:/a`],
      );
      assert.equal(from.disk.directories, []);
    }
  });

  test('is fine onto a file that only looks alike in a directory that does not', async () => {
    const { from, to } = scene({ hidesIdentity: true });
    to.disk.makeDirectory('/d', { recursive: false });
    to.disk.put('/d/a', contentOf(5000)).modifiedAtMs = from.disk.file('/a').modifiedAtMs;
    assert.equal(await foreseeCopy(from.at('/a'), to.at('/d/a'), options), { bytes: 5000, isNew: false });
  });

  test('fails as the copy would at what is no file, and where nothing can lie', async () => {
    await using place = await temporaryDirectory();
    execFileSync('mkfifo', [place.join('fifo')]);
    const { from } = scene();
    const here = new LocalFileSystem();
    for (const [name, code] of [
      ['fifo', 'not_regular_file'],
      ['.', 'is_directory'],
      ['none/b', 'not_found'],
    ] as const) {
      const failure = await failureOf(foreseeCopy(from.at('/a'), endpoint(here, place.join(name), 'here'), options));
      assert.equal([failure.code, failure.side], [code, 'destination']);
    }
    assert.equal(await readdir(place.path), ['fifo']);
  });
});
