// The way that one file takes: by its server, in one go, or in chunks; and through this machine wherever another way is closed.

import * as assert from 'uvu/assert';
import { type CodexfsError, FileError } from '../../src/errors.js';
import { copyOneFile } from '../../src/transfer/copyOneFile.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, failureOf, serverOf } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Behaviour, Operation } from '../helpers/simulatedFileSystem.js';

const content = contentOf(5000);

function server(behaviour: Behaviour = {}) {
  const one = serverOf(new SimulatedDisk(), 'one', behaviour);
  one.disk.put('/a', content);
  return one;
}

function refusing(operation: Operation, error: CodexfsError): Behaviour {
  return {
    before: (call) => {
      if (call.operation === operation && call.path !== '/a') throw error;
    },
  };
}

describe('one file on one server', (test) => {
  test('is copied by the server where nothing is at its destination', async () => {
    const { system, disk, at } = server();
    assert.equal(await copyOneFile(at('/a'), at('/b'), {}), { bytes: 5000 });
    assert.ok(disk.content('/b')?.equals(content));
    assert.is(system.countOf('openRead'), 0);
  });

  for (const [title, behaviour, isThere] of [
    ['something is there', {}, true],
    ['nobody can say what is there', refusing('stat', new FileError('io_error', 'stat', '/b', 'no')), false],
    ['the server cannot', refusing('copyWithin', new FileError('unsupported', 'copy', '/b', 'unknown')), false],
  ] as const) {
    test(`goes through this machine where ${title}`, async () => {
      const { system, disk, at } = server(behaviour);
      if (isThere) disk.put('/b', contentOf(10));
      // The last look at the size fails as well where a path cannot be looked at, so all must fit one read.
      const small = contentOf(100);
      disk.put('/a', small);
      assert.equal(await copyOneFile(at('/a'), at('/b'), {}), { bytes: 100 });
      assert.ok(disk.content('/b')?.equals(small));
      assert.is(system.countOf('openWrite'), 1);
      checkAtRest(system);
    });
  }

  test('fails as the server did where that could', async () => {
    const { system, at } = server(refusing('copyWithin', new FileError('no_space', 'copy', '/b', 'no space')));
    assert.is((await failureOf(copyOneFile(at('/a'), at('/b'), {}))).code, 'no_space');
    assert.is(system.countOf('openWrite'), 0);
  });

  test('is read in chunks where only its other end takes it whole', async () => {
    const from = server();
    const to = serverOf(new SimulatedDisk(2n), 'two');
    Object.assign(from.system, { readWhole: () => assert.unreachable('asked for what cannot be used') });
    assert.equal(await copyOneFile(from.at('/a'), to.at('/b'), {}), { bytes: 5000 });
    assert.ok(to.disk.content('/b')?.equals(content));
  });
});
