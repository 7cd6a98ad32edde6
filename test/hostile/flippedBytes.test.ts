// One character of one message changed on the way, so that it is valid base64 of other bytes: no protocol can notice that, and
// --verify does, every time.

import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { NegotiatedDialects, shakeHands } from '../../src/dialects/negotiate.js';
import { hasCode } from '../../src/errors.js';
import { LocalFileSystem } from '../../src/fs/LocalFileSystem.js';
import { RemoteFileSystem } from '../../src/fs/RemoteFileSystem.js';
import { Connection } from '../../src/rpc/Connection.js';
import { type RunningServer, serve } from '../../src/server/serve.js';
import { copyFile } from '../../src/transfer/copyFile.js';
import { memoryTransportPair } from '../../src/transport/memory.js';
import type { Transport } from '../../src/transport/Transport.js';
import { contentOf } from '../helpers/content.js';
import { endpoint } from '../helpers/copying.js';
import { describe } from '../helpers/describe.js';
import { temporaryDirectory } from '../helpers/temporaryDirectory.js';

const copies = 500;
const chunkBytes = 1_000;
const content = contentOf(3 * chunkBytes + 7);
const chunkText = /"(?:chunk|dataBase64)":"([A-Za-z0-9+/]{8,}=*)"/;

/** Where the flip is: in which message that carries content, at which of its characters. */
interface Flip {
  readonly message: number;
  readonly share: number;
  hasHappened: boolean;
}

/** Changes what passes, in both directions, at the one place. */
function flipping(transport: Transport, flip: Flip): Transport {
  let seen = 0;
  const flipped = (frame: Buffer): Buffer => {
    const text = frame.toString('latin1');
    const match = chunkText.exec(text);
    if (match?.[1] === undefined || seen++ !== flip.message) return frame;
    // Not one of the last, which may have bits that mean nothing.
    const at = match.index + match[0].indexOf(match[1]) + Math.floor(flip.share * (match[1].length - 4));
    const changed = text[at] === 'A' ? 'B' : 'A';
    flip.hasHappened = true;
    return Buffer.from(text.slice(0, at) + changed + text.slice(at + 1), 'latin1');
  };
  return {
    start: (listener) =>
      transport.start({
        message: (frame) => listener.message(flipped(frame)),
        closed: (reason) => listener.closed(reason),
      }),
    send: (frame) => transport.send(flipped(frame)),
    queuedBytes: 0,
    pause: () => transport.pause(),
    resume: () => transport.resume(),
    close: (reason, kind) => transport.close(reason, kind),
  };
}

async function connectThrough(server: RunningServer, flip: Flip): Promise<RemoteFileSystem> {
  const [near, far] = memoryTransportPair();
  server.accept(far);
  const connection = new Connection(flipping(near, flip));
  const info = await shakeHands(connection, { clientVersion: '0', url: 'test' });
  return new RemoteFileSystem(connection, info, new NegotiatedDialects(connection, info));
}

for (const direction of ['down', 'up'] as const) {
  describe(`one changed character on the way ${direction}`, (test) => {
    test(
      `is found by --verify, ${copies} times of ${copies}`,
      async () => {
        await using place = await temporaryDirectory();
        await using server = await serve();
        await writeFile(place.join('from'), content);
        let found = 0;
        for (let count = 0; count < copies; count++) {
          const flip = { message: count % 4, share: (count * 0.618) % 1, hasHappened: false };
          await using system = await connectThrough(server, flip);
          const [box, here] = [endpoint(system, '', 'box'), endpoint(new LocalFileSystem(), '', 'here')];
          const [from, to] = direction === 'down' ? [box, here] : [here, box];
          const copying = copyFile(
            { ...from, path: place.join('from') },
            { ...to, path: place.join('to') },
            {
              isVerified: true,
              chunkBytes,
            },
          );
          const error = await copying.then(
            () => undefined,
            (failure: unknown) => failure,
          );
          if (hasCode(error, 'verification_failed')) found++;
          assert.ok(flip.hasHappened);
          assert.ok(error !== undefined || (await readFile(place.join('to'))).equals(content));
        }
        assert.is(found, copies);
      },
      { timeoutMs: 60_000 },
    );
  });
}
