// An error that is none of the family is a bug, and comes out of every step as it is: it must end in a stack and not in a report.

import * as assert from 'uvu/assert';
import { backUp } from '../../src/transfer/backUp.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { copyFromStream, copyToStream } from '../../src/transfer/copyStream.js';
import { treeJobs } from '../../src/transfer/copyTree.js';
import { copyWithinServer } from '../../src/transfer/copyWithinServer.js';
import { Directories } from '../../src/transfer/Directories.js';
import type { Endpoint } from '../../src/transfer/Endpoint.js';
import { foreseeCopy } from '../../src/transfer/foreseeCopy.js';
import { expandGlob } from '../../src/transfer/glob.js';
import { HashesInFlight, hashAll } from '../../src/transfer/hashAll.js';
import { placeFile } from '../../src/transfer/placeFile.js';
import { readTree } from '../../src/transfer/readTree.js';
import { removeExtraneous } from '../../src/transfer/removeExtraneous.js';
import { removeTree } from '../../src/transfer/removeTree.js';
import { withRetries } from '../../src/transfer/retries.js';
import { contentOf } from '../helpers/content.js';
import { checkAtRest, serverOf } from '../helpers/copying.js';
import { describe, rejection } from '../helpers/describe.js';
import { SimulatedDisk } from '../helpers/simulatedDisk.js';
import type { Operation } from '../helpers/simulatedFileSystem.js';
import { streamTo } from '../helpers/streams.js';

interface Place {
  readonly file: Endpoint;
  readonly tree: Endpoint;
  /** On this host, with nothing there. */
  readonly free: Endpoint;
  /** A file on this host. */
  readonly there: Endpoint;
}

type Work = (place: Place) => Promise<unknown>;

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function* input() {
  yield contentOf(10);
}

const copySteps = { options: {}, copy: copyFile };
const told = { onRemoved: async () => {}, onFailed: () => assert.unreachable(), onHeld: () => {} };

const table: readonly (readonly [string, Operation, Work])[] = [
  ['copyFile', 'read', ({ file, free }) => copyFile(file, free)],
  ['copyFile', 'write', ({ file, free }) => copyFile(file, free)],
  ['copyFromStream', 'write', ({ free }) => copyFromStream(input(), '-', free)],
  ['copyToStream', 'read', ({ file }) => copyToStream(file, streamTo().stream)],
  ['copyWithinServer', 'copyWithin', ({ there, free }) => copyWithinServer(there, free)],
  ['treeJobs', 'list', ({ tree, free }) => drained(treeJobs(tree, free, { links: 'skip' }))],
  ['treeJobs', 'makeDirectory', ({ tree, free }) => drained(treeJobs(tree, free, { links: 'skip' }))],
  ['Directories', 'makeDirectory', ({ free }) => new Directories().make(free)],
  ['foreseeCopy', 'stat', ({ file, there }) => foreseeCopy(file, there, { directories: new Directories() })],
  ['expandGlob', 'list', ({ tree }) => expandGlob(tree.fileSystem, `${tree.path}/*`, {})],
  ['expandGlob', 'stat', ({ tree }) => expandGlob(tree.fileSystem, `${tree.path}/*`, {})],
  ['hashAll', 'read', ({ file }) => hashAll([file], {}, new HashesInFlight())],
  ['an atomic copy', 'rename', ({ file, there }) => placeFile(file, there, { isAtomic: true }, copySteps)],
  ['an atomic copy', 'write', ({ file, there }) => placeFile(file, there, { isAtomic: true }, copySteps)],
  ['attributes', 'setAttributes', ({ file, free }) => placeFile(file, free, { preserve: ['times'] }, copySteps)],
  ['a checked copy', 'openRead', ({ file, there }) => placeFile(file, there, { isChecksum: true }, copySteps)],
  [
    'a backup',
    'setAttributes',
    async ({ file, there }) => {
      const facts = await there.fileSystem.stat(there.path);
      await backUp({ from: file, source: facts, to: there, existing: facts, suffix: '~' }, {});
    },
  ],
  [
    'readTree',
    'stat',
    ({ tree }) => readTree(tree, { links: 'skip', wantsInfo: () => true, onProblem: () => assert.unreachable() }),
  ],
  ['removeTree', 'remove', ({ tree }) => removeTree(tree, { ...told, isEntryByEntry: false })],
  ['removeTree', 'remove', ({ tree }) => removeTree(tree, { ...told, isEntryByEntry: true })],
  [
    'removeExtraneous',
    'remove',
    ({ tree }) => removeExtraneous(tree, { ...told, present: new Set(), isDryRun: false }),
  ],
  [
    'withRetries',
    'read',
    ({ file, free }) => withRetries({ retries: 3, isInsistent: true }, () => copyFile(file, free)),
  ],
];

describe('a bug', (test) => {
  table.forEach(([name, operation, work], index) => {
    test(`in ${operation} comes out of ${name} as it is (${index + 1})`, async () => {
      const bug = new TypeError('a bug');
      let count = 0;
      const before = (call: { readonly operation: Operation }) => {
        if (call.operation !== operation) return;
        count++;
        throw bug;
      };
      const from = serverOf(new SimulatedDisk(1n), 'one', { before });
      const to = serverOf(new SimulatedDisk(2n), 'here', { isLocal: true, before });
      from.disk.makeDirectory('/t/d', { recursive: true });
      for (const path of ['/a', '/t/x', '/t/d/y']) from.disk.put(path, contentOf(3000));
      to.disk.put('/there', contentOf(3000));
      const place = { file: from.at('/a'), tree: from.at('/t'), free: to.at('/free'), there: to.at('/there') };
      assert.is(await rejection(work(place), TypeError), bug);
      assert.ok(count > 0);
      checkAtRest(from.system, to.system);
    });
  });
});
