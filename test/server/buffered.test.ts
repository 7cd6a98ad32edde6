// Whole files in one message: what a file becomes while it is read, and what is left open when that fails.

import { appendFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { describe } from '../helpers/describe.js';
import { GatedFileSystem } from '../helpers/gatedFileSystem.js';
import { servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

async function scene() {
  const directory = await temporaryDirectory();
  const path = directory.join('a');
  await writeFile(path, 'hello');
  const fileSystem = new GatedFileSystem();
  const served = await servedClient('memory', { fileSystem, dialects: ['buffered'] });
  return {
    path,
    fileSystem,
    client: served.client,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe('fs/readFile', (test) => {
  test('answers what the file holds when it is read, also what it grew by', async () => {
    await using here = await scene();
    const gate = here.fileSystem.hold('read');
    const reading = here.client.result('fs/readFile', { path: here.path });
    await gate.reached;
    await appendFile(here.path, ' world');
    gate.open();
    const { dataBase64 } = await reading;
    assert.is(Buffer.from(String(dataBase64), 'base64').toString(), 'hello world');
    assert.is(here.fileSystem.openFiles, 0);
  });

  for (const operation of ['stat', 'read'] as const) {
    test(`leaves no file open where ${operation} fails`, async () => {
      await using here = await scene();
      const gate = here.fileSystem.hold(operation);
      const reading = here.client.refusal('fs/readFile', { path: here.path });
      await gate.reached;
      assert.is(here.fileSystem.openFiles, 1);
      gate.fail(new FileError('io_error', operation, here.path, 'Input/output error (os error 5)'));
      assert.is(await reading, '-32603 Input/output error (os error 5)');
      assert.is(here.fileSystem.openFiles, 0);
    });
  }
});

describe('fs/writeFile', (test) => {
  for (const operation of ['write', 'close'] as const) {
    test(`fails as ${operation} does`, async () => {
      await using here = await scene();
      const gate = here.fileSystem.hold(operation);
      const writing = here.client.refusal('fs/writeFile', { path: here.path, dataBase64: 'YQ==' });
      await gate.reached;
      gate.fail(new FileError('no_space', operation, here.path, 'No space left on device (os error 28)'));
      assert.is(await writing, '-32603 No space left on device (os error 28)');
      assert.is(here.fileSystem.openFiles, 0);
    });
  }
});
