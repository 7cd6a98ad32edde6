// Loaded before codexfs (`node --import`): every opening for reading hangs in the system on the FIFO that STUCK_FIFO names,
// as on a network file system that is gone.

import { open } from 'node:fs/promises';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';

LocalFileSystem.prototype.openRead = async () => {
  // Without O_NONBLOCK this blocks a thread until someone writes, which nobody does.
  await open(process.env.STUCK_FIFO ?? '', 'r');
  throw new Error('somebody wrote to the FIFO');
};
