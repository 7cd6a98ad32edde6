// Preloaded into a child (`node --import`): writes the most memory that it had to the file that CODEXFS_TEST_PEAK names.

import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  // As the program ends in an orderly way; a signal that is raised again leaves no time.
  writeFileSync(process.env.CODEXFS_TEST_PEAK ?? '/dev/null', String(process.resourceUsage().maxRSS * 1024));
});
