// Requests that no client would write: whatever comes, each is answered once, well-formed, and the next client is served.

import { writeFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { methods } from '../../src/protocol/methods.js';
import { describe } from '../helpers/describe.js';
import { servedClient } from '../helpers/servedClients.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const names = Object.keys(methods).filter((method) => method !== 'initialize');
const members = ['handleId', 'path', 'offset', 'maxBytes', 'len', 'chunk', 'dataBase64', 'mode', 'options', 'sandbox'];
members.push('sourcePath', 'destinationPath', 'recursive', 'force', '__proto__', 'constructor');

/** Values that are right, nearly right, and wrong, for the members above. */
function hostileValue(path: string): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom(path, `file://${path}`, `${path}/../..`, '/', '', 'h', '\0', '\ud800', 'aGk=', 'aGk', 'replace'),
    fc.constantFrom(0, -1, 1, 1.5, 2 ** 31, 2 ** 53, -0, 1_048_576, null, true),
    fc.constant({ maxDepth: 1, maxDirectories: 2, maxEntries: 3, followDirectorySymlinks: true }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.jsonValue(),
  );
}

describe('a server under random requests', (test) => {
  test(
    'answers each of them once and goes on',
    async () => {
      await using directory = await temporaryDirectory();
      const path = directory.join('file');
      await writeFile(path, 'hello');
      // Read-only and rooted, so that a lucky guess does no harm to this machine.
      await using here = await servedClient('memory', { root: directory.path, readOnly: true });
      const request = fc.record({
        method: fc.constantFrom(...names),
        params: fc.oneof(
          fc.dictionary(fc.constantFrom(...members), hostileValue(path), { maxKeys: 6 }),
          fc.jsonValue(),
        ),
      });
      const property = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 20 }), async (requests) => {
        const answers = await Promise.all(requests.map(({ method, params }) => here.client.call(method, params)));
        for (const answer of answers) {
          assert.is(Number(answer.result !== undefined) + Number(answer.error !== undefined), 1);
          if (answer.error !== undefined) assert.ok(Number.isInteger(answer.error.code));
          assert.not.match(JSON.stringify(answer), /internal error|node_modules|dist\//);
        }
      });
      await fc.assert(property, { numRuns: 500 });
      assert.equal(Object.keys(Object.prototype), []);
      await using next = await servedClient('memory');
      assert.equal(await next.client.result('fs/readFile', { path }), { dataBase64: 'aGVsbG8=' });
    },
    { timeoutMs: 60_000 },
  );

  test(
    'survives lines that are no messages',
    async () => {
      await using here = await servedClient('stdio');
      const valid = '{"id":"x","method":"fs/getMetadata","params":{"path":"/"}}';
      const line = fc.oneof(
        fc.json(),
        fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' ')),
        fc
          .tuple(fc.nat(valid.length), fc.string())
          .map(([at, text]) => `${valid.slice(0, at)}${text}`.replaceAll('\n', ' ')),
        fc.integer({ min: 1, max: 10_000 }).map((depth) => '['.repeat(depth)),
        fc.constantFrom(
          '\ufeff',
          '\r',
          '',
          '{"id":1e400,"method":"x"}',
          '{"id":1,"id":2,"method":"x"}',
          '{"__proto__":{"a":1}}',
        ),
      );
      const property = fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.uuid(), async (lines, id) => {
        for (const text of lines) here.client.sendText(text);
        assert.equal(Object.keys(await here.client.call('environment/info', {}, id)), ['id', 'result']);
      });
      await fc.assert(property, { numRuns: 300 });
    },
    { timeoutMs: 60_000 },
  );
});
