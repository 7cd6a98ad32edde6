// The bearer token: from a file or the environment, never from the command line, never shown.

import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';
import type { ConnectOptions } from '../remotes/connect.js';
import { show } from './show.js';

export const tokenVariable = 'CODEX_EXEC_SERVER_CONNECTION_TOKEN';

export interface TokenSources {
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears when others can read the file. It is used all the same: secrets that are mounted into containers are like that. */
  readonly warn: (line: string) => void;
}

export type Tokens = Pick<ConnectOptions, 'token' | 'tokenOfLastResort'>;

/**
 * The tokens to connect with: what the command line names goes before the token of a remote's own definition, and the environment
 * behind it.
 * @throws {UsageError} when the file cannot be read or holds none
 */
export async function readTokens({ file, env, warn }: TokenSources): Promise<Tokens> {
  const fromEnv = env[tokenVariable];
  return {
    token: file === undefined ? undefined : checked(await contentOf(file, warn), `the token file ${show(file)}`),
    tokenOfLastResort: fromEnv === undefined || fromEnv === '' ? undefined : checked(fromEnv, tokenVariable),
  };
}

async function contentOf(file: string, warn: TokenSources['warn']): Promise<string> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o044) !== 0) {
      warn(`codexfs: warning: the token file ${show(file)} can be read by other users (chmod 600 would stop that)`);
    }
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = fileErrorFrom(cause, 'read', file).message;
    throw new UsageError(`cannot read the token file ${show(file)}: ${reason}`, { cause });
  }
}

/** Only what a header can hold. The message must not hold any of it. */
function checked(text: string, where: string): string {
  const token = text.trim();
  if (token === '') throw new UsageError(`${where} is empty`);
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError(`${where} does not hold a token: one word of printable ASCII`);
  return token;
}
