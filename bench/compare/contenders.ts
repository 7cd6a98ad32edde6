// Who takes part: the command line with which each copies a source to the stage's destination.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codexfsProgram } from '../../test/helpers/servers.js';
import { hasSshd } from '../../test/helpers/startSshd.js';
import type { Distance, Stage } from './Stage.js';
import type { Words } from './timed.js';

export type Direction = 'download' | 'upload';

export interface Copy {
  readonly direction: Direction;
  readonly distance: Distance;
  readonly source: string;
  readonly isTree?: boolean;
}

export interface Contender {
  readonly name: string;
  /** Why it cannot take part on this machine. */
  readonly absence?: string | undefined;
  words(copy: Copy, stage: Stage): Promise<Words>;
}

const node = process.execPath;

function codexfs(name: string, server: 'real' | 'serve'): Contender {
  return {
    name,
    words: async ({ direction, distance, source, isTree }, stage) => {
      const remote = ['--remote', `box=${await stage.server(server, distance)}`];
      const { destination } = stage;
      const operands = direction === 'download' ? [`box:${source}`, destination] : [source, `box:${destination}`];
      return [node, codexfsProgram, ...remote, 'cp', '-q', ...(isTree ? ['-r'] : []), ...operands];
    },
  };
}

const install = 'apt-get install openssh-server rsync';

export const contenders = {
  codexfs: codexfs('codexfs', 'real'),
  serve: codexfs('codexfs, from its own server', 'serve'),
  scp: {
    name: 'scp',
    absence: hasSshd() ? undefined : `scp and sshd are not installed: ${install}`,
    words: async ({ direction, distance, source }, stage) => {
      const there = (path: string) => `${distance}:${path}`;
      const operands =
        direction === 'download' ? [there(source), stage.destination] : [source, there(stage.destination)];
      return ['scp', '-q', '-F', await stage.sshConfiguration(), ...operands];
    },
  },
  rsync: {
    name: 'rsync -a',
    absence: hasSshd() && existsSync('/usr/bin/rsync') ? undefined : `rsync or sshd is not installed: ${install}`,
    words: async ({ direction, distance, source, isTree }, stage) => {
      const there = (path: string) => `${distance}:${path}`;
      const from = isTree ? `${source}/` : source;
      const operands = direction === 'download' ? [there(from), stage.destination] : [from, there(stage.destination)];
      return ['rsync', '-a', '-e', `ssh -F ${await stage.sshConfiguration()}`, ...operands];
    },
  },
  strict: {
    name: 'strict client',
    words: async ({ direction, distance, source }, stage) => {
      const program = fileURLToPath(new URL('strictClient.js', import.meta.url));
      const url = await stage.server('real', distance);
      return [node, program, direction === 'download' ? 'down' : 'up', url, source, stage.destination];
    },
  },
} satisfies Record<string, Contender>;

export type ContenderName = keyof typeof contenders;
