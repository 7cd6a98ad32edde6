// Uploads a file and tells how far it is: node copyWithProgress.js ws://127.0.0.1:4500 FILE REMOTE-PATH

import { connect, copy, LocalFileSystem, TransferError } from 'codexfs';

const [url = '', from = '', to = ''] = process.argv.slice(2);
await using server = await connect(url);

let sentBytes = 0;
let totalBytes: number | undefined;
try {
  const { bytes } = await copy(
    { fileSystem: new LocalFileSystem(), path: from },
    { fileSystem: server, path: to },
    {
      onStart: (sizeBytes) => {
        totalBytes = sizeBytes;
      },
      onProgress: (movedBytes) => {
        sentBytes += movedBytes;
        console.error(`${sentBytes} of ${totalBytes ?? 'unknown'} bytes`);
      },
    },
  );
  console.log(`copied ${bytes} bytes`);
} catch (error) {
  if (!(error instanceof TransferError)) throw error;
  // What the destination holds now; undefined or `intact` when it was not touched.
  const { state, bytes } = error.partial ?? { state: 'intact', bytes: 0 };
  console.error(`${error.about}: ${error.message} (${error.code}); the destination is ${state}, ${bytes} bytes`);
  process.exitCode = 1;
}
