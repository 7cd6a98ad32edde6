// Very many files, up to the real exec-server and down again, byte by byte.

import { writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { hashesOf, makeTree } from '../helpers/treeOf.js';

const timeoutMs = 240_000;

/** Writes the files that `files` yields, a few hundred at a time. */
async function writeAll(root: string, files: Iterable<readonly [path: string, content: Buffer]>): Promise<void> {
  const some: Promise<void>[] = [];
  for (const [path, content] of files) {
    some.push(writeFile(`${root}/${path}`, content));
    if (some.length === 200) await Promise.all(some.splice(0));
  }
  await Promise.all(some);
}

async function upAndDown(make: (root: string) => Promise<void>): Promise<void> {
  await using place = await temporaryDirectory();
  await using server = await startCodexExecServer({ listen: 'ws' });
  await make(place.join('tree'));
  const run = (from: string, to: string) =>
    runCodexfs(['--remote', `box=${server.remote}`, 'cp', '-r', from, to], { deadlineMs: timeoutMs });
  const up = await run(place.join('tree'), `box:${place.join('far')}`);
  assert.equal([up.exitCode, up.stderr], [0, '']);
  const down = await run(`box:${place.join('far')}`, place.join('back'));
  assert.equal([down.exitCode, down.stderr], [0, '']);
  const expected = JSON.stringify(await hashesOf(place.join('tree')));
  for (const name of ['far', 'back']) assert.ok(JSON.stringify(await hashesOf(place.join(name))) === expected, name);
}

describe('codexfs cp -r, codex exec-server', (test) => {
  test(
    'copies 5 000 files of 100 to 8 000 bytes up and down',
    () =>
      upAndDown(async (root) => {
        const names = Array.from({ length: 50 }, (_, index) => `d${index}/${index % 5 === 0 ? 'sub/' : ''}`);
        await makeTree(root, Object.fromEntries(names.map((name) => [name, ''])));
        const files = Array.from({ length: 5_000 }, (_, index) => {
          const content = contentOf(100 + ((index * 1_237) % 7_901), index);
          return [`${names[index % 50]}file ${index}`, content] as const;
        });
        await writeAll(root, files);
      }),
    { timeoutMs },
  );

  test(
    'copies one directory of 20 000 entries up and down',
    () =>
      upAndDown(async (root) => {
        await makeTree(root, { 'd/': '' });
        const files = Array.from({ length: 20_000 }, (_, index) => [`d/${index}`, Buffer.from(`${index}`)] as const);
        await writeAll(root, files);
      }),
    { timeoutMs },
  );

  test(
    'copies a tree of 200 directories below one another up and down',
    () =>
      upAndDown((root) => makeTree(root, { [`${'d/'.repeat(200)}file`]: 'deep', [`${'d/'.repeat(64)}file`]: '64' })),
    { timeoutMs },
  );
});
