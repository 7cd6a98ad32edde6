// Another process that replaces a directory by a link and back as fast as it can: the race that no single look can win.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface FlippingLink extends AsyncDisposable {
  /** How often the name has changed what it is so far; told in steps of 1 000. */
  readonly flips: number;
}

const program = `
  const fs = require('node:fs');
  const [directory, target] = process.argv.slice(1);
  fs.symlinkSync(target, directory + '.link');
  let made = 0;
  // Somebody else may have made a directory where there was nothing for a moment: it is put aside.
  const put = (from) => {
    try {
      fs.renameSync(from, directory);
    } catch {
      fs.renameSync(directory, directory + '.made-' + made++);
      put(from);
    }
  };
  for (let flips = 0; ; flips += 2) {
    if (flips % 1000 === 0) fs.writeSync(1, flips + '\\n');
    fs.renameSync(directory, directory + '.real');
    put(directory + '.link');
    fs.renameSync(directory, directory + '.link');
    put(directory + '.real');
  }`;

/** Flips `directory`, which must be there, between itself and a link to `target` until the scope ends. */
export async function flippingLink(directory: string, target: string): Promise<FlippingLink> {
  const child = spawn(process.execPath, ['-e', program, directory, target], { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  let flips = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    flips = Number(text.trimEnd().split('\n').at(-1));
  });
  await once(child.stdout, 'data');
  return {
    get flips() {
      return flips;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
