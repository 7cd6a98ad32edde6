// The public library, used as a program would use it.

import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { connect, copy, LocalFileSystem, serve, TransferError, UsageError } from '../src/index.js';
import { describe, rejection } from './helpers/describe.js';
import { temporaryDirectory } from './helpers/temporaryDirectory.js';

describe('the library', (test) => {
  test('copies up and down through a server that it serves itself', async () => {
    await using directory = await temporaryDirectory();
    await using server = await serve();
    await using box = await connect(server.url);
    const here = new LocalFileSystem();
    const content = Buffer.alloc(3_000_001, 'abc');
    await writeFile(directory.join('a'), content);
    const paths = ['a', 'b', 'c'].map((name) => directory.join(name));
    const [a = '', b = '', c = ''] = paths;
    assert.equal(await copy({ fileSystem: here, path: a }, { fileSystem: box, path: b }), { bytes: content.length });
    assert.equal(await copy({ fileSystem: box, path: b }, { fileSystem: here, path: c }), { bytes: content.length });
    assert.ok(content.equals(await readFile(c)));
  });

  test('says by code and side what went wrong', async () => {
    await using directory = await temporaryDirectory();
    const here = new LocalFileSystem();
    const [from, to] = ['missing', 'to'].map((name) => ({ fileSystem: here, path: directory.join(name) }));
    if (from === undefined || to === undefined) throw new Error('unreachable');
    const error = await rejection(copy(from, to), TransferError);
    assert.equal([error.code, error.side, error.partial], ['not_found', 'source', undefined]);
  });

  test('fails with `cancelled` after an abort for any reason', async () => {
    await using directory = await temporaryDirectory();
    const file = { fileSystem: new LocalFileSystem(), path: directory.join('a') };
    await writeFile(file.path, 'content');
    const error = await rejection(copy(file, file, { signal: AbortSignal.abort(new Error('mine')) }), TransferError);
    assert.is(error.code, 'cancelled');
  });

  test('connects to ws: and wss: only', async () => {
    assert.match((await rejection(connect('http://127.0.0.1'), UsageError)).message, /not a ws: or wss: URL/);
  });
});
