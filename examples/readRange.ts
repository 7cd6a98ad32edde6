// Prints a stretch of a remote file, as hexadecimal: node readRange.js ws://127.0.0.1:4500 REMOTE-PATH OFFSET LENGTH

import { connect } from 'codexfs';

const [url = '', path = '', offset = '0', length = '16'] = process.argv.slice(2);
await using server = await connect(url);
await using file = await server.openRead(server.resolve(path));

const end = Number(offset) + Number(length);
for (let at = Number(offset); at < end; ) {
  const { bytes, eof } = await file.read(at, Math.min(end - at, file.maxChunkBytes));
  console.log(bytes.toString('hex'));
  at += bytes.length;
  // Fewer bytes than asked for do not mean the end: only `eof` does.
  if (eof) break;
}
