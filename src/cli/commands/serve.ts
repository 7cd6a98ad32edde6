// How codexfs serve is called.

import type { Command } from 'commander';
import type { Host } from '../execute.js';
import { collect, oneOf } from '../options.js';
import type { ServeCliOptions } from '../serve/serveCommand.js';
import type { CommandTree } from './CommandTree.js';

export function declareServe(command: Command, { host }: CommandTree): void {
  command
    .usage('[OPTION]…')
    .option('--listen <ADDRESS>', 'ws://IP:PORT (port 0: any free one) or stdio', 'ws://127.0.0.1:0')
    .option('--root <DIR>', 'serve nothing outside of this directory')
    .option('--read-only', 'change nothing')
    .addOption(oneOf('--ws-auth', 'KIND', ['capability-token'], 'what clients must show: capability-token'))
    .option('--ws-token-file <FILE>', 'the token; only its owner may be able to read the file')
    .option('--ws-token-sha256 <HEX>', 'the SHA-256 of the token')
    .option('--allow-host <NAME>', 'a Host that clients may name; repeatable', collect)
    .option('--insecure-no-auth', 'listen beyond loopback without a token')
    .option('--dialects <LIST>', 'the file methods to offer, of handles, blocks and buffered; all by default')
    .addHelpText('after', examples)
    .action((options: ServeCliOptions) => serve(options, host));
}

async function serve(options: ServeCliOptions, { output, interruption }: Host): Promise<void> {
  const { runServe } = await import('../serve/serveCommand.js');
  await runServe(options, {
    stdin: process.stdin,
    stdout: output.stdout,
    stderr: output.stderr,
    stop: interruption.signal,
    abandon: () => interruption.raise('SIGTERM'),
  });
  // A service that is told to stop, and does, has done well.
  if (interruption.received === 'SIGTERM') interruption.fulfil();
}

const examples = `
Examples:
  codexfs serve --root /srv/data
  codexfs serve --listen ws://0.0.0.0:4500 --ws-auth capability-token \\
    --ws-token-file token`;
