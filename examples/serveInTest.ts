// A server of one's own on a port that is free, as a test wants it: node serveInTest.js DIRECTORY
// Nothing outside of DIRECTORY can be reached, and nothing in it changed.

import { connect, serve } from 'codexfs';

const [root = '.'] = process.argv.slice(2);
await using server = await serve({ listen: 'ws://127.0.0.1:0', root, readOnly: true });
await using client = await connect(server.url);

for (const { name, kind } of await client.list(client.resolve('.'))) console.log(`${kind}\t${name}`);
