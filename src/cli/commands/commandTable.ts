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
    name: 'sync',
    group: 'copy',
    summary: 'Make a directory have the contents of another.',
    load: async () => (await import('./sync.js')).declareSync,
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
    name: 'remotes',
    group: 'servers',
    summary: 'List the remotes that can be named.',
    words: 'nothing',
    load: async () => (await import('./remotes.js')).declareRemotes,
  },
  {
    name: 'doctor',
    group: 'servers',
    summary: 'Tell what a server can do, and how fast.',
    words: 'remotes',
    load: async () => (await import('./doctor.js')).declareDoctor,
  },
  {
    name: 'serve',
    group: 'servers',
    summary: 'Serve the files of this machine.',
    words: 'nothing',
    load: async () => (await import('./serve.js')).declareServe,
  },
  {
    name: 'completion',
    group: 'servers',
    summary: 'Write the completion for a shell.',
    words: 'shells',
    load: async () => (await import('./completion.js')).declareCompletion,
  },
  {
    name: '__complete',
    group: 'servers',
    summary: 'What the completion of a shell asks.',
    isHidden: true,
    load: async () => (await import('./complete.js')).declareComplete,
  },
  {
    name: 'help',
    group: 'servers',
    summary: 'Tell about a command or a topic.',
    words: 'commands',
    load: async () => (await import('./help.js')).declareHelp,
  },
];
