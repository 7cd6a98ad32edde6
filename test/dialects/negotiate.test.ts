// The handshake with every kind of server there is, and which methods are used on which.

import * as assert from 'uvu/assert';
import {
  dialectsOf,
  type HandshakeOptions,
  NegotiatedDialects,
  type ServerInfo,
  shakeHands,
} from '../../src/dialects/negotiate.js';
import { CancelledError, ConnectError, RpcError } from '../../src/errors.js';
import { describe, rejection } from '../helpers/describe.js';
import { answers, type PeerAnswer, type Script, scriptedPeer, unknownMethod } from '../helpers/scriptedPeer.js';

const url = 'ws://box:1';
const initializeParams = {
  clientName: 'codexfs',
  clientInfo: { name: 'codexfs', title: 'codexfs', version: '1.2.3' },
};

/** What the real server of 0.169 says of itself. */
const environmentInfo = {
  shell: { name: 'bash', path: '/bin/bash' },
  executorVersion: '0.169.0',
  cwd: 'file:///work',
  userHomeDir: 'file:///root',
  platformOs: 'linux',
  capabilities: { fileWriteStreaming: true, somethingNew: { a: 1 } },
};
const modernInfo: ServerInfo = {
  kind: 'exec-server',
  version: '0.169.0',
  platformOs: 'linux',
  cwd: 'file:///work',
  userHomeDir: 'file:///root',
  pathForm: 'uri',
  capabilities: environmentInfo.capabilities,
};
const oldInfo: ServerInfo = {
  kind: 'exec-server',
  version: undefined,
  platformOs: undefined,
  cwd: undefined,
  userHomeDir: undefined,
  pathForm: 'native',
  capabilities: {},
};
const appInfo: ServerInfo = { ...oldInfo, kind: 'app-server', version: '0.169.0', platformOs: 'linux' };

function handshake(script: Script, options: Partial<HandshakeOptions> = {}) {
  const peer = scriptedPeer(script);
  return { peer, shaking: shakeHands(peer.connection, { clientVersion: '1.2.3', url, ...options }) };
}

describe('the handshake', (test) => {
  test('takes what a server of today says of itself in one answer', async () => {
    const { peer, shaking } = handshake(answers({ initialize: { result: { sessionId: 's', environmentInfo } } }));
    assert.equal(await shaking, modernInfo);
    assert.equal(peer.requests, [{ method: 'initialize', params: initializeParams }]);
    assert.equal(await peer.notified(1), ['initialized']);
  });

  test('asks an older server for its environment', async () => {
    const info = { cwd: 'file:///work', platformOs: 'linux' };
    const { peer, shaking } = handshake(
      answers({ initialize: { result: { sessionId: 's' } }, 'environment/info': { result: info } }),
    );
    assert.equal(await shaking, { ...oldInfo, cwd: 'file:///work', platformOs: 'linux', pathForm: 'uri' });
    assert.equal(peer.requests.slice(1), [{ method: 'environment/info', params: {} }]);
  });

  test('takes the oldest servers as they are, native paths and nothing known', async () => {
    const refusal: PeerAnswer = { error: { code: -32600, message: 'Invalid request: unknown variant' } };
    for (const answer of [unknownMethod('environment/info'), refusal]) {
      const { shaking } = handshake(answers({ initialize: { result: {} }, 'environment/info': answer }));
      assert.equal(await shaking, oldInfo);
    }
  });

  test('knows an app-server by its user agent, and asks it nothing more', async () => {
    const result = { userAgent: 'codex/0.169.0 (Linux)', codexHome: '/c', platformFamily: 'unix', platformOs: 'linux' };
    const { peer, shaking } = handshake(answers({ initialize: { result } }));
    assert.equal(await shaking, appInfo);
    assert.is(peer.requests.length, 1);
    assert.equal(await peer.notified(1), ['initialized']);
  });

  test('speaks as to an app-server alone where the server is said to be one, and refuses another', async () => {
    const result = { userAgent: 'codex/0.169.0 (Linux)', platformOs: 'linux' };
    const said = handshake(answers({ initialize: { result } }), { kind: 'app-server' });
    assert.equal(await said.shaking, appInfo);
    assert.equal(said.peer.requests[0]?.params, { clientInfo: initializeParams.clientInfo });
    for (const answer of [{ result: { sessionId: 's' } }, { error: { code: -32602, message: 'missing field' } }]) {
      const { shaking } = handshake(answers({ initialize: answer }), { kind: 'app-server' });
      const { phase, hint } = await rejection(shaking, ConnectError);
      assert.equal([phase, hint], ['handshake', 'an exec-server is defined without app+']);
    }
  });

  for (const [title, answer] of [
    ['refuses', { error: { code: -32600, message: 'initialize may only be sent once' } }],
    ['answers nonsense', { result: 'hello' }],
    ['tells nonsense of its environment', { result: { environmentInfo: 5 } }],
    ['cannot tell its environment', { result: { sessionId: 's' } }],
  ] as const) {
    test(`fails with the address when the server ${title}`, async () => {
      const broken: PeerAnswer = { error: { code: -32603, message: 'no working directory' } };
      const { shaking } = handshake(answers({ initialize: answer, 'environment/info': broken }));
      const error = await rejection(shaking, ConnectError);
      assert.equal([error.phase, error.code, error.url], ['handshake', 'handshake_failed', url]);
      assert.ok(error.message.startsWith(`${url} did not shake hands: `), error.message);
    });
  }

  test('fails when the server ends the connection instead', async () => {
    const { peer, shaking } = handshake(() => 'silence');
    await peer.received(1);
    await peer.hangUp();
    assert.is((await rejection(shaking, ConnectError)).phase, 'handshake');
  });

  test('fails when the server says nothing in time', async () => {
    const { shaking } = handshake(() => 'silence', { timeoutMs: 20 });
    assert.is((await rejection(shaking, ConnectError)).message, `${url} did not shake hands: no answer for 0.02 s`);
  });

  test('ends at an abort as what it is', async () => {
    const abort = new AbortController();
    const { peer, shaking } = handshake(() => 'silence', { signal: abort.signal });
    await peer.received(1);
    abort.abort(new CancelledError('SIGINT'));
    await rejection(shaking, CancelledError);
  });
});

describe('the dialects of a server', (test) => {
  const table: readonly (readonly [string, ServerInfo, ReturnType<typeof dialectsOf>])[] = [
    [
      'codexfs serve',
      { ...modernInfo, capabilities: { fileHandleStreaming: true, fileWriteStreaming: true } },
      { read: ['handles'], write: ['handles'] },
    ],
    [
      '0.162 and later',
      modernInfo,
      { read: ['blocks', 'handles', 'buffered'], write: ['blocks', 'handles', 'buffered'] },
    ],
    [
      '0.148 to 0.157',
      { ...modernInfo, capabilities: { fileWriteStreaming: false } },
      { read: ['blocks', 'handles', 'buffered'], write: ['handles', 'buffered'] },
    ],
    ['0.142 and before', oldInfo, { read: ['blocks', 'handles', 'buffered'], write: ['handles', 'buffered'] }],
    ['an app-server', appInfo, { read: ['handles', 'buffered'], write: ['handles', 'buffered'] }],
  ];
  for (const [title, server, expected] of table) {
    test(`are those that it can have: ${title}`, () => {
      assert.equal(dialectsOf(server), expected);
    });
  }

  for (const claim of ['true', 1, {}, null]) {
    test(`do not trust a capability that is ${JSON.stringify(claim)}`, () => {
      const server = { ...modernInfo, capabilities: { fileWriteStreaming: claim, fileHandleStreaming: claim } };
      assert.equal(dialectsOf(server).write, ['handles', 'buffered']);
    });
  }
});

describe('the choice of a dialect', (test) => {
  const metadata = { isDirectory: false, isFile: true, createdAtMs: 0, modifiedAtMs: 7 };
  const wholeFiles = {
    'fs/getMetadata': { result: metadata },
    'fs/readFile': { result: { dataBase64: 'YQ==' } },
    'fs/writeFile': { result: {} },
  };

  test('falls back to what is there, and asks only once', async () => {
    const peer = scriptedPeer(answers(wholeFiles));
    const dialects = new NegotiatedDialects(peer.connection, oldInfo);
    for (let count = 0; count < 3; count++) await dialects.openRead('/a', {});
    assert.equal(peer.paramsOf('fs/open').length, 1);
    assert.equal(peer.paramsOf('fs/readFile/open').length, 1);
    assert.equal(peer.paramsOf('fs/readFile').length, 3);
    for (let count = 0; count < 3; count++) await (await dialects.openWrite('/a', {})).close();
    assert.equal(peer.paramsOf('fs/writeFile/open').length, 1);
    assert.equal(peer.paramsOf('fs/writeFile').length, 3);
    assert.equal(dialects.current, { read: 'buffered', write: 'buffered' });
  });

  test('falls back one step at a time, also when several opens find out at once', async () => {
    const peer = scriptedPeer(answers({ ...wholeFiles, 'fs/readFile/open': { result: { maxChunkBytes: 4096 } } }));
    const dialects = new NegotiatedDialects(peer.connection, oldInfo);
    await Promise.all(Array.from({ length: 5 }, () => dialects.openRead('/a', {})));
    await dialects.openRead('/a', {});
    assert.is(dialects.current.read, 'handles');
    assert.is(peer.paramsOf('fs/open').length, 5);
    assert.is(peer.paramsOf('fs/readFile/open').length, 6);
    assert.is(peer.paramsOf('fs/readFile').length, 0);
  });

  test('takes an app-server by its word for an unknown method', async () => {
    const refusal: PeerAnswer = {
      error: { code: -32600, message: 'Invalid request: unknown variant `fs/readFile/open`, expected one of …' },
    };
    const peer = scriptedPeer(answers({ ...wholeFiles, 'fs/readFile/open': refusal, 'fs/writeFile/open': refusal }));
    const dialects = new NegotiatedDialects(peer.connection, appInfo);
    await dialects.openRead('/a', {});
    await dialects.openWrite('/a', {});
    assert.equal(dialects.current, { read: 'buffered', write: 'buffered' });
    assert.is(peer.paramsOf('fs/open').length, 0);
  });

  test('never opens to replace on a server that did not say that it can', async () => {
    const opened = { result: { handleId: 'b1' } };
    for (const server of [oldInfo, appInfo, { ...modernInfo, capabilities: {} }]) {
      const peer = scriptedPeer(answers({ ...wholeFiles, 'fs/open': opened }));
      const dialects = new NegotiatedDialects(peer.connection, server);
      await (await dialects.openWrite('/a', {})).close();
      await dialects.openRead('/a', {});
      assert.ok(peer.paramsOf('fs/open').every((params) => !('mode' in params)));
      assert.is(peer.paramsOf('fs/writeFile').length, 1);
    }
  });

  test('does not fall back for any other failure, whatever the name of the file says', async () => {
    for (const message of ['No such file or directory (os error 2)', 'path `/unknown variant` is not a file']) {
      const peer = scriptedPeer(answers({ ...wholeFiles, 'fs/open': { error: { code: -32600, message } } }));
      const dialects = new NegotiatedDialects(peer.connection, modernInfo);
      await rejection(dialects.openRead('/a', {}), RpcError);
      await rejection(dialects.openWrite('/a', {}), RpcError);
      assert.equal(dialects.current, { read: 'blocks', write: 'blocks' });
      assert.is(peer.paramsOf('fs/readFile').length, 0);
    }
  });

  test('asks once for whole files where there are none', async () => {
    const peer = scriptedPeer(answers({ 'fs/getMetadata': { result: { ...metadata, size: 1 } } }));
    const dialects = new NegotiatedDialects(peer.connection, modernInfo);
    for (let count = 0; count < 2; count++) {
      assert.is(await dialects.readWhole('/a', 9, {}), undefined);
      assert.not(await dialects.writeWhole('/a', Buffer.from('a')));
    }
    assert.equal(
      peer.requests.map(({ method }) => method),
      ['fs/getMetadata', 'fs/readFile'],
    );
  });

  test('says that nothing is supported when nothing is', async () => {
    const peer = scriptedPeer(answers({}));
    const dialects = new NegotiatedDialects(peer.connection, modernInfo);
    for (let count = 0; count < 2; count++) {
      assert.is((await rejection(dialects.openRead('/a', {}), RpcError)).code, 'unsupported');
    }
  });
});
