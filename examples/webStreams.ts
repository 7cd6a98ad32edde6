// Remote files as Web streams, here to compress one on its way from one server path to another:
// node webStreams.js ws://127.0.0.1:4500 REMOTE-PATH REMOTE-PATH.gz

import { connect, type ReadHandle, type WriteHandle } from 'codexfs';

const [url = '', from = '', to = ''] = process.argv.slice(2);
await using server = await connect(url);
await using source = await server.openRead(server.resolve(from));
await using destination = await server.openWrite(server.resolve(to));
await readableOf(source).pipeThrough(new CompressionStream('gzip')).pipeTo(writableOf(destination));

/** The file from its start, read as the stream is pulled. */
function readableOf(file: ReadHandle): ReadableStream<Uint8Array> {
  let offset = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { bytes, eof } = await file.read(offset, file.maxChunkBytes);
      offset += bytes.length;
      if (bytes.length > 0) controller.enqueue(bytes);
      if (eof) controller.close();
    },
  });
}

/** Appends what the stream gets; the file is complete when the stream has closed. */
function writableOf(file: WriteHandle): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    async write(chunk) {
      for (let at = 0; at < chunk.length; at += file.maxChunkBytes) {
        await file.write(Buffer.from(chunk.subarray(at, at + file.maxChunkBytes)));
      }
    },
    close: () => file.close(),
  });
}
