// A server's file system behind the seam: what its paths mean, what its answers become, and what its errors say.

import * as assert from 'uvu/assert';
import { NegotiatedDialects, type ServerInfo } from '../../src/dialects/negotiate.js';
import { CancelledError, CodexfsError, ConnectionClosedError, FileError, ProtocolError } from '../../src/errors.js';
import { RemoteFileSystem } from '../../src/fs/RemoteFileSystem.js';
import { describe, rejection } from '../helpers/describe.js';
import { answers, type PeerAnswer, type Script, scriptedPeer } from '../helpers/scriptedPeer.js';

const linux: ServerInfo = {
  kind: 'exec-server',
  version: '0.169.0',
  platformOs: 'linux',
  cwd: 'file:///work/a%20b',
  userHomeDir: 'file:///root',
  pathForm: 'uri',
  capabilities: { fileWriteStreaming: true },
};
const windows: ServerInfo = {
  ...linux,
  platformOs: 'windows',
  cwd: 'file:///C:/work',
  userHomeDir: 'file:///C:/Users/me',
};
const native: ServerInfo = {
  ...linux,
  cwd: undefined,
  userHomeDir: undefined,
  pathForm: 'native',
  capabilities: {},
};

function remote(script: Script, server = linux) {
  const peer = scriptedPeer(script);
  const system = new RemoteFileSystem(peer.connection, server, new NegotiatedDialects(peer.connection, server));
  return { peer, system };
}

const silent = () => 'silence' as const;
const failure = (code: number, message: string): PeerAnswer => ({ error: { code, message } });
const metadata = { isDirectory: false, isFile: true, isSymlink: true, size: 5, createdAtMs: 1, modifiedAtMs: 2 };

describe('a path on a server', (test) => {
  const table: readonly (readonly [string, ServerInfo, string])[] = [
    ['/a', linux, '/a'],
    ['a', linux, '/work/a b/a'],
    ['../a', linux, '/work/a b/../a'],
    ['', linux, '/work/a b'],
    ['.', linux, '/work/a b'],
    ['~', linux, '/root'],
    ['~/a', linux, '/root/a'],
    ['~a', linux, '/work/a b/~a'],
    ['C:\\a', windows, 'C:\\a'],
    ['C:/a', windows, 'C:/a'],
    ['a', windows, 'C:\\work\\a'],
    ['~/a', windows, 'C:\\Users\\me\\a'],
    ['~\\a', windows, 'C:\\Users\\me\\a'],
    ['\\a', windows, 'C:\\a'],
    ['/a/b', windows, 'C:\\a/b'],
    ['file:///D:/a%20b', windows, 'D:\\a b'],
    ['file://host/share/a', windows, '\\\\host\\share\\a'],
    ['file:///a%20b', linux, '/a b'],
    ['\\\\s\\t\\a', windows, '\\\\s\\t\\a'],
    ['/a', native, '/a'],
  ];
  for (const [path, server, expected] of table) {
    test(`${JSON.stringify(path)} is ${JSON.stringify(expected)} where it is ${server.cwd ?? 'not known'}`, () => {
      assert.is(remote(silent, server).system.resolve(path), expected);
    });
  }

  test('is refused when it is longer than any system has', async () => {
    const { system } = remote(answers({ 'fs/canonicalize': { result: { path: `file:///${'x'.repeat(100_000)}` } } }));
    assert.is((await rejection(system.canonicalize('/a'), ProtocolError)).field, 'path');
  });

  test('has no meaning when it is relative and the server does not say to what', () => {
    for (const path of ['a', '', '~', '~/a']) {
      assert.throws(
        () => remote(silent, native).system.resolve(path),
        (error: unknown) => error instanceof CodexfsError && error.hint === 'give an absolute path',
      );
    }
  });

  test('is joined and split in its own form', () => {
    const { system } = remote(silent);
    assert.equal([system.join('/', 'a'), system.join('/a', 'b'), system.join('/a/', 'b')], ['/a', '/a/b', '/a/b']);
    assert.equal([system.basename('/a/b\\c'), system.dirname('/a/b'), system.dirname('/')], ['b\\c', '/a', '/']);
    const other = remote(silent, windows).system;
    assert.equal([other.join('C:\\', 'a'), other.join('C:/a', 'b')], ['C:\\a', 'C:/a\\b']);
    assert.equal([other.basename('C:\\a\\b'), other.dirname('C:\\a')], ['b', 'C:\\']);
  });

  test('goes out absolute, wherever a program of a user gives a relative one', async () => {
    const { peer, system } = remote(
      answers({ 'fs/getMetadata': { result: metadata }, 'fs/readDirectory': { result: { entries: [] } } }),
    );
    await system.stat('a');
    await system.list('~/b');
    assert.equal(
      peer.requests.map(({ params }) => params),
      [{ path: 'file:///work/a%20b/a' }, { path: 'file:///root/b' }],
    );
  });

  test('goes out percent-encoded, or as it is to servers of native paths', async () => {
    const path = '/a b%#?é✓\n';
    for (const [server, wire] of [
      [linux, 'file:///a%20b%25%23%3F%C3%A9%E2%9C%93%0A'],
      [native, path],
    ] as const) {
      const { peer, system } = remote(answers({ 'fs/getMetadata': { result: metadata } }), server);
      await system.stat(path);
      assert.equal(peer.requests, [{ method: 'fs/getMetadata', params: { path: wire } }]);
    }
  });

  for (const path of ['/a\0b', '/\ud800']) {
    test(`is never sent when it is ${JSON.stringify(path)}`, async () => {
      const { peer, system } = remote(silent);
      for (const call of [
        () => system.stat(path),
        () => system.list(path),
        () => system.openRead(path),
        () => system.openWrite(path),
        () => system.canonicalize(path),
        () => system.copyWithin('/a', path),
      ]) {
        assert.is((await rejection((async () => call())(), CodexfsError)).code, 'invalid_request');
      }
      assert.is(peer.requests.length, 0);
    });
  }
});

describe('the answers of a server', (test) => {
  test('become facts', async () => {
    const { system } = remote(answers({ 'fs/getMetadata': { result: metadata } }));
    const facts = { kind: 'file', isSymlink: true, sizeBytes: 5, createdAtMs: 1, modifiedAtMs: 2 };
    assert.equal(await system.stat('/a'), { ...facts, mode: undefined, identity: undefined });
  });

  test('become entries, and unsafe names carry their problem', async () => {
    const names = ['a', '..', '.', '', 'a/b', '../../etc/passwd', 'a\0b', '\ud800', 'x'.repeat(2000)];
    const entries = names.map((fileName) => ({ fileName, isDirectory: false, isFile: true }));
    const { system } = remote(answers({ 'fs/readDirectory': { result: { entries } } }));
    const list = await system.list('/d');
    assert.equal(
      list.map(({ problem }) => problem !== undefined),
      [false, true, true, true, true, true, true, true, true],
    );
    assert.equal(
      list.map(({ name }) => name),
      names,
    );
  });

  test('become paths of the own form', async () => {
    for (const [server, wire, path] of [
      [linux, 'file:///a%20b', '/a b'],
      [windows, 'file:///C:/a%20b', 'C:\\a b'],
      [native, '/a b', '/a b'],
    ] as const) {
      const { system } = remote(answers({ 'fs/canonicalize': { result: { path: wire } } }), server);
      assert.is(await system.canonicalize(path), path);
    }
  });

  test('end the connection when they are not what they must be', async () => {
    const { system } = remote(answers({ 'fs/getMetadata': { result: { ...metadata, size: -1 } } }));
    await rejection(system.stat('/a'), ProtocolError);
    assert.is(system.endedBy?.code, 'protocol_violation');
  });
});

describe('the errors of a server', (test) => {
  for (const [code, message, expected, words] of [
    [-32004, 'No such file or directory (os error 2)', 'not_found', 'no such file or directory'],
    [-32600, 'Permission denied (os error 13)', 'permission_denied', 'permission denied'],
    [-32600, 'path `/d` is not a file', 'not_regular_file', 'not a regular file'],
    [-32603, 'Is a directory (os error 21)', 'is_directory', 'is a directory'],
  ] as const) {
    test(`carry the path and the meaning: ${message}`, async () => {
      const { system } = remote(() => failure(code, message));
      for (const call of [system.stat('/a b'), system.openRead('/a b'), system.openWrite('/a b')]) {
        const error = await rejection(call, FileError);
        assert.equal([error.code, error.path, error.message], [expected, '/a b', words]);
      }
    });
  }

  test('are the reason of the end when the connection ends', async () => {
    const { peer, system } = remote(silent);
    const asking = system.stat('/a');
    await peer.received(1);
    await peer.hangUp();
    await rejection(asking, ConnectionClosedError);
    await rejection(system.openWrite('/a'), ConnectionClosedError);
  });
});

describe('a copy by the server', (test) => {
  test('is one request', async () => {
    const { peer, system } = remote(answers({ 'fs/copy': { result: {} } }));
    await system.copyWithin('/a', '/b c');
    const params = { sourcePath: 'file:///a', destinationPath: 'file:///b%20c', recursive: false };
    assert.equal(peer.requests, [{ method: 'fs/copy', params }]);
  });

  test('ends at an abort, and its late answer means nothing', async () => {
    let answer: (value: PeerAnswer) => void = () => {};
    const { peer, system } = remote(({ method }) => {
      if (method !== 'fs/copy') return { result: metadata };
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const abort = new AbortController();
    const copying = system.copyWithin('/a', '/b', { signal: abort.signal });
    await peer.received(1);
    abort.abort(new CancelledError());
    await rejection(copying, CancelledError);
    answer({ result: {} });
    await system.stat('/b');
    assert.is(system.endedBy, undefined);
  });
});
