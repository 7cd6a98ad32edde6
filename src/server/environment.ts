// What `serve` says about itself and its host in the handshake, in the words of each kind of client.

import { homedir } from 'node:os';
import { join, parse } from 'node:path';
import type { Result } from '../protocol/methods.js';
import { version } from '../version.js';
import { fileUriOf } from './wirePath.js';

/** The families of file methods that a server can offer. */
export const dialects = ['handles', 'blocks', 'buffered'] as const;
export type Dialect = (typeof dialects)[number];

/** What clients resolve relative paths and `~` against. */
export interface ServedPlace {
  readonly cwd: string;
  readonly home: string;
}

/** `root` for both where there is one, since nothing else can be reached. */
export function servedPlace(root: string | undefined): ServedPlace {
  if (root !== undefined) return { cwd: root, home: root };
  const cwd = attempt(() => process.cwd()) ?? parse(process.execPath).root;
  return { cwd, home: attempt(homedir) ?? cwd };
}

/** What an exec-server client learns. Capabilities name what is there; released clients stream writes only if they see the first. */
export function environmentInfo(place: ServedPlace, offered: readonly Dialect[]): Result<'environment/info'> {
  return {
    executorVersion: version,
    platformOs: platformOs(),
    cwd: fileUriOf(place.cwd),
    userHomeDir: fileUriOf(place.home),
    // Nothing is ever run here, but released clients expect to be told.
    shell: { name: 'sh', path: '/bin/sh' },
    capabilities: {
      ...(offered.includes('blocks') ? { fileWriteStreaming: true } : {}),
      ...(offered.includes('handles') ? { fileHandleStreaming: true } : {}),
    },
  };
}

/** The answer to `initialize` of an app-server client. */
export function appServerInfo(place: ServedPlace): Result<'initialize'> {
  return {
    userAgent: `codexfs/${version} (${platformOs()}; ${process.arch})`,
    codexHome: join(place.home, '.codex'),
    platformFamily: process.platform === 'win32' ? 'windows' : 'unix',
    platformOs: platformOs(),
  };
}

function platformOs(): string {
  if (process.platform === 'darwin') return 'macos';
  return process.platform === 'win32' ? 'windows' : process.platform;
}

/** Both directories may be gone or unknown; serving goes on without. */
function attempt(ask: () => string): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
