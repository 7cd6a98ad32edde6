// One suite for every server: what a copy promises does not depend on who is asked.

import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, link, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { copyFile } from '../../src/transfer/copyFile.js';
import { connectTo, localEnd, remoteEnd } from '../helpers/connectTo.js';
import { contentOf, sha256 } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { eventually } from '../helpers/eventually.js';
import { descriptorsBelow } from '../helpers/processes.js';
import { type RunOptions, type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { codexfsProgram, type TestServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const sizes = [0, 1, 256 * KiB - 1, 256 * KiB, 256 * KiB + 1, MiB - 1, MiB, MiB + 1, 8 * MiB + 1];

/** A name that every layer between the command line and the server's disk could spoil. */
const strangeName = ' 100%41 #1? é✓ \n&$(x);\'"\\*.bin';

export interface SuiteOptions {
  readonly title: string;
  readonly start: () => Promise<TestServer>;
  /** The dialect in which the server must turn out to be spoken to. */
  readonly dialect: string;
  /** Whether every size also goes through the command line, and 100 MiB through the library. */
  readonly isThorough: boolean;
}

/** A server with a folder for its files and one for ours, and the command line pointed at it. */
interface Place extends AsyncDisposable {
  readonly server: TestServer;
  readonly far: TemporaryDirectory;
  readonly near: TemporaryDirectory;
  codexfs(args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** Registers the suite for the server that `start` starts. */
export function describeTransfers({ title, start, dialect, isThorough }: SuiteOptions): void {
  const setUp = async (): Promise<Place> => {
    const server = await start();
    const [far, near] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
    return {
      server,
      far,
      near,
      codexfs: (args, options = {}) =>
        runCodexfs(['--remote', `box=${server.remote}`, ...args], {
          ...options,
          env: { ...server.env, ...options.env },
        }),
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await Promise.all([far[Symbol.asyncDispose](), near[Symbol.asyncDispose]()]);
      },
    };
  };

  describe(`${title}: a copy`, (test) => {
    test(
      'up and down is the same for every size around the chunks',
      async () => {
        await using place = await setUp();
        await using remote = await connectTo(place.server);
        for (const size of sizes) await upAndDown(place, remote, size);
        assert.equal(remote.dialects, { read: dialect, write: dialect });
        await assertNothingOpen(place);
      },
      { timeoutMs: 60_000 },
    );

    if (isThorough) {
      test(
        'of 100 MiB up and down is the same',
        async () => {
          await using place = await setUp();
          await using remote = await connectTo(place.server);
          await upAndDown(place, remote, 100 * MiB);
        },
        { timeoutMs: 120_000 },
      );
    }
  });

  describe(`${title}: codexfs`, (test) => {
    test(
      'cp FILE box:FILE; cp box:FILE FILE',
      async () => {
        await using place = await setUp();
        const { near, far, codexfs } = place;
        for (const size of isThorough ? sizes : [MiB + 1]) {
          const content = contentOf(size, 2);
          await writeFile(near.join('a'), content);
          assertQuiet(await codexfs(['cp', near.join('a'), `box:${far.join('b')}`]));
          assert.ok((await readFile(far.join('b'))).equals(content), `${size} bytes up`);
          assertQuiet(await codexfs(['cp', `box:${far.join('b')}`, near.join('c')]));
          assert.ok((await readFile(near.join('c'))).equals(content), `${size} bytes down`);
        }
        await assertNothingOpen(place);
      },
      { timeoutMs: 120_000 },
    );

    test('cp over a longer file leaves no tail, and keeps its hard link and its mode', async () => {
      await using place = await setUp();
      const { near, far, codexfs } = place;
      await writeFile(near.join('source'), contentOf(300_000, 3));
      for (const [directory, destination] of [
        [far, `box:${far.join('a')}`],
        [near, near.join('a')],
      ] as const) {
        const from = directory === far ? near.join('source') : `box:${near.join('source')}`;
        await writeFile(directory.join('a'), contentOf(2 * MiB));
        await chmod(directory.join('a'), 0o755);
        await link(directory.join('a'), directory.join('hard'));
        const before = await stat(directory.join('a'));
        assertQuiet(await codexfs(['cp', from, destination]));
        const after = await stat(directory.join('a'));
        assert.equal([after.ino, after.nlink, after.mode & 0o7777], [before.ino, 2, 0o755]);
        assert.ok((await readFile(directory.join('hard'))).equals(contentOf(300_000, 3)));
      }
    });

    test('cp - box:FILE, from a pipe that comes in pieces', async () => {
      await using place = await setUp();
      const content = contentOf(3 * MiB + 17, 4);
      await writeFile(place.near.join('a'), content);
      const stdin = createReadStream(place.near.join('a'), { highWaterMark: 65_521 });
      assertQuiet(await place.codexfs(['cp', '-', `box:${place.far.join('b')}`], { stdin }));
      assert.ok((await readFile(place.far.join('b'))).equals(content));
      assertQuiet(await place.codexfs(['cp', '-', `box:${place.far.join('b')}`]));
      assert.is((await stat(place.far.join('b'))).size, 0);
    });

    test('cp box:FILE - and cat box:FILE… write exactly the bytes', async () => {
      await using place = await setUp();
      const [first, second] = [contentOf(MiB + 1, 5), contentOf(17, 6)];
      await Promise.all([writeFile(place.far.join('1'), first), writeFile(place.far.join('2'), second)]);
      const toStdout = await place.codexfs(['cp', `box:${place.far.join('1')}`, '-']);
      assert.is(toStdout.exitCode, 0, toStdout.stderr);
      assert.ok(toStdout.stdout.equals(first));
      const both = await place.codexfs(['cat', `box:${place.far.join('1')}`, `box:${place.far.join('2')}`]);
      assert.is(both.exitCode, 0, both.stderr);
      assert.ok(both.stdout.equals(Buffer.concat([first, second])));
    });

    test('cat box:FILE | sha256sum', async () => {
      await using place = await setUp();
      const path = place.far.join('a');
      await writeFile(path, contentOf(5 * MiB, 7));
      const line = '"$0" "$1" --remote "$2" cat "$3" | sha256sum';
      const words = [process.execPath, codexfsProgram, `box=${place.server.remote}`, `box:${path}`];
      const output = await shell(line, words, place.server.env);
      assert.is(output.trim(), `${await sha256(path)}  -`);
    });

    test('cp of a name with blanks, a line break and every special character, both ways', async () => {
      await using place = await setUp();
      const { near, far, codexfs } = place;
      const content = contentOf(1000, 8);
      await writeFile(near.join(strangeName), content);
      assertQuiet(await codexfs(['cp', strangeName, `box:${far.path}/`], { cwd: near.path }));
      assert.ok((await readFile(far.join(strangeName))).equals(content));
      assertQuiet(await codexfs(['cp', `box:${far.join(strangeName)}`, near.join('back')]));
      assert.ok((await readFile(near.join('back'))).equals(content));
    });

    test('cp box:A box:B copies on the server, and onto itself is refused', async () => {
      await using place = await setUp();
      const { far, codexfs } = place;
      const content = contentOf(MiB + 1, 9);
      await writeFile(far.join('a'), content);
      assertQuiet(await codexfs(['cp', `box:${far.join('a')}`, `box:${far.join('b')}`]));
      assert.ok((await readFile(far.join('b'))).equals(content));
      await symlink('a', far.join('soft'));
      for (const to of [far.join('a'), far.join('soft'), `${far.path}/./a`]) {
        const { exitCode, stderr } = await codexfs(['cp', `box:${far.join('a')}`, `box:${to}`]);
        assert.is(exitCode, 4, stderr);
        assert.ok((await readFile(far.join('a'))).equals(content), to);
      }
    });

    test('cp box:A box:B leaves a file alone that B is a hard link of, which the server cannot tell', async () => {
      await using place = await setUp();
      const { far, codexfs } = place;
      const content = contentOf(MiB + 1, 9);
      await writeFile(far.join('a'), content);
      await link(far.join('a'), far.join('hard'));
      const { exitCode, stderr } = await codexfs(['cp', `box:${far.join('a')}`, `box:${far.join('hard')}`]);
      assert.ok(exitCode === 0 || exitCode === 4, stderr);
      assert.ok((await readFile(far.join('a'))).equals(content));
    });

    test('cp between this host and a server on it refuses one file under two names', async () => {
      await using place = await setUp();
      const { far, codexfs } = place;
      const content = contentOf(MiB + 1, 10);
      await writeFile(far.join('a'), content);
      for (const [from, to] of [
        [far.join('a'), `box:${far.join('a')}`],
        [`box:${far.join('a')}`, far.join('a')],
      ] as const) {
        const { exitCode, stderr } = await codexfs(['cp', from, to]);
        assert.is(exitCode, 4, stderr);
        assert.ok((await readFile(far.join('a'))).equals(content));
      }
    });
  });
}

type Remote = Awaited<ReturnType<typeof connectTo>>;

/** Copies `size` bytes to the server and back and looks at both files on the disk itself. */
async function upAndDown({ near, far }: Place, remote: Remote, size: number): Promise<void> {
  const content = contentOf(size);
  await writeFile(near.join('a'), content);
  let progress = 0;
  const onProgress = (bytes: number) => {
    progress += bytes;
  };
  const up = await copyFile(localEnd(near.join('a')), remoteEnd(remote, far.join('b')), { onProgress });
  assert.equal({ ...up, progress }, { bytes: size, progress: size });
  assert.ok((await readFile(far.join('b'))).equals(content), `${size} bytes up`);
  progress = 0;
  const down = await copyFile(remoteEnd(remote, far.join('b')), localEnd(near.join('c')), { onProgress });
  assert.equal({ ...down, progress }, { bytes: size, progress: size });
  assert.ok((await readFile(near.join('c'))).equals(content), `${size} bytes down`);
}

/** A copy off the terminal that went well has nothing to say but its end. */
function assertQuiet({ exitCode, signal, stdout, stderr }: RunResult): void {
  assert.equal({ exitCode, signal, stdout: stdout.toString() }, { exitCode: 0, signal: null, stdout: '' }, stderr);
  assert.not.match(stderr, /codexfs: |hint: |\r|^ +at /m);
}

/** On stdio there is no server left that could hold anything. */
async function assertNothingOpen({ server, far }: Place): Promise<void> {
  const { pid } = server;
  if (pid !== undefined) await eventually(async () => (await descriptorsBelow(pid, far.path)).length === 0);
}

function shell(line: string, words: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-o', 'pipefail', '-c', line, ...words], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`status ${code}: ${output}`))));
  });
}
