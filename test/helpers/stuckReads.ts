// Loaded before codexfs (`node --import`): every opening of the FIFO that STUCK_FIFO names hangs in the system, as on a network
// file system that is gone.

import fileSystem from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { open } = fileSystem;

// Without O_NONBLOCK this blocks a thread until someone writes, which nobody does.
fileSystem.open = (path, flags, mode) => open(path, path === process.env.STUCK_FIFO ? 'r' : flags, mode);
syncBuiltinESMExports();
