// Exec-servers for tests: the real one that Codex ships, and codexfs's own. Both look alike from outside.

import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { filesBelow, repositoryRoot } from './repository.js';
import { startChild } from './startChild.js';
import { type TemporaryDirectory, temporaryDirectory } from './temporaryDirectory.js';

/** A server that a client can be pointed at. */
export interface TestServer extends AsyncDisposable {
  /** What stands behind `--remote NAME=`: a WebSocket URL, or `exec:` and a command. */
  readonly remote: string;
  /** The program and arguments of a server on stdio. */
  readonly command: readonly string[] | undefined;
  /** The process that holds the files open; undefined on stdio, where each client starts its own. */
  readonly pid: number | undefined;
  /** What the server's environment, or on stdio its client's, needs. */
  readonly env: Readonly<Record<string, string>>;
  stderr(): string;
}

export interface ServerOptions {
  readonly listen: 'ws' | 'stdio';
  readonly args?: readonly string[];
  /** A program and its arguments that run the server in their turn. */
  readonly wrapper?: readonly string[];
  /** The codex to run; the pinned one by default. */
  readonly program?: string;
  /** Added to the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The program as it is delivered, made of few files; the sources themselves where their coverage is measured. */
export const codexfsProgram = join(repositoryRoot, process.env.CODEXFS_TEST_PROGRAM ?? 'bin/codexfs.js');

/** Makes `codexfs` a command in the directory `bin`. */
export async function putCodexfsIn(bin: string): Promise<void> {
  const script = `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(codexfsProgram)} "$@"\n`;
  await writeFile(join(bin, 'codexfs'), script, { mode: 0o755 });
}

/** Starts a real exec-server, that of the pinned `@openai/codex` by default, with an empty CODEX_HOME of its own. */
export async function startCodexExecServer({ env = {}, ...options }: ServerOptions): Promise<TestServer> {
  const home = await codexHome();
  const program = options.program ?? (await codexProgram());
  const server = await startServer([program, 'exec-server'], { ...options, env: { CODEX_HOME: home.path, ...env } });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** An empty CODEX_HOME. Not below the temporary folder of the system: there Codex refuses to set up its helpers. */
export async function codexHome(): Promise<TemporaryDirectory> {
  const cache = join(repositoryRoot, '.cache');
  await mkdir(cache, { recursive: true });
  return temporaryDirectory(cache);
}

/** The real app-server of the pinned `@openai/codex` on stdio, with an empty CODEX_HOME of its own. */
export async function startCodexAppServer(): Promise<TestServer> {
  const cache = join(repositoryRoot, '.cache');
  await mkdir(cache, { recursive: true });
  const home = await temporaryDirectory(cache);
  const command = [await codexProgram(), 'app-server'];
  const remote = `exec:${command.map(quoted).join(' ')}`;
  const dispose = () => home[Symbol.asyncDispose]();
  return {
    remote,
    command,
    pid: undefined,
    env: { CODEX_HOME: home.path },
    stderr: () => '',
    [Symbol.asyncDispose]: dispose,
  };
}

/** Starts `codexfs serve`. */
export async function startCodexfsServe(options: ServerOptions): Promise<TestServer> {
  return startServer([process.execPath, codexfsProgram, 'serve'], options);
}

async function startServer(
  command: readonly string[],
  { listen, args = [], wrapper = [], env = {} }: ServerOptions,
): Promise<TestServer> {
  if (listen === 'stdio') {
    const words = [...wrapper, ...command, '--listen', 'stdio', ...args];
    const remote = `exec:${words.map(quoted).join(' ')}`;
    return { remote, command: words, pid: undefined, env, stderr: () => '', async [Symbol.asyncDispose]() {} };
  }
  const [program = '', ...rest] = [...wrapper, ...command];
  const child = await startChild(program, [...rest, '--listen', 'ws://127.0.0.1:0', ...args], { env });
  const { firstLine: remote, pid, stderr } = child;
  return { remote, command: undefined, pid, env, stderr, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

/** The native program itself and not its launcher, so that its pid is the pid of the server. */
export async function codexProgram(): Promise<string> {
  const launcher = createRequire(import.meta.url).resolve('@openai/codex/package.json');
  const packages = dirname(dirname(launcher));
  const name = process.platform === 'win32' ? 'bin/codex.exe' : 'bin/codex';
  const found = (await filesBelow(packages, name.slice(4))).find(
    (path) => path.includes('/vendor/') && path.endsWith(name),
  );
  if (found === undefined) throw new Error(`the program of @openai/codex is not in ${packages}`);
  return join(packages, found);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
