// Servers whose directories are no trees: without end, without bottom, too full, or different at every look.

import type { Script } from '../../helpers/evilServer.js';
import type { Behaviour } from './Behaviour.js';

const directory = (fileName: string) => ({ fileName, isDirectory: true, isFile: false });
const file = (fileName: string) => ({ fileName, isDirectory: false, isFile: true });

/** Made once: it takes longer than the patience of the client. */
let millionText: string | undefined;

function million(): Script {
  millionText ??= JSON.stringify(Array.from({ length: 1_000_000 }, (_, index) => file(`f${index}`)));
  return {
    'fs/readDirectory': ({ id }, peer) => {
      peer.send(`{"id":${id},"result":{"entries":${millionText}}}`);
      return undefined;
    },
  };
}

export const trees: readonly Behaviour[] = [
  {
    title: 'has a directory that holds itself',
    command: 'tree',
    script: () => ({
      'fs/readDirectory': () => ({ entries: [directory('loop'), file('f')] }),
      'fs/canonicalize': () => ({ path: 'file:///dir' }),
    }),
    statuses: [1, 4],
  },
  {
    title: 'has directories below each other without end',
    command: 'tree',
    script: () => ({ 'fs/readDirectory': () => ({ entries: [{ ...directory('d'), isSymlink: false }] }) }),
    statuses: [1, 8],
  },
  {
    title: 'lists a million entries',
    command: 'tree',
    script: million,
    statuses: [10],
  },
  {
    title: 'lists a million entries to ls',
    command: 'ls',
    script: million,
    statuses: [10],
  },
  {
    title: 'lists one name a thousand times',
    command: 'tree',
    script: () => ({ 'fs/readDirectory': () => ({ entries: Array.from({ length: 1_000 }, () => file('f')) }) }),
    statuses: [1],
  },
  {
    title: 'lists an entry that is a file and a directory',
    command: 'tree',
    script: () => ({ 'fs/readDirectory': () => ({ entries: [{ fileName: 'f', isDirectory: true, isFile: true }] }) }),
    statuses: [0],
  },
  {
    title: 'lists names of objects',
    command: 'tree',
    script: () => ({
      'fs/readDirectory': () => ({ entries: ['__proto__', 'constructor', 'toString'].map(file) }),
    }),
    statuses: [1, 3],
  },
  {
    title: 'lists entries that are texts',
    command: 'tree',
    script: () => ({ 'fs/readDirectory': () => ({ entries: ['a', 'b'] }) }),
    statuses: [10],
  },
  {
    title: 'says that real paths are 1 MiB long',
    command: 'tree',
    script: () => ({
      'fs/canonicalize': () => ({ path: `file:///${'x'.repeat(1024 * 1024)}` }),
      'fs/readDirectory': ({ params }) => ({
        entries:
          String(params.path).length > 200 ? [] : Array.from({ length: 200 }, (_, index) => directory(`d${index}`)),
      }),
    }),
    statuses: [10],
  },
  {
    title: 'never lists',
    command: 'tree',
    script: () => ({ 'fs/readDirectory': () => undefined }),
    statuses: [10],
  },
];
