// From a request to an outcome, without a way for it to throw.

import * as assert from 'uvu/assert';
import { CodexfsError, FileError } from '../../src/errors.js';
import type { IncomingRequest } from '../../src/rpc/PeerHandlers.js';
import { Router } from '../../src/rpc/Router.js';
import { describe } from '../helpers/describe.js';

function request(method: string, params: unknown, bytes?: Buffer): IncomingRequest {
  const chunk = bytes === undefined ? undefined : { field: 'dataBase64' as const, bytes };
  return { id: 1, method, params, chunk, frameBytes: 0 };
}

const written: unknown[] = [];
const router = new Router({
  'fs/canonicalize': async ({ path }) => ({ path: `${path}!` }),
  'fs/readFile': () => {
    throw new FileError('not_found', 'open', '/x', 'no such file or directory');
  },
  'fs/readDirectory': async () => {
    throw new TypeError('a secret of the implementation');
  },
  'fs/writeFile': (params) => {
    written.push(params);
    return {};
  },
  'fs/close': async () => Promise.reject(new CodexfsError('unknown_handle', 'unknown file handle `x`')),
});

describe('a router', (test) => {
  const table: Record<string, readonly [IncomingRequest, unknown]> = {
    'calls the handler of the method': [
      request('fs/canonicalize', { path: '/a', more: 1 }),
      { result: { path: '/a!' } },
    ],
    'answers what a handler throws': [
      request('fs/readFile', { path: '/x' }),
      { error: { code: -32004, message: 'no such file or directory' } },
    ],
    'answers what a handler rejects with': [
      request('fs/close', { handleId: 'x' }),
      { error: { code: -32004, message: 'unknown file handle `x`' } },
    ],
    'keeps unforeseen failures to itself': [
      request('fs/readDirectory', { path: '/x' }),
      { error: { code: -32603, message: 'internal error' } },
    ],
    'refuses methods that it was not given': [
      request('fs/walk', {}),
      { error: { code: -32601, message: 'this server does not implement `fs/walk`' } },
    ],
    'refuses methods that are nowhere': [
      request('toString', {}),
      { error: { code: -32601, message: 'this server does not implement `toString`' } },
    ],
    'refuses the names of prototypes': [
      request('__proto__', {}),
      { error: { code: -32601, message: 'this server does not implement `__proto__`' } },
    ],
    'refuses a sandbox-less path that is no text': [
      request('fs/canonicalize', { path: 5 }),
      { error: { code: -32602, message: 'path: Invalid type: Expected string but received 5' } },
    ],
    'refuses missing params': [
      request('fs/canonicalize', undefined),
      { error: { code: -32602, message: 'missing field `path`' } },
    ],
    'refuses params that are a list': [
      request('fs/canonicalize', ['/a']),
      { error: { code: -32602, message: 'missing field `path`' } },
    ],
  };
  for (const [title, [incoming, outcome]] of Object.entries(table)) {
    test(title, async () => {
      assert.equal(await router.run(incoming, undefined), outcome);
    });
  }

  test('puts the bytes that travelled beside the message into the params', async () => {
    await router.run(request('fs/writeFile', { path: '/a', dataBase64: '' }, Buffer.from('bytes')), undefined);
    await router.run(request('fs/writeFile', { path: '/b', dataBase64: 'aGk=' }), undefined);
    assert.equal(written, [
      { path: '/a', dataBase64: Buffer.from('bytes') },
      { path: '/b', dataBase64: Buffer.from('hi') },
    ]);
  });
});
