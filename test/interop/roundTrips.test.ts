// Generated trees, up to the real exec-server and down again: any shape, sizes around the borders of chunks, hostile names.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { isWellFormed } from '../../src/fs/entryName.js';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { runInProcess } from '../helpers/runInProcess.js';
import { startCodexExecServer } from '../helpers/servers.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { hashesOf } from '../helpers/treeOf.js';

const runs = 300;
const KiB = 1024;

/** Bytes of a file: mostly few, sometimes around what one request carries. */
const size = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 100, 4_095, 4_096, 4_097) },
  { weight: 2, arbitrary: fc.constantFrom(64 * KiB - 1, 64 * KiB, 64 * KiB + 1) },
  { weight: 1, arbitrary: fc.constantFrom(256 * KiB - 1, 256 * KiB, 256 * KiB + 1, 1024 * KiB + 1) },
);

/** What a command line, a URL, a shell or a pattern could spoil. */
const oddNames = [
  ' ',
  '-r',
  '--',
  '~',
  '#1?x=2&y',
  '%41',
  '100%',
  'a:b',
  'box:',
  'C:\\x',
  '*',
  '[a]',
  '{a,b}',
  '**',
  "it's",
  '"',
  '$(x)',
  'line\nbreak',
  '\r',
  '\u001b[31m',
  '...',
  '.hidden',
  '\\',
  'é',
  'e\u0301',
  '😀',
  '\u202e',
  '\ufeff',
  'x'.repeat(255),
];

const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddNames) },
  {
    weight: 2,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .map((text) => text.replaceAll(/[/\0]/g, '_'))
      .filter((text) => !/^\.{1,2}$/.test(text) && Buffer.byteLength(text) <= 255 && isWellFormed(text)),
  },
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') },
);

interface Directory {
  readonly [name: string]: number | Directory;
}

const { tree } = fc.letrec<{ tree: Directory; node: number | Directory }>((tie) => ({
  node: fc.oneof({ maxDepth: 4, depthSize: 'small' }, size, tie('tree')),
  tree: fc.dictionary(name, tie('node'), { maxKeys: 5, noNullPrototype: true }),
}));

async function make(root: string, directory: Directory): Promise<void> {
  await mkdir(root);
  for (const [index, [entry, node]] of Object.entries(directory).entries()) {
    if (typeof node === 'number') await writeFile(`${root}/${entry}`, contentOf(node, node + index));
    else await make(`${root}/${entry}`, node);
  }
}

describe('codexfs cp -r, codex exec-server', (test) => {
  test(
    `brings ${runs} generated trees up and down again`,
    async () => {
      await using place = await temporaryDirectory();
      await using server = await startCodexExecServer({ listen: 'ws' });
      const cp = async (from: string, to: string) => {
        const { status, stderr } = await runInProcess(['--remote', `box=${server.remote}`, 'cp', '-r', from, to]);
        assert.equal([status, stderr], [0, '']);
      };
      const property = fc.asyncProperty(tree, async (directory) => {
        const [near, far, back] = ['near', 'far', 'back'].map((folder) => place.join(folder)) as [
          string,
          string,
          string,
        ];
        await Promise.all([near, far, back].map((path) => rm(path, { recursive: true, force: true })));
        await make(near, directory);
        await cp(near, `box:${far}`);
        await cp(`box:${far}`, back);
        const expected = await hashesOf(near);
        assert.equal(await hashesOf(far), expected);
        assert.equal(await hashesOf(back), expected);
      });
      await fc.assert(property, { numRuns: runs });
    },
    { timeoutMs: 300_000 },
  );
});
