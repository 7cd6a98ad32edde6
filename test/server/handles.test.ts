// The `handles` dialect as a client sees it, over every channel.

import { execFile } from 'node:child_process';
import {
  appendFile,
  chmod,
  link,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import type { ServeOptions } from '../../src/server/serve.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import type { RawClient } from '../helpers/rawClient.js';
import { type Channel, channels, type ServedClient, servedClient } from '../helpers/servedClients.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { unavailable } from '../helpers/unavailable.js';

const chunk = 262_144;
const run = promisify(execFile);

interface Scene extends AsyncDisposable, Omit<ServedClient, 'connect'> {
  readonly directory: TemporaryDirectory;
  readonly path: string;
}

/** A server, a client, and the path of a file that holds `content`, or is not there. */
async function scene(channel: Channel, content?: Buffer | string, options?: ServeOptions): Promise<Scene> {
  const directory = await temporaryDirectory();
  const path = directory.join('file');
  if (content !== undefined) await writeFile(path, content);
  const served = await servedClient(channel, options);
  return {
    ...served,
    directory,
    path,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function read(client: RawClient, handleId: string, offset: number, maxBytes?: number) {
  const { dataBase64, eof } = await client.result<{ dataBase64: string; eof: boolean }>('fs/readFile/read', {
    handleId,
    offset,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return { bytes: Buffer.from(dataBase64, 'base64'), eof };
}

async function overwrite(here: Scene, content: string): Promise<void> {
  await here.client.result('fs/writeFile/open', { handleId: 'w', path: here.path });
  await write(here.client, 'w', content);
  await here.client.result('fs/writeFile/close', { handleId: 'w' });
}

function write(client: RawClient, handleId: string, bytes: Buffer | string) {
  return client.call('fs/writeFile/write', { handleId, dataBase64: Buffer.from(bytes).toString('base64') });
}

for (const channel of channels) {
  describe(`reading by handle over ${channel}`, (test) => {
    test('announces the size of a chunk', async () => {
      await using here = await scene(channel, 'hello');
      assert.equal(await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path }), {
        maxChunkBytes: chunk,
      });
    });

    test('takes a file URI as well as a native path', async () => {
      await using here = await scene(channel, 'hello');
      await here.client.result('fs/readFile/open', { handleId: 'r', path: `file://${here.path}` });
      assert.is((await read(here.client, 'r', 0)).bytes.toString(), 'hello');
    });

    test('is positional, in any order and overlapping', async () => {
      const content = contentOf(1000);
      await using here = await scene(channel, content);
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      for (const [from, length] of [
        [900, 50],
        [0, 500],
        [250, 500],
        [250, 500],
      ] as const) {
        assert.ok((await read(here.client, 'r', from, length)).bytes.equals(content.subarray(from, from + length)));
      }
    });

    test('returns a whole chunk when maxBytes is omitted or larger', async () => {
      const content = contentOf(chunk + 10);
      await using here = await scene(channel, content);
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      for (const maxBytes of [undefined, chunk, chunk + 1, 2 ** 40]) {
        const piece = await read(here.client, 'r', 0, maxBytes);
        assert.is(piece.bytes.length, chunk);
        assert.is(piece.eof, false);
      }
    });

    test('refuses maxBytes 0 and keeps the handle', async () => {
      await using here = await scene(channel, 'hello');
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      const refusal = await here.client.refusal('fs/readFile/read', { handleId: 'r', offset: 0, maxBytes: 0 });
      assert.is(refusal, '-32600 maxBytes must be at least 1');
      assert.is((await read(here.client, 'r', 0)).bytes.toString(), 'hello');
    });

    test('says eof exactly when nothing stands behind the bytes', async () => {
      for (const size of [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk]) {
        await using here = await scene(channel, contentOf(size));
        await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
        for (let offset = 0; offset <= size; offset += chunk) {
          const piece = await read(here.client, 'r', offset);
          assert.is(piece.eof, offset + piece.bytes.length === size, `${size} at ${offset}`);
        }
        assert.equal(await read(here.client, 'r', size + 5), { bytes: Buffer.alloc(0), eof: true });
      }
    });

    test('sees what a file grew by after its end was read', async () => {
      await using here = await scene(channel, 'hello');
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      assert.is((await read(here.client, 'r', 0)).eof, true);
      await appendFile(here.path, ' world');
      assert.equal(await read(here.client, 'r', 5, 3), { bytes: Buffer.from(' wo'), eof: false });
      assert.equal(await read(here.client, 'r', 5), { bytes: Buffer.from(' world'), eof: true });
    });

    test('states the facts of the open file after a rename, a replacement and a removal', async () => {
      await using here = await scene(channel, 'hello');
      await utimes(here.path, 1000, 1_000_000);
      const { birthtimeMs } = await stat(here.path);
      const facts = { sizeBytes: 5, createdAtMs: Math.floor(birthtimeMs), modifiedAtMs: 1_000_000_000 };
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      assert.equal(await here.client.result('fs/readFile/stat', { handleId: 'r' }), facts);
      await rename(here.path, here.directory.join('moved'));
      await writeFile(here.path, 'something else');
      assert.equal(await here.client.result('fs/readFile/stat', { handleId: 'r' }), facts);
      await rm(here.directory.join('moved'));
      assert.equal(await here.client.result('fs/readFile/stat', { handleId: 'r' }), facts);
      assert.is((await read(here.client, 'r', 0)).bytes.toString(), 'hello');
    });

    test('reads files of /proc, which say that they are empty', async () => {
      await using here = await scene(channel);
      await here.client.result('fs/readFile/open', { handleId: 'r', path: '/proc/self/status' });
      const { bytes, eof } = await read(here.client, 'r', 0);
      assert.match(bytes.toString(), /^Name:/);
      assert.is(eof, true);
    });

    test('refuses what is no file, in words that name the path', async () => {
      await using here = await scene(channel);
      await run('mkfifo', [here.directory.join('fifo')]);
      const open = (path: string) => here.client.refusal('fs/readFile/open', { handleId: 'r', path });
      assert.is(await open(here.directory.path), `-32600 path \`${here.directory.path}\` is not a file`);
      const fifo = here.directory.join('fifo');
      assert.is(await open(fifo), `-32600 path \`${fifo}\` is not a file`);
      assert.is(await open('/dev/zero'), '-32600 path `/dev/zero` is not a file');
      assert.is(await open(here.path), '-32004 No such file or directory (os error 2)');
    });

    test('closes twice without complaint and frees the ID', async () => {
      await using here = await scene(channel, 'hello');
      const open = { handleId: 'r', path: here.path };
      await here.client.result('fs/readFile/open', open);
      assert.equal(await here.client.result('fs/readFile/close', { handleId: 'r' }), {});
      assert.equal(await here.client.result('fs/readFile/close', { handleId: 'r' }), {});
      assert.equal(await here.client.result('fs/readFile/close', { handleId: 'never' }), {});
      assert.is(
        await here.client.refusal('fs/readFile/read', { handleId: 'r', offset: 0 }),
        '-32004 unknown file handle `r`',
      );
      await here.client.result('fs/readFile/open', open);
    });
  });

  describe(`writing by handle over ${channel}`, (test) => {
    test('creates the file, or truncates it, when it opens', async () => {
      await using here = await scene(channel, 'old content');
      await here.client.result('fs/writeFile/open', { handleId: 'a', path: here.path });
      assert.is(await readFile(here.path, 'utf8'), '');
      const fresh = here.directory.join('fresh');
      await here.client.result('fs/writeFile/open', { handleId: 'b', path: fresh });
      assert.is(await readFile(fresh, 'utf8'), '');
    });

    test('appends in order, each chunk visible when it is acknowledged', async () => {
      await using here = await scene(channel, 'old content');
      await here.client.result('fs/writeFile/open', { handleId: 'w', path: here.path });
      for (const [text, whole] of [
        ['one', 'one'],
        ['', 'one'],
        ['two', 'onetwo'],
      ] as const) {
        assert.equal((await write(here.client, 'w', text)).result, {});
        assert.is(await readFile(here.path, 'utf8'), whole);
      }
    });

    test('keeps the order of writes that did not wait for each other', async () => {
      await using here = await scene(channel);
      const pieces = Array.from({ length: 50 }, (_, index) => contentOf(1 + index * 100, index));
      const answers = [
        here.client.call('fs/writeFile/open', { handleId: 'w', path: here.path }),
        ...pieces.map((piece) => write(here.client, 'w', piece)),
        here.client.call('fs/writeFile/close', { handleId: 'w' }),
      ];
      // The close refuses what it finds queued, so it is sent only after the last write was answered in real clients.
      const last = (await Promise.all(answers)).at(-2);
      const written = await readFile(here.path);
      const whole = Buffer.concat(pieces);
      assert.ok(whole.subarray(0, written.length).equals(written));
      assert.ok(last?.error?.code === -32004 || written.equals(whole));
    });

    test('takes a chunk of the limit and refuses one byte more without harm', async () => {
      await using here = await scene(channel);
      await here.client.result('fs/writeFile/open', { handleId: 'w', path: here.path });
      assert.equal((await write(here.client, 'w', contentOf(chunk))).result, {});
      assert.equal((await write(here.client, 'w', contentOf(chunk + 1))).error, {
        code: -32600,
        message: `a chunk must not exceed ${chunk} bytes`,
      });
      assert.equal((await write(here.client, 'w', 'end')).result, {});
      assert.ok((await readFile(here.path)).equals(Buffer.concat([contentOf(chunk), Buffer.from('end')])));
    });

    test('refuses invalid base64 and writes nothing of it', async () => {
      await using here = await scene(channel);
      await here.client.result('fs/writeFile/open', { handleId: 'w', path: here.path });
      for (const dataBase64 of ['aGk', 'aGk=\n', 'a-_=', '!!!!', 'aGl=', 'aGk==', 5, null]) {
        const { error } = await here.client.call('fs/writeFile/write', { handleId: 'w', dataBase64 });
        assert.is(error?.code, -32602, JSON.stringify(dataBase64));
      }
      assert.equal((await write(here.client, 'w', 'good')).result, {});
      assert.is(await readFile(here.path, 'utf8'), 'good');
    });

    test('keeps the inode, hard links and mode of what was there', async () => {
      await using here = await scene(channel, 'a longer old content');
      const other = here.directory.join('other');
      await link(here.path, other);
      await chmod(here.path, 0o754);
      const before = await stat(here.path);
      await overwrite(here, 'new');
      const after = await stat(here.path);
      assert.equal([after.ino, after.nlink, after.mode], [before.ino, 2, before.mode]);
      assert.is(await readFile(other, 'utf8'), 'new');
    });

    test(
      'keeps the extended attributes and the ACL of what was there',
      async () => {
        await using here = await scene(channel, 'a longer old content');
        await run('setfattr', ['-n', 'user.kept', '-v', 'yes', here.path]);
        await run('setfacl', ['-m', 'u:65534:r--', here.path]);
        await overwrite(here, 'new');
        assert.is((await run('getfattr', ['--only-values', '-n', 'user.kept', here.path])).stdout, 'yes');
        assert.match((await run('getfacl', ['-cn', here.path])).stdout, /^user:65534:r--$/m);
      },
      { skip: unavailable('setfattr', '--version') ?? unavailable('setfacl', '--version') },
    );

    test('writes through a symbolic link to the file behind it', async () => {
      await using here = await scene(channel, 'old');
      const alias = here.directory.join('alias');
      await symlink('file', alias);
      await here.client.result('fs/writeFile/open', { handleId: 'w', path: alias });
      await write(here.client, 'w', 'new');
      assert.is(await readFile(here.path, 'utf8'), 'new');
    });

    test('refuses directories, FIFOs and devices at once, and touches nothing', async () => {
      await using here = await scene(channel);
      const fifo = here.directory.join('fifo');
      await run('mkfifo', [fifo]);
      const open = (path: string) => here.client.refusal('fs/writeFile/open', { handleId: 'w', path });
      assert.is(await open(here.directory.path), '-32603 Is a directory (os error 21)');
      assert.is(await open(fifo), `-32600 path \`${fifo}\` is not a file`);
      assert.is(await open('/dev/null'), '-32600 path `/dev/null` is not a file');
      assert.is(await open(here.directory.join('no/where')), '-32004 No such file or directory (os error 2)');
    });
  });

  describe(`handles over ${channel}`, (test) => {
    test('refuse the operations of the other kind and stay usable', async () => {
      await using here = await scene(channel, 'hello');
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      await here.client.result('fs/writeFile/open', { handleId: 'w', path: here.directory.join('out') });
      const wrong: Record<string, object> = {
        'fs/writeFile/write': { handleId: 'r', dataBase64: '' },
        'fs/writeFile/close': { handleId: 'r' },
        'fs/readFile/read': { handleId: 'w', offset: 0 },
        'fs/readFile/stat': { handleId: 'w' },
        'fs/readFile/close': { handleId: 'w' },
      };
      for (const [method, params] of Object.entries(wrong)) {
        assert.match(await here.client.refusal(method, params), /^-32600 file handle `[rw]` is not open for/);
      }
      assert.is((await read(here.client, 'r', 0)).bytes.toString(), 'hello');
      assert.equal((await write(here.client, 'w', 'x')).result, {});
    });

    test('refuse an ID in use, of either kind', async () => {
      await using here = await scene(channel, 'hello');
      await here.client.result('fs/readFile/open', { handleId: 'h', path: here.path });
      const taken = '-32600 file handle `h` already exists';
      assert.is(await here.client.refusal('fs/readFile/open', { handleId: 'h', path: here.path }), taken);
      assert.is(await here.client.refusal('fs/writeFile/open', { handleId: 'h', path: here.path }), taken);
      assert.is(await readFile(here.path, 'utf8'), 'hello');
    });

    test('refuse an empty ID and one of a KiB, and take one of 256 bytes', async () => {
      await using here = await scene(channel, 'hello');
      const open = (handleId: string) => here.client.call('fs/readFile/open', { handleId, path: here.path });
      assert.is((await open('')).error?.message, 'file handle ID must not be empty');
      assert.is((await open('x'.repeat(1024))).error?.message, 'file handle ID must not exceed 256 bytes');
      assert.is((await open('é'.repeat(129))).error?.code, -32600);
      assert.is((await open('é'.repeat(128))).error, undefined);
    });

    test('of names that objects have are handles like others', async () => {
      await using here = await scene(channel, 'hello');
      for (const handleId of ['__proto__', 'constructor', 'toString']) {
        assert.match(await here.client.refusal('fs/readFile/stat', { handleId }), /unknown file handle/);
        await here.client.result('fs/readFile/open', { handleId, path: here.path });
        assert.is((await read(here.client, handleId, 0)).bytes.toString(), 'hello');
      }
    });

    test('are at most 64, the next refused before its file is touched', async () => {
      await using here = await scene(channel, 'hello');
      const open = (index: number, path = here.path) =>
        here.client.call('fs/readFile/open', { handleId: `h${index}`, path });
      for (let index = 0; index < 64; index++) assert.is((await open(index)).error, undefined);
      const full = { code: -32600, message: 'at most 64 file handles may be open per connection' };
      assert.equal((await open(64)).error, full);
      const fresh = here.directory.join('fresh');
      for (const path of [fresh, here.path]) {
        const { error } = await here.client.call('fs/writeFile/open', { handleId: 'w', path });
        assert.equal(error, full);
      }
      assert.is(await readFile(here.path, 'utf8'), 'hello');
      assert.is(await stat(fresh).catch(() => 'not there'), 'not there');
      await here.client.result('fs/readFile/close', { handleId: 'h0' });
      assert.is((await open(64, here.directory.join('none'))).error?.code, -32004);
      assert.is((await open(65)).error, undefined);
      assert.equal((await open(66)).error, full);
    });

    test('refuse offsets and sizes that no file has, and stay open', async () => {
      await using here = await scene(channel, 'hello');
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      for (const wrong of [-1, 1.5, 2 ** 53, 1e300, '0', null]) {
        const { error } = await here.client.call('fs/readFile/read', { handleId: 'r', offset: wrong });
        assert.is(error?.code, -32602, `offset ${wrong}`);
      }
      for (const wrong of [-1, 0.5, 2 ** 53]) {
        const { error } = await here.client.call('fs/readFile/read', { handleId: 'r', offset: 0, maxBytes: wrong });
        assert.is(error?.code, -32602, `maxBytes ${wrong}`);
      }
      assert.equal(await read(here.client, 'r', Number.MAX_SAFE_INTEGER), { bytes: Buffer.alloc(0), eof: true });
      assert.is((await read(here.client, 'r', 0)).bytes.toString(), 'hello');
    });

    test('answer eof when the file shrinks under a reader', async () => {
      await using here = await scene(channel, contentOf(1000));
      await here.client.result('fs/readFile/open', { handleId: 'r', path: here.path });
      await truncate(here.path, 10);
      assert.equal(await read(here.client, 'r', 500), { bytes: Buffer.alloc(0), eof: true });
    });
  });
}
