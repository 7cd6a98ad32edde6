// The races of one session's handles, made with gates: who waits, who is refused, when an ID is free again.

import { readFile, stat, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/errors.js';
import { describe } from '../helpers/describe.js';
import { GatedFileSystem } from '../helpers/gatedFileSystem.js';
import type { RawClient } from '../helpers/rawClient.js';
import { servedClient } from '../helpers/servedClients.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface Scene extends AsyncDisposable {
  readonly fileSystem: GatedFileSystem;
  readonly client: RawClient;
  readonly server: { readonly openHandles: number };
  readonly directory: TemporaryDirectory;
  readonly path: string;
}

async function scene(): Promise<Scene> {
  const directory = await temporaryDirectory();
  const path = directory.join('file');
  await writeFile(path, 'hello');
  const fileSystem = new GatedFileSystem();
  const served = await servedClient('memory', { fileSystem });
  return {
    ...served,
    fileSystem,
    directory,
    path,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const ioError = () => new FileError('io_error', 'read', '/x', 'made by the test');
const open = (here: Scene, handleId: string) => here.client.call('fs/readFile/open', { handleId, path: here.path });
const openWrite = (here: Scene, handleId: string, name = 'out') =>
  here.client.call('fs/writeFile/open', { handleId, path: here.directory.join(name) });
const read = (here: Scene, handleId: string, offset = 0) =>
  here.client.call('fs/readFile/read', { handleId, offset, maxBytes: 1 });
const close = (here: Scene, handleId: string) => here.client.call('fs/readFile/close', { handleId });
/** One request and its answer: everything sent before has arrived by then. */
const roundTrip = (here: Scene) => here.client.call('environment/info');
const unknown = (handleId: string) => ({ code: -32004, message: `unknown file handle \`${handleId}\`` });

describe('operations of one handle', (test) => {
  test('run one at a time in the order they came', async () => {
    await using here = await scene();
    await open(here, 'r');
    const gate = here.fileSystem.hold('read');
    const answers = [read(here, 'r'), here.client.call('fs/readFile/stat', { handleId: 'r' }), read(here, 'r', 1)];
    await gate.reached;
    await roundTrip(here);
    const before = here.client.answered.length;
    gate.open();
    await Promise.all(answers);
    const ids = here.client.answered.slice(before);
    assert.equal(ids, [...ids].sort());
  });

  test('delay no other handle while one is blocked', async () => {
    await using here = await scene();
    await Promise.all([open(here, 'blocked'), open(here, 'free')]);
    const gate = here.fileSystem.hold('read');
    const blocked = read(here, 'blocked');
    await gate.reached;
    for (let offset = 0; offset < 5; offset++) assert.is((await read(here, 'free', offset)).error, undefined);
    gate.open();
    assert.is((await blocked).error, undefined);
  });

  test('wait for the opening they were sent right behind', async () => {
    await using here = await scene();
    const gate = here.fileSystem.hold('open');
    const answers = [open(here, 'r'), read(here, 'r'), read(here, 'r', 4)];
    await gate.reached;
    gate.open();
    const results = (await Promise.all(answers)).map(({ result }) => result);
    assert.equal(results, [
      { maxChunkBytes: 262_144 },
      { eof: false, dataBase64: 'aA==' },
      { eof: true, dataBase64: 'bw==' },
    ]);
  });

  test('are refused when the opening fails, and the ID is free again', async () => {
    await using here = await scene();
    const gate = here.fileSystem.hold('open');
    const [opening, reading] = [open(here, 'r'), read(here, 'r')];
    await gate.reached;
    gate.fail(ioError());
    assert.equal((await opening).error, { code: -32603, message: 'made by the test' });
    assert.equal((await reading).error, unknown('r'));
    assert.is((await open(here, 'r')).error, undefined);
  });
});

describe('closing a handle', (test) => {
  test('waits for the running operation and refuses the queued ones', async () => {
    await using here = await scene();
    await open(here, 'r');
    const gate = here.fileSystem.hold('read');
    const running = read(here, 'r');
    const queued = [read(here, 'r', 1), read(here, 'r', 2)];
    const closing = close(here, 'r');
    await gate.reached;
    assert.equal(
      (await Promise.all(queued)).map(({ error }) => error),
      [unknown('r'), unknown('r')],
    );
    await roundTrip(here);
    assert.is(here.fileSystem.openFiles, 1);
    gate.open();
    assert.equal((await running).result, { eof: false, dataBase64: 'aA==' });
    assert.equal((await closing).result, {});
    assert.is(here.fileSystem.openFiles, 0);
  });

  test('keeps a pending opening from becoming live, and its file from staying open', async () => {
    await using here = await scene();
    const gate = here.fileSystem.hold('open');
    const opening = open(here, 'r');
    await gate.reached;
    const closing = close(here, 'r');
    await roundTrip(here);
    gate.open();
    assert.equal((await opening).error, {
      code: -32600,
      message: 'file handle `r` was closed while it was opening',
    });
    assert.equal((await closing).result, {});
    assert.is(here.fileSystem.openFiles, 0);
    assert.is(here.server.openHandles, 0);
  });

  test('succeeds when the pending opening fails, which says so itself', async () => {
    await using here = await scene();
    const gate = here.fileSystem.hold('open');
    const opening = open(here, 'r');
    await gate.reached;
    const closing = close(here, 'r');
    await roundTrip(here);
    gate.fail(ioError());
    assert.equal((await opening).error, { code: -32603, message: 'made by the test' });
    assert.equal((await closing).result, {});
  });

  test('reserves the ID until the file is closed', async () => {
    await using here = await scene();
    await open(here, 'r');
    const gate = here.fileSystem.hold('close');
    const closings = [close(here, 'r'), close(here, 'r')];
    await gate.reached;
    assert.equal((await open(here, 'r')).error, { code: -32600, message: 'file handle `r` already exists' });
    assert.equal((await read(here, 'r')).error, unknown('r'));
    gate.open();
    for (const closing of closings) assert.equal((await closing).result, {});
    assert.is((await open(here, 'r')).error, undefined);
  });

  test('counts towards the limit until the file is closed', async () => {
    await using here = await scene();
    for (let index = 0; index < 64; index++) await open(here, `h${index}`);
    const gate = here.fileSystem.hold('close');
    const closing = close(here, 'h0');
    await gate.reached;
    assert.match((await open(here, 'more')).error?.message ?? '', /^at most 64/);
    gate.open();
    await closing;
    assert.is((await open(here, 'more')).error, undefined);
  });

  test('that fails is an error once, and the handle is gone', async () => {
    await using here = await scene();
    await openWrite(here, 'w');
    const gate = here.fileSystem.hold('close');
    const closing = here.client.call('fs/writeFile/close', { handleId: 'w' });
    await gate.reached;
    gate.fail(ioError());
    assert.equal((await closing).error, { code: -32603, message: 'made by the test' });
    assert.equal((await here.client.call('fs/writeFile/close', { handleId: 'w' })).result, {});
    assert.is(here.server.openHandles, 0);
  });
});

describe('an operation that fails', (test) => {
  test('closes its handle, refuses what was queued on it, and harms no other', async () => {
    await using here = await scene();
    await Promise.all([open(here, 'bad'), open(here, 'good')]);
    const gate = here.fileSystem.hold('read');
    const [failing, queued] = [read(here, 'bad'), read(here, 'bad', 1)];
    await gate.reached;
    gate.fail(ioError());
    assert.equal((await failing).error, { code: -32603, message: 'made by the test' });
    assert.equal((await queued).error, unknown('bad'));
    assert.is(here.fileSystem.openFiles, 1);
    assert.is((await read(here, 'good')).error, undefined);
    assert.equal((await close(here, 'bad')).result, {});
  });

  test('is answered when its ID is free again', async () => {
    await using here = await scene();
    await open(here, 'r');
    const [reading, closing] = [here.fileSystem.hold('read'), here.fileSystem.hold('close')];
    const failing = read(here, 'r');
    await reading.reached;
    reading.fail(ioError());
    await closing.reached;
    assert.match((await open(here, 'r')).error?.message ?? '', /already exists/);
    closing.open();
    await failing;
    assert.is((await open(here, 'r')).error, undefined);
  });

  test('while writing leaves what was acknowledged', async () => {
    await using here = await scene();
    await openWrite(here, 'w');
    const write = (text: string) =>
      here.client.call('fs/writeFile/write', { handleId: 'w', dataBase64: Buffer.from(text).toString('base64') });
    await write('one');
    const gate = here.fileSystem.hold('write');
    const answers = [write('two'), write('three')];
    await gate.reached;
    gate.fail(ioError());
    assert.equal(
      (await Promise.all(answers)).map(({ error }) => error?.code),
      [-32603, -32004],
    );
    assert.is(await readFile(here.directory.join('out'), 'utf8'), 'one');
  });
});

describe('requests that are wrong', (test) => {
  test('close no handle', async () => {
    await using here = await scene();
    await Promise.all([open(here, 'r'), openWrite(here, 'w')]);
    for (const [method, params] of [
      ['fs/readFile/read', { handleId: 'none', offset: 0 }],
      ['fs/readFile/read', { handleId: 'r', offset: -1 }],
      ['fs/readFile/read', { handleId: 'r' }],
      ['fs/writeFile/write', { handleId: 'w', dataBase64: '*' }],
      ['fs/readFile/open', { handleId: 'r', path: 'relative' }],
      ['nothing/of/this', {}],
    ] as const) {
      assert.ok((await here.client.call(method, params)).error !== undefined, method);
    }
    here.client.sendText('{not JSON');
    await roundTrip(here);
    assert.is(here.server.openHandles, 2);
  });
});

describe('the end of a connection', (test) => {
  test('closes all its handles and those of no other client', async () => {
    await using here = await scene();
    const served = await servedClient('WebSocket', { fileSystem: here.fileSystem });
    await using _ = served;
    const other = await served.connect();
    await other.initialize();
    for (const client of [served.client, other]) {
      for (let index = 0; index < 5; index++) {
        await client.result('fs/readFile/open', { handleId: `h${index}`, path: here.path });
      }
    }
    assert.is(here.fileSystem.openFiles, 10);
    const first = here.fileSystem.hold('close');
    await served.client.close();
    await first.reached;
    first.open();
    assert.equal(await other.result('fs/readFile/close', { handleId: 'h0' }), {});
    assert.is(
      await other.call('fs/readFile/read', { handleId: 'h1', offset: 0 }).then(({ error }) => error),
      undefined,
    );
  });

  test('closes a file whose opening was under way', async () => {
    await using here = await scene();
    const gate = here.fileSystem.hold('open');
    const closed = here.fileSystem.hold('close');
    void open(here, 'r').catch(() => {});
    await gate.reached;
    await here.client.close();
    gate.open();
    await closed.reached;
    closed.open();
  });

  test('waits for an operation that runs, and lets none start', async () => {
    await using here = await scene();
    await openWrite(here, 'w');
    const gate = here.fileSystem.hold('write');
    const write = { handleId: 'w', dataBase64: 'aGk=' };
    for (let count = 0; count < 3; count++) void here.client.call('fs/writeFile/write', write).catch(() => {});
    await gate.reached;
    const closed = here.fileSystem.hold('close');
    await here.client.close();
    await here.client.record.closed;
    // The other end of the channel learns of it one turn later.
    await new Promise(setImmediate);
    gate.open();
    await closed.reached;
    closed.open();
    assert.is((await stat(here.directory.join('out'))).size, 2);
  });
});
