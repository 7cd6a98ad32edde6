// Both handshakes, and what is answered to what no client should send.

import * as assert from 'uvu/assert';
import { dialects } from '../../src/server/environment.js';
import { MethodTable } from '../../src/server/methodTable.js';
import { HostFileSystem } from '../../src/server/ServedFileSystem.js';
import { version } from '../../src/version.js';
import { describe } from '../helpers/describe.js';
import type { RawClient } from '../helpers/rawClient.js';
import { channels, servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const place = { cwd: '/', home: '/' };
const allMethods = new MethodTable({ fileSystem: new HostFileSystem(), dialects, place }).router.methods;

/** A client that has said nothing yet. */
async function fresh(options = {}) {
  const served = await servedClient('memory', options);
  return { client: await served.connect(), [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

const refusalOf = async (client: RawClient, method: string, params: unknown = {}) =>
  (await client.call(method, params)).error;
const invalid = (message: string) => ({ code: -32600, message });

describe('the handshake of an exec-server client', (test) => {
  test('tells the session and the environment', async () => {
    await using here = await fresh();
    const { sessionId, environmentInfo } = await here.client.result<Record<string, unknown>>('initialize', {
      clientName: 'x',
    });
    assert.match(String(sessionId), /^[0-9a-f-]{36}$/);
    const info = environmentInfo as Record<string, unknown>;
    assert.is(info.executorVersion, version);
    assert.is(info.cwd, `file://${process.cwd()}`);
    assert.is(info.platformOs, process.platform);
    assert.equal(info.capabilities, { fileWriteStreaming: true, fileHandleStreaming: true });
    here.client.send({ method: 'initialized' });
    assert.equal(await here.client.result('environment/info'), environmentInfo);
  });

  test('refuses every method before initialize and before initialized', async () => {
    await using here = await fresh();
    for (const method of allMethods) {
      const family = method === 'environment/info' ? 'environment info' : 'filesystem';
      const expected = invalid(`client must call initialize before using ${family} methods`);
      assert.equal(await refusalOf(here.client, method), expected);
    }
    await here.client.result('initialize', { clientName: 'x' });
    for (const method of allMethods) {
      assert.match((await refusalOf(here.client, method))?.message ?? '', /^client must send initialized before/);
    }
  });

  test('may be done once', async () => {
    await using here = await servedClient('memory');
    const expected = invalid('initialize may only be sent once per connection');
    assert.equal(await refusalOf(here.client, 'initialize', { clientName: 'x' }), expected);
    assert.equal(await refusalOf(here.client, 'initialize', { clientInfo: { name: 'x' } }), expected);
    await here.client.result('environment/info');
  });

  test('needs a name', async () => {
    await using here = await fresh();
    for (const params of [{}, undefined, [], { clientName: 5 }, { clientInfo: {} }]) {
      assert.is((await here.client.call('initialize', params)).error?.code, -32602);
    }
    await here.client.initialize();
  });
});

describe('the handshake of an app-server client', (test) => {
  const initialize = { clientInfo: { name: 'x', title: null, version: '1' } };

  test('tells the user agent and the platform, and waits for nothing more', async () => {
    await using here = await fresh();
    const info = await here.client.result('initialize', initialize);
    assert.equal(Object.keys(info), ['userAgent', 'codexHome', 'platformFamily', 'platformOs']);
    assert.equal([info.platformFamily, info.platformOs], ['unix', 'linux']);
    await here.client.result('fs/getMetadata', { path: '/' });
    here.client.send({ method: 'initialized' });
    assert.equal(await refusalOf(here.client, 'initialize', initialize), invalid('Already initialized'));
  });

  test('gives all dialects, with native paths', async () => {
    await using directory = await temporaryDirectory();
    await using here = await fresh();
    await here.client.result('initialize', initialize);
    const path = directory.join('file');
    await here.client.result('fs/writeFile/open', { handleId: 'h', path });
    await here.client.result('fs/writeFile/write', { handleId: 'h', dataBase64: 'aGk=' });
    await here.client.result('fs/open', { handleId: 'b', path });
    assert.equal(await here.client.result('fs/readFile', { path }), { dataBase64: 'aGk=' });
    assert.equal(
      await refusalOf(here.client, 'fs/readFile', { path: `file://${path}` }),
      invalid('Invalid request: path: expected an absolute path'),
    );
  });

  test('refuses as app-servers do, and passes over what they pass over', async () => {
    await using here = await fresh();
    await here.client.result('initialize', initialize);
    const messages = here.client.record.messages.length;
    for (const text of ['{bad', '[]', '{"method":"whatever"}', '{"id":99,"result":{}}', '{"id":1.5,"method":"x"}']) {
      here.client.sendText(text);
    }
    assert.equal(await refusalOf(here.client, 'nope'), invalid('Invalid request: unknown variant `nope`'));
    assert.equal(await refusalOf(here.client, 'fs/readFile'), invalid('Invalid request: missing field `path`'));
    assert.is(here.client.record.messages.length, messages + 2);
  });
});

for (const channel of channels) {
  describe(`what is not understood over ${channel}`, (test) => {
    test('is answered with id -1, and the session goes on', async () => {
      await using here = await servedClient(channel);
      const { client } = here;
      const nested = `{"id":1,"method":"x","params":${'['.repeat(200)}${']'.repeat(200)}}`;
      const wrong = ['{bad json', '[]', '[{"id":1,"method":"x"}]', '"text"', 'null', '{"id":1.5,"method":"x"}'];
      wrong.push('{"id":null,"method":"x"}', '{"id":1,"method":5}', '{}', '{"id":9}', '{"id":99,"result":{}}', nested);
      for (const [index, text] of wrong.entries()) {
        client.sendText(text);
        await client.record.received(2 + index);
        const answer = JSON.parse(client.record.messages.at(-1) ?? '');
        assert.is(answer.id, -1, text);
        assert.is(answer.error.code, -32600, text);
      }
      client.sendText(Buffer.from([0x7b, 0xff, 0x7d]));
      assert.is((await client.answerTo(-1)).error?.code, -32600);
      await client.result('environment/info');
    });

    test('is passed over when it is a notification', async () => {
      await using here = await servedClient(channel);
      here.client.send({ method: 'whatever', params: [1] });
      here.client.send({ method: 'fs/remove', params: { path: '/nowhere/at/all' } });
      await here.client.result('environment/info');
      assert.is(here.client.record.messages.length, 2);
    });

    test('is refused as unknown when it is a method', async () => {
      await using here = await servedClient(channel);
      assert.is(await here.client.refusal('nope'), '-32601 this server does not implement `nope`');
      assert.is(
        await here.client.refusal('process/start', {}),
        '-32601 this server does not implement `process/start`',
      );
      assert.is((await here.client.refusal('x'.repeat(1e6))).length < 200, true);
      for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        assert.match(await here.client.refusal(name, {}), /^-32601/);
      }
    });
  });
}

describe('requests', (test) => {
  test('carry any integer or text as id, extra members, or a jsonrpc member', async () => {
    await using here = await servedClient('memory');
    for (const id of [-5, 0, 'abc', '', Number.MAX_SAFE_INTEGER]) {
      assert.is((await here.client.call('environment/info', undefined, id)).error, undefined);
    }
    here.client.sendText(
      '{"params":{"path":"/","extra":1},"extra":{},"jsonrpc":"2.0","method":"fs/canonicalize","id":"z"}',
    );
    assert.equal((await here.client.answerTo('z')).result, { path: '/' });
  });

  test('with a sandbox are refused on every method, whatever its shape', async () => {
    await using here = await servedClient('memory');
    const expected = invalid('this server does not support sandboxed file operations');
    for (const method of allMethods) {
      for (const sandbox of [{}, { type: 'restricted' }, [], 5, true, '', false]) {
        assert.equal(await refusalOf(here.client, method, { sandbox }), expected);
      }
    }
    assert.equal(await here.client.result('fs/canonicalize', { path: '/', sandbox: null }), { path: '/' });
  });

  test('leave Object.prototype as it is', async () => {
    await using here = await servedClient('memory');
    here.client.sendText('{"id":7,"method":"fs/getMetadata","params":{"path":"/","__proto__":{"polluted":1}}}');
    assert.is((await here.client.answerTo(7)).error, undefined);
    assert.is(Reflect.get({}, 'polluted'), undefined);
  });

  test('are answered without stacks or paths of this program', async () => {
    await using here = await servedClient('memory');
    for (const method of allMethods) {
      for (const params of [
        undefined,
        null,
        [],
        5,
        'x',
        {},
        { path: 5 },
        { path: '/\0' },
        { handleId: {}, path: '/' },
      ]) {
        const text = JSON.stringify(await here.client.call(method, params));
        assert.not.match(text, /at .*:\d+:\d+|node_modules|dist\//);
      }
    }
  });
});

describe('a server with fewer dialects', (test) => {
  test('announces and answers only those', async () => {
    await using served = await servedClient('memory', { dialects: ['buffered'] });
    const info = await served.client.result<{ capabilities: object }>('environment/info');
    assert.equal(info.capabilities, {});
    for (const method of ['fs/open', 'fs/readBlock', 'fs/readFile/open', 'fs/writeFile/write']) {
      assert.match(await served.client.refusal(method, {}), /^-32601/);
    }
    await served.client.result('fs/getMetadata', { path: '/' });
    await using blocks = await servedClient('memory', { dialects: ['blocks'] });
    assert.equal((await blocks.client.result<{ capabilities: object }>('environment/info')).capabilities, {
      fileWriteStreaming: true,
    });
    assert.match(await blocks.client.refusal('fs/readFile', { path: '/' }), /^-32601/);
  });
});
