// Copies to and from the real exec-server that Codex ships.

import { startCodexExecServer } from '../helpers/servers.js';
import { describeTransfers } from './describeTransfers.js';

for (const listen of ['ws', 'stdio'] as const) {
  describeTransfers({
    title: `codex exec-server over ${listen}`,
    start: () => startCodexExecServer({ listen }),
    dialect: 'blocks',
    isThorough: listen === 'ws',
  });
}
