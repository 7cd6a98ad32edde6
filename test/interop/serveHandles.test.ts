// Copies to and from codexfs's own server, in the dialect `handles`.

import { startCodexfsServe } from '../helpers/servers.js';
import { describeTransfers } from './describeTransfers.js';

for (const listen of ['ws', 'stdio'] as const) {
  describeTransfers({
    title: `codexfs serve with handles over ${listen}`,
    start: () => startCodexfsServe({ listen, args: ['--dialects', 'handles,buffered'] }),
    dialect: 'handles',
    isThorough: listen === 'ws',
  });
}
