// Preloaded into a child (`node --import`): writes the most memory that it had to the file that CODEXFS_TEST_PEAK names.

import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  // Not what getrusage tells: that counts what the parent had when it forked.
  const [, peakKiB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  writeFileSync(process.env.CODEXFS_TEST_PEAK ?? '/dev/null', String(Number(peakKiB) * 1024));
});
