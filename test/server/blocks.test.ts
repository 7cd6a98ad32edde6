// The `blocks` and `buffered` dialects as released exec-servers speak them.

import { execFile } from 'node:child_process';
import { readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { channels, servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const block = 1_048_576;

for (const channel of channels) {
  describe(`blocks over ${channel}`, (test) => {
    test('are read at any offset, with eof by shortness', async () => {
      await using directory = await temporaryDirectory();
      await using here = await servedClient(channel);
      const { client } = here;
      const path = directory.join('file');
      const content = contentOf(block + 1);
      await writeFile(path, content);
      assert.equal(await client.result('fs/open', { handleId: 'r', path }), { handleId: 'r' });
      for (const [offset, len, expected, eof] of [
        [0, block, content.subarray(0, block), false],
        [1, block, content.subarray(1), false],
        [2, block, content.subarray(2), true],
        [block + 1, 5, Buffer.alloc(0), true],
      ] as const) {
        const answer = await client.result<{ chunk: string }>('fs/readBlock', { handleId: 'r', offset, len });
        assert.ok(Buffer.from(answer.chunk, 'base64').equals(expected), `${len} at ${offset}`);
        assert.equal({ ...answer, chunk: '' }, { chunk: '', eof });
      }
    });

    test('are written at any offset; a gap reads as zeros', async () => {
      await using directory = await temporaryDirectory();
      await using here = await servedClient(channel);
      const path = directory.join('file');
      await writeFile(path, 'a longer old content');
      const { client } = here;
      await client.result('fs/open', { handleId: 'w', path, mode: 'replace' });
      assert.is((await stat(path)).size, 0);
      const write = (offset: number, text: string) =>
        client.result('fs/writeBlock', { handleId: 'w', offset, chunk: Buffer.from(text).toString('base64') });
      assert.equal(await write(5, 'end'), {});
      assert.equal(await write(0, 'ab'), {});
      assert.is(await readFile(path, 'utf8'), 'ab\0\0\0end');
      assert.equal(await client.result('fs/close', { handleId: 'w' }), {});
      assert.equal(await client.result('fs/close', { handleId: 'w' }), {});
    });

    test('of no byte and of one too many are refused without harm', async () => {
      await using directory = await temporaryDirectory();
      await using here = await servedClient(channel);
      const path = directory.join('file');
      const { client } = here;
      await client.result('fs/open', { handleId: 'w', path, mode: 'replace' });
      const range = 'block length must be between 1 and 1048576';
      for (const len of [0, block + 1]) {
        const chunk = contentOf(len).toString('base64');
        assert.is(
          await client.refusal('fs/writeBlock', { handleId: 'w', offset: 0, chunk }),
          `-32600 file write ${range}`,
        );
        assert.is(await client.refusal('fs/readBlock', { handleId: 'w', offset: 0, len }), `-32600 file read ${range}`);
      }
      await client.result('fs/writeBlock', { handleId: 'w', offset: 0, chunk: contentOf(block).toString('base64') });
      assert.is((await stat(path)).size, block);
    });

    test('have 128 handles with IDs of up to 32 bytes', async () => {
      await using directory = await temporaryDirectory();
      await using here = await servedClient(channel);
      const path = directory.join('file');
      await writeFile(path, 'x');
      const { client } = here;
      const tooLong = '-32600 file handle ID must not exceed 32 bytes';
      assert.is(await client.refusal('fs/open', { handleId: 'x'.repeat(33), path }), tooLong);
      assert.is(await client.refusal('fs/open', { handleId: 'é'.repeat(17), path }), tooLong);
      for (let index = 0; index < 128; index++) {
        await client.result('fs/open', { handleId: index === 0 ? '' : `é${index}`, path });
      }
      assert.is(
        await client.refusal('fs/open', { handleId: 'more', path }),
        '-32600 at most 128 file handles may be open per connection',
      );
      await client.result('fs/readFile/open', { handleId: 'of the other dialect', path });
    });

    test('are refused on a handle of the other kind, which stays usable', async () => {
      await using directory = await temporaryDirectory();
      await using here = await servedClient(channel);
      const path = directory.join('file');
      await writeFile(path, 'hello');
      const { client } = here;
      await client.result('fs/open', { handleId: 'r', path, mode: 'read' });
      const wrong = await client.refusal('fs/writeBlock', { handleId: 'r', offset: 0, chunk: 'aGk=' });
      assert.is(wrong, '-32600 file handle `r` is not open for writing');
      assert.is(await client.refusal('fs/open', { handleId: 'x', path, mode: 'append' }).then(codeOf), -32602);
      assert.is(await readFile(path, 'utf8'), 'hello');
    });
  });

  describe(`whole files over ${channel}`, (test) => {
    test('are written and read', async () => {
      await using directory = await temporaryDirectory();
      await using here = await servedClient(channel);
      const path = directory.join('file');
      for (const size of [0, 1, 262_145, 5_000_000]) {
        const dataBase64 = contentOf(size).toString('base64');
        assert.equal(await here.client.result('fs/writeFile', { path, dataBase64 }), {});
        assert.is((await stat(path)).size, size);
        assert.equal(await here.client.result('fs/readFile', { path }), { dataBase64 });
      }
    });
  });
}

describe('reading a whole file', (test) => {
  test('goes to its end where the size is not known', async () => {
    await using here = await servedClient('memory');
    const { dataBase64 } = await here.client.result<{ dataBase64: string }>('fs/readFile', { path: '/proc/self/maps' });
    assert.match(Buffer.from(dataBase64, 'base64').toString().trimEnd(), /vsyscall|stack|vdso/);
  });

  test('is refused when its answer would be larger than clients take', async () => {
    await using directory = await temporaryDirectory();
    await using here = await servedClient('memory');
    const path = directory.join('sparse');
    await writeFile(path, '');
    await truncate(path, 2 ** 40);
    assert.match(
      await here.client.refusal('fs/readFile', { path }),
      /^-32600 file is too large to read: limit is \d+ bytes$/,
    );
    assert.is(here.server.openHandles, 0);
  });

  test('and writing one refuse what is no file, at once', async () => {
    await using directory = await temporaryDirectory();
    await using here = await servedClient('memory');
    const fifo = directory.join('fifo');
    await promisify(execFile)('mkfifo', [fifo]);
    await symlink('nowhere', directory.join('dangling'));
    const { client } = here;
    for (const path of [fifo, '/dev/zero', '/dev/ptmx']) {
      assert.is(await client.refusal('fs/readFile', { path }), `-32600 path \`${path}\` is not a file`);
      const written = await client.refusal('fs/writeFile', { path, dataBase64: 'aGk=' });
      assert.is(written, `-32600 path \`${path}\` is not a file`);
    }
    assert.is(await client.refusal('fs/readFile', { path: directory.join('dangling') }).then(codeOf), -32004);
  });
});

function codeOf(refusal: string): number {
  return Number(refusal.split(' ')[0]);
}
