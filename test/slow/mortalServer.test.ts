// A copy of 256 MiB whose server is killed and comes back, again and again: the copy is the source.

import { readFile, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { cpFrom, killAsItGrows, mortalPlace } from '../helpers/mortalPlace.js';
import { recordsIn } from '../helpers/recordsIn.js';

const MiB = 1024 * 1024;
const timeoutMs = 120_000;

for (const listen of ['ws', 'stdio'] as const) {
  describe(`codexfs cp --retries 25 while the server is killed 20 times, ${listen}`, (test) => {
    for (const way of ['down', 'up'] as const) {
      test(
        `brings 256 MiB ${way}`,
        async () => {
          await using place = await mortalPlace(listen);
          const { server, far, near } = place;
          const content = contentOf(256 * MiB, 5);
          const [source, destination] =
            way === 'down' ? [far.join('a'), near.join('b')] : [near.join('a'), far.join('b')];
          await writeFile(source, content);
          const words = way === 'down' ? [`box:${source}`, destination] : [source, `box:${destination}`];
          const copying = cpFrom(place, ['--json', '--retries', '25', ...words]).finally(() => server.over());
          const kills = await killAsItGrows(server, destination, 20);
          const { exitCode, stdout, stderr } = await copying;
          assert.is(exitCode, 0, stderr);
          assert.is(kills, 20);
          assert.ok((await readFile(destination)).equals(content), 'the copy differs');
          const records = await recordsIn(stdout);
          const copied = records.find(({ type }) => type === 'copied');
          assert.ok(Number(copied?.attempts) > 1, `${copied?.attempts} attempts`);
          assert.ok(records.filter(({ type }) => type === 'retry').length >= 20);
        },
        { timeoutMs },
      );
    }
  });
}
