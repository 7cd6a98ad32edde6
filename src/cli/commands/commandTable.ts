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
