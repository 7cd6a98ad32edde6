// schema/*.json: made from the table in methods.ts, up to date, and true of what servers really send.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { schemaFiles } from '../../scripts/schemaFiles.js';
import { checkParams, methods } from '../../src/protocol/methods.js';
import { describe } from '../helpers/describe.js';
import { schemaProblems } from '../helpers/jsonSchema.js';
import { repositoryRoot } from '../helpers/repository.js';
import { servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

interface MethodSchema {
  readonly title: string;
  readonly $defs: { readonly params: Record<string, unknown>; readonly result: Record<string, unknown> };
}

const directory = join(repositoryRoot, 'schema');

async function schemaOf(method: string): Promise<MethodSchema> {
  return JSON.parse(await readFile(join(directory, `${method.replaceAll('/', '.')}.json`), 'utf8')) as MethodSchema;
}

/** Requests with the results that codex exec-server 0.169.0 gave, one a line. */
async function recordedTraffic(): Promise<{ method: string; params: unknown; result: unknown }[]> {
  const text = await readFile(join(repositoryRoot, 'test/protocol/recordedTraffic.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the schemas', (test) => {
  test('are up to date with the table of methods', async () => {
    const files = schemaFiles();
    assert.equal((await readdir(directory)).sort(), [...files.keys()].sort());
    for (const [name, text] of files) {
      assert.is(
        await readFile(join(directory, name), 'utf8'),
        text,
        `${name}: run node dist/scripts/generateSchema.js`,
      );
    }
  });

  test('fit recorded traffic of the real exec-server', async () => {
    const exchanges = await recordedTraffic();
    assert.ok(exchanges.length >= 50);
    for (const { method, params, result } of exchanges) {
      const { $defs } = await schemaOf(method);
      assert.equal(schemaProblems($defs.params, params), [], `params of ${method}`);
      assert.equal(schemaProblems($defs.result, result), [], `result of ${method}`);
    }
  });

  test('fit what codexfs serve answers, for every method', async () => {
    await using here = await temporaryDirectory();
    await using served = await servedClient('memory');
    const path = here.join('file');
    const options = { maxDepth: 1, maxDirectories: 9, maxEntries: 9, followDirectorySymlinks: true };
    const requests: [string, object][] = [
      ['environment/info', {}],
      ['fs/writeFile', { path, dataBase64: 'aGk=' }],
      ['fs/readFile', { path }],
      ['fs/readFile/open', { handleId: 'r', path }],
      ['fs/readFile/read', { handleId: 'r', offset: 0, maxBytes: 1 }],
      ['fs/readFile/stat', { handleId: 'r' }],
      ['fs/readFile/close', { handleId: 'r' }],
      ['fs/writeFile/open', { handleId: 'w', path }],
      ['fs/writeFile/write', { handleId: 'w', dataBase64: 'aGk=' }],
      ['fs/writeFile/close', { handleId: 'w' }],
      ['fs/open', { handleId: 'b', path, mode: 'replace' }],
      ['fs/writeBlock', { handleId: 'b', offset: 0, chunk: 'aGk=' }],
      ['fs/close', { handleId: 'b' }],
      ['fs/open', { handleId: 'b', path }],
      ['fs/readBlock', { handleId: 'b', offset: 0, len: 5 }],
      ['fs/getMetadata', { path }],
      ['fs/readDirectory', { path: here.path }],
      ['fs/walk', { path: here.path, options }],
      ['fs/canonicalize', { path, sandbox: null }],
      ['fs/copy', { sourcePath: path, destinationPath: here.join('copy'), recursive: false }],
      ['fs/createDirectory', { path: here.join('d') }],
      ['fs/remove', { path, force: null }],
    ];
    const missing = Object.keys(methods).filter((method) => !requests.some(([name]) => name === method));
    assert.equal(missing, ['initialize']);
    for (const [method, params] of requests) {
      const { $defs } = await schemaOf(method);
      assert.equal(schemaProblems($defs.params, params), [], `params of ${method}`);
      assert.equal(schemaProblems($defs.result, await served.client.result(method, params)), [], method);
    }
    const { $defs } = await schemaOf('initialize');
    const fresh = await served.connect();
    const result = await fresh.result('initialize', { clientInfo: { name: 'x', title: null, version: '1' } });
    assert.equal(schemaProblems($defs.result, result), []);
  });

  test('refuse what the run-time checks refuse', async () => {
    const wrong: [keyof typeof methods, unknown][] = [
      ['fs/readFile/read', { handleId: 'r', offset: -1 }],
      ['fs/readFile/read', { handleId: 'r', offset: 1.5 }],
      ['fs/readFile/read', { handleId: 'r', offset: 2 ** 53 }],
      ['fs/readFile/read', { offset: 0 }],
      ['fs/open', { handleId: 'x', path: '/', mode: 'append' }],
      ['fs/writeFile', { path: '/', dataBase64: 'a-_=' }],
      ['fs/writeFile', { path: 5, dataBase64: '' }],
      ['fs/walk', { path: '/', options: { maxDepth: 1 } }],
      ['fs/copy', []],
    ];
    for (const [method, params] of wrong) {
      const { $defs } = await schemaOf(method);
      assert.ok(schemaProblems($defs.params, params).length > 0, `${method} ${JSON.stringify(params)}`);
      assert.throws(() => checkParams(method, params));
    }
  });
});
