// What a tree has and another has not is removed, and nothing else: by any spelling of its name, and with nothing unseen in it.

import { rmSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { ConnectionClosedError, FileError } from '../../src/errors.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { type ExtraneousOptions, removeExtraneous } from '../../src/transfer/removeExtraneous.js';
import { describe, rejection } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { makeTree, treeOf } from '../helpers/treeOf.js';

/** What is told, and what is left, of removing from `tree` what is not `present`. */
async function removal(
  tree: Record<string, string>,
  present: readonly string[],
  {
    before = () => {},
    ...options
  }: Partial<ExtraneousOptions> & { before?: (call: string, path: string) => void } = {},
) {
  await using place = await temporaryDirectory();
  await makeTree(place.path, tree);
  const fileSystem = new LocalFileSystem();
  for (const name of ['remove', 'list'] as const) {
    const method = fileSystem[name].bind(fileSystem) as (path: string, options: object) => Promise<unknown>;
    Object.assign(fileSystem, {
      [name]: async (path: string, more: object) => {
        before(`${name} ${path.slice(place.path.length)}`, path);
        return method(path, more);
      },
    });
  }
  const told: string[] = [];
  await removeExtraneous(
    { fileSystem, path: place.path, shown: '', host: 'here' },
    {
      present: new Set(present),
      isDryRun: false,
      onRemoved: async ({ shown }) => void told.push(`- ${shown}`),
      onFailed: ({ shown }, { code }) => told.push(`${code} ${shown}`),
      onHeld: ({ shown }) => told.push(`held ${shown}`),
      ...options,
    },
  );
  return { told, left: Object.keys(await treeOf(place.path)) };
}

const denied = (at: string) => (call: string) => {
  if (call === at) throw new FileError('permission_denied', 'x', at, 'permission denied');
};

describe('removing what is extraneous', (test) => {
  test('removes files, then the directories that this empties, and leaves what is present', async () => {
    const tree = { a: '', b: '', 'd/e/x': '', 'd/e/y': '', 'f/z': '' };
    const { told, left } = await removal(tree, ['a', 'f', 'f/z']);
    assert.equal(told.slice(-2), ['- /d/e', '- /d']);
    assert.equal(told.slice(0, -2).sort(), ['- /b', '- /d/e/x', '- /d/e/y']);
    assert.equal(left, ['a', 'f/', 'f/z']);
  });

  test('tells what it would remove in a dry run', async () => {
    const { told, left } = await removal({ 'd/x': '' }, [], { isDryRun: true });
    assert.equal(
      [told, left],
      [
        ['- /d/x', '- /d'],
        ['d/', 'd/x'],
      ],
    );
  });

  test('asks for none of the directories above what could not be removed', async () => {
    const calls: string[] = [];
    const before = (call: string) => {
      calls.push(call);
      denied('remove /d/e/x')(call);
    };
    const { told, left } = await removal({ 'd/e/x': '', 'd/y': '' }, [], { before });
    assert.equal(told, ['permission_denied /d/e/x', '- /d/y']);
    assert.equal(left, ['d/', 'd/e/', 'd/e/x']);
    assert.not(calls.includes('remove /d/e') || calls.includes('remove /d'));
  });

  test('leaves a directory that holds what is not looked at, and says so', async () => {
    const isWanted = (names: readonly string[]) => names.at(-1) !== 'kept.log';
    const { told, left } = await removal({ 'd/kept.log': '', 'd/x': '' }, [], { isWanted });
    assert.equal(
      [told, left],
      [
        ['- /d/x', 'held /d'],
        ['d/', 'd/kept.log'],
      ],
    );
  });

  test('tells of what cannot be listed, and removes the rest', async () => {
    const { told, left } = await removal({ 'd/x': '', y: '' }, [], { before: denied('list /d') });
    assert.equal(told, ['permission_denied /d', '- /y', 'held /d']);
    assert.equal(left, ['d/', 'd/x']);
  });

  test('takes what is gone meanwhile for removed, but not what has another name than a server can tell', async () => {
    const before = (call: string, path: string) => {
      if (call.startsWith('remove')) rmSync(path);
    };
    const { told } = await removal({ a: '', 'b\ufffd': '' }, [], { before });
    // They are removed at the same time.
    assert.equal(told.sort(), ['- /a', 'not_found /b\ufffd']);
  });

  test('takes another spelling for the name that is present, unless that stands beside it', async () => {
    assert.equal(await removal({ readme: '' }, ['README']), { told: [], left: ['readme'] });
    assert.equal(await removal({ 'e\u0301': '' }, ['\u00e9']), { told: [], left: ['e\u0301'] });
    assert.equal(await removal({ README: '', readme: '' }, ['README']), { told: ['- /readme'], left: ['README'] });
  });

  test('ends when the server is lost', async () => {
    const before = (call: string) => {
      if (call.startsWith('remove')) throw new ConnectionClosedError('the line was cut');
    };
    await rejection(removal({ a: '' }, [], { before }), ConnectionClosedError);
  });
});
