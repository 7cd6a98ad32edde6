// A real shell on a terminal of its own, that is typed at. `codexfs` in it answers completions for real, and otherwise only keeps the
// words that it was called with: what a completed line means is seen by running it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import type { Shell } from '../../src/cli/completion/shells.js';
import { codexfsProgram } from './servers.js';
import { type TemporaryDirectory, temporaryDirectory } from './temporaryDirectory.js';

export interface ShellOptions {
  /** Where it starts. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds that a server may take: on a busy machine the time of people would not do. */
const patientMs = '20000';

/** A word that nobody types. */
const endOfCall = '-- end of call --';

const real = `'${process.execPath}' '${codexfsProgram}'`;

/** How each is started with nothing of its user's, and told of the completion. */
const starts: Readonly<Record<Shell, { readonly command: string; readonly setUp: string }>> = {
  bash: { command: 'bash --norc --noprofile -i', setUp: `set +o history; source <(${real} completion bash)` },
  zsh: { command: 'zsh -f -i', setUp: `autoload -U compinit; compinit -u -D; source <(${real} completion zsh)` },
  fish: { command: 'fish --no-config -i', setUp: `${real} completion fish | source` },
};

/** Types `lines` into `shell`, where `\t` is the key that completes, and returns what `codexfs` was called with each time. */
export async function callsTypedIn(
  shell: Shell,
  lines: readonly string[],
  { cwd, env = {} }: ShellOptions,
): Promise<string[][]> {
  await using bin = await temporaryDirectory();
  await writeStandIn(bin);
  const { command, setUp } = starts[shell];
  // script(1) gives the shell a terminal; the input waits there until the shell reads it.
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: `${bin.path}:${process.env.PATH}`,
      HOME: bin.path,
      TERM: 'dumb',
      LANG: 'C.UTF-8',
      CODEXFS_COMPLETE_MS: patientMs,
      ...env,
    },
  });
  const closed = once(child, 'close');
  child.stdout.resume();
  child.stdin.write(`${[setUp, ...lines, 'exit'].join('\n')}\n`);
  await closed;
  const calls = (await readFile(bin.join('calls'), 'utf8')).split(`${endOfCall}\0`).slice(0, -1);
  return calls.map((words) => words.split('\0').slice(0, -1));
}

async function writeStandIn(bin: TemporaryDirectory): Promise<void> {
  const script = `#!/bin/sh
[ "$1" = __complete ] && exec ${real} "$@"
printf '%s\\0' "$@" '${endOfCall}' >> '${bin.join('calls')}'
`;
  await writeFile(bin.join('codexfs'), script);
  await chmod(bin.join('codexfs'), 0o755);
}
