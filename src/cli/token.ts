// The bearer token: from a file or the environment, never from the command line, never shown.

import { readFile, stat } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { fileErrorFrom } from '../protocol/codes.js';
import { show } from './show.js';

export const tokenVariable = 'CODEX_EXEC_SERVER_CONNECTION_TOKEN';

export interface TokenSources {
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears when others can read the file. It is used all the same: secrets that are mounted into containers are like that. */
  readonly warn: (line: string) => void;
}

/** The token to connect with, if there is one. @throws {UsageError} when the file cannot be read or holds none */
export async function readToken({ file, env, warn }: TokenSources): Promise<string | undefined> {
  if (file !== undefined) return checked(await contentOf(file, warn), `the token file ${show(file)}`);
  const fromEnv = env[tokenVariable];
  return fromEnv === undefined || fromEnv === '' ? undefined : checked(fromEnv, tokenVariable);
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
