// Copies to and from codexfs's own server, in the dialect `blocks`.

import { startCodexfsServe } from '../helpers/servers.js';
import { describeTransfers } from './describeTransfers.js';

for (const listen of ['ws', 'stdio'] as const) {
  describeTransfers({
    title: `codexfs serve with blocks over ${listen}`,
    start: () => startCodexfsServe({ listen, args: ['--dialects', 'blocks,buffered'] }),
    dialect: 'blocks',
    isThorough: listen === 'ws',
  });
}
