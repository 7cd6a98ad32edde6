// Every command: its name, its summary, and where its declaration is.

import type { CommandEntry } from './CommandTree.js';

export const commandTable: readonly CommandEntry[] = [
  { name: 'cp', summary: 'Copy files and directories.', load: async () => (await import('./cp.js')).declareCp },
  { name: 'cat', summary: 'Write files to standard output.', load: async () => (await import('./cat.js')).declareCat },
  { name: 'stat', summary: 'Tell about paths.', load: async () => (await import('./stat.js')).declareStat },
  { name: 'ls', summary: 'List directories.', load: async () => (await import('./ls.js')).declareLs },
  { name: 'tree', summary: 'Draw directories.', load: async () => (await import('./tree.js')).declareTree },
  { name: 'find', summary: 'Find files and directories.', load: async () => (await import('./find.js')).declareFind },
  { name: 'du', summary: 'Add up the sizes of files.', load: async () => (await import('./du.js')).declareDu },
  { name: 'mkdir', summary: 'Make directories.', load: async () => (await import('./mkdir.js')).declareMkdir },
  { name: 'rm', summary: 'Remove files and directories.', load: async () => (await import('./rm.js')).declareRm },
  {
    name: 'serve',
    summary: 'Serve this machine’s files to codexfs and to other clients of exec-servers.',
    load: async () => (await import('./serve.js')).declareServe,
  },
];
