// Every command: its name, its summary, and where its declaration is.

import type { CommandEntry } from './CommandTree.js';

export const commandTable: readonly CommandEntry[] = [
  {
    name: 'cp',
    group: 'copy',
    summary: 'Copy files and directories.',
    load: async () => (await import('./cp.js')).declareCp,
  },
  {
    name: 'cat',
    group: 'look',
    summary: 'Write files to standard output.',
    load: async () => (await import('./cat.js')).declareCat,
  },
  {
    name: 'stat',
    group: 'look',
    summary: 'Tell about paths.',
    load: async () => (await import('./stat.js')).declareStat,
  },
  {
    name: 'ls',
    group: 'look',
    summary: 'List directories.',
    load: async () => (await import('./ls.js')).declareLs,
  },
  {
    name: 'tree',
    group: 'look',
    summary: 'Draw directories.',
    load: async () => (await import('./tree.js')).declareTree,
  },
  {
    name: 'find',
    group: 'look',
    summary: 'Find files and directories.',
    load: async () => (await import('./find.js')).declareFind,
  },
  {
    name: 'du',
    group: 'look',
    summary: 'Add up the sizes of files.',
    load: async () => (await import('./du.js')).declareDu,
  },
  {
    name: 'sum',
    group: 'look',
    summary: 'Write and check SHA-256 sums.',
    load: async () => (await import('./sum.js')).declareSum,
  },
  {
    name: 'diff',
    group: 'look',
    summary: 'Compare files and directories.',
    load: async () => (await import('./diff.js')).declareDiff,
  },
  {
    name: 'mkdir',
    group: 'change',
    summary: 'Make directories.',
    load: async () => (await import('./mkdir.js')).declareMkdir,
  },
  {
    name: 'rm',
    group: 'change',
    summary: 'Remove files and directories.',
    load: async () => (await import('./rm.js')).declareRm,
  },
  {
    name: 'serve',
    group: 'servers',
    summary: 'Serve the files of this machine.',
    load: async () => (await import('./serve.js')).declareServe,
  },
  {
    name: 'help',
    group: 'servers',
    summary: 'Tell about a command or a topic.',
    load: async () => (await import('./help.js')).declareHelp,
  },
];
