// Everything that a user can get wrong or find broken: the exit status, one line that says it, and no harm done.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { contentOf } from '../helpers/content.js';
import { describe } from '../helpers/describe.js';
import { evilServer, rawServer } from '../helpers/evilServer.js';
import { type RunOptions, type RunResult, runCodexfs } from '../helpers/runCodexfs.js';
import { startCodexExecServer, startCodexfsServe, type TestServer } from '../helpers/servers.js';
import { type TemporaryDirectory, temporaryDirectory } from '../helpers/temporaryDirectory.js';
import { asNobody, unavailable } from '../helpers/unavailable.js';

const run = promisify(execFile);
const precious = contentOf(100_000, 12);

interface Place extends AsyncDisposable {
  readonly server: TestServer;
  readonly far: TemporaryDirectory;
  readonly near: TemporaryDirectory;
  /** Runs codexfs with the server as `box`, in the near folder. */
  codexfs(args: readonly string[], options?: RunOptions): Promise<RunResult>;
}

/** A file `precious`, a folder and a FIFO on either side. */
async function setUp(start: () => Promise<TestServer>): Promise<Place> {
  const server = await start();
  const [far, near] = await Promise.all([temporaryDirectory(), temporaryDirectory()]);
  for (const side of [far, near]) {
    await writeFile(side.join('precious'), precious);
    await mkdir(side.join('folder'));
    await run('mkfifo', [side.join('fifo')]);
  }
  return {
    server,
    far,
    near,
    codexfs: (args, options = {}) =>
      runCodexfs(['--remote', `box=${server.remote}`, ...args], {
        cwd: near.path,
        deadlineMs: 15_000,
        ...options,
        env: { ...server.env, ...options.env },
      }),
    async [Symbol.asyncDispose]() {
      for (const part of [server, far, near]) await part[Symbol.asyncDispose]();
    },
  };
}

/** One line for the failure, at most one hint below it, and nothing else. */
function assertFails(result: RunResult, exitCode: number, line: string | RegExp): void {
  const { stderr } = result;
  assert.equal({ exitCode: result.exitCode, signal: result.signal }, { exitCode, signal: null }, stderr);
  const lines = stderr.trimEnd().split('\n');
  assert.match(lines[0] ?? '', line);
  assert.ok(lines.length === 1 || (lines.length === 2 && lines[1]?.startsWith('hint: ')), stderr);
  assert.is(result.stdout.length, 0);
}

async function assertUnharmed({ far, near }: Place): Promise<void> {
  for (const side of [far, near]) assert.ok((await readFile(side.join('precious'))).equals(precious));
}

type Row = readonly [
  exitCode: number,
  args: (place: Place) => readonly string[],
  line: (place: Place) => string | RegExp,
];

/** What goes wrong with a server that is there. */
const rows: Record<string, Row> = {
  'a missing local source': [
    3,
    ({ far }) => ['cp', 'none', `box:${far.join('precious')}`],
    () => 'codexfs: cp: none: no such file or directory',
  ],
  'a missing remote source': [
    3,
    ({ far }) => ['cp', `box:${far.join('none')}`, 'precious'],
    ({ far }) => `codexfs: cp: box:${far.join('none')}: no such file or directory`,
  ],
  'a missing remote parent': [
    9,
    ({ far }) => ['cp', 'precious', `box:${far.join('none/a')}`],
    ({ far }) => `codexfs: cp: box:${far.join('none/a')}: no such file or directory`,
  ],
  'a missing local parent': [
    9,
    ({ far }) => ['cp', `box:${far.join('precious')}`, 'none/a'],
    () => 'codexfs: cp: none/a: no such file or directory',
  ],
  'a local directory without -r': [
    4,
    ({ far }) => ['cp', 'folder', `box:${far.join('precious')}`],
    () => 'codexfs: cp: folder: is a directory',
  ],
  'a remote directory without -r': [
    4,
    ({ far }) => ['cp', `box:${far.join('folder')}`, 'precious'],
    ({ far }) => `codexfs: cp: box:${far.join('folder')}: is a directory`,
  ],
  'a local FIFO as the source': [
    4,
    ({ far }) => ['cp', 'fifo', `box:${far.join('precious')}`],
    () => 'codexfs: cp: fifo: not a regular file',
  ],
  'a remote FIFO as the source': [
    4,
    ({ far }) => ['cp', `box:${far.join('fifo')}`, 'precious'],
    ({ far }) => `codexfs: cp: box:${far.join('fifo')}: not a regular file`,
  ],
  'a local FIFO as the destination': [
    4,
    ({ far }) => ['cp', `box:${far.join('precious')}`, 'fifo'],
    () => 'codexfs: cp: fifo: not a regular file',
  ],
  'a remote FIFO as the destination': [
    4,
    ({ far }) => ['cp', 'precious', `box:${far.join('fifo')}`],
    ({ far }) => `codexfs: cp: box:${far.join('fifo')}: not a regular file`,
  ],
  'a file where the destination says directory': [
    4,
    ({ far }) => ['cp', 'precious', `box:${far.join('precious')}/`],
    () => /^codexfs: cp: box:.*\/precious\/: (is )?not a directory$/,
  ],
  'a device as the local destination': [
    4,
    ({ far }) => ['cp', `box:${far.join('precious')}`, '/dev/full'],
    () => 'codexfs: cp: /dev/full: not a regular file',
  ],
  'cat of a missing file': [
    3,
    ({ far }) => ['cat', `box:${far.join('none')}`],
    ({ far }) => `codexfs: cat: box:${far.join('none')}: no such file or directory`,
  ],
  'stat of a missing file': [
    3,
    ({ far }) => ['stat', `box:${far.join('none')}`],
    ({ far }) => `codexfs: stat: box:${far.join('none')}: no such file or directory`,
  ],
  'ls of a missing folder': [
    3,
    ({ far }) => ['ls', `box:${far.join('none')}`],
    ({ far }) => `codexfs: ls: box:${far.join('none')}: no such file or directory`,
  ],
};

const servers: Record<string, () => Promise<TestServer>> = {
  'codex exec-server': () => startCodexExecServer({ listen: 'ws' }),
  'codexfs serve with handles': () => startCodexfsServe({ listen: 'ws', args: ['--dialects', 'handles,buffered'] }),
  'codexfs serve with blocks over stdio': () =>
    startCodexfsServe({ listen: 'stdio', args: ['--dialects', 'blocks,buffered'] }),
};

for (const [name, start] of Object.entries(servers)) {
  describe(`codexfs with ${name}, given`, (test) => {
    for (const [title, [exitCode, args, line]] of Object.entries(rows)) {
      test(
        `${title}, ends with ${exitCode}`,
        async () => {
          await using place = await setUp(start);
          assertFails(await place.codexfs(args(place)), exitCode, line(place));
          await assertUnharmed(place);
        },
        { timeoutMs: 20_000 },
      );
    }
  });
}

describe('codexfs, used wrongly, given', (test) => {
  const misuses: Record<string, readonly [words: readonly string[], line: RegExp]> = {
    'an unknown remote': [['cp', 'nobox:/a', 'b'], /^codexfs: cp: there is no remote called `nobox`$/],
    'an unknown remote as the destination': [
      ['cp', 'b', 'nobox:/a'],
      /^codexfs: cp: there is no remote called `nobox`$/,
    ],
    'both sides local': [['cp', 'a', 'b'], /^codexfs: cp: `a` and `b` are both on this machine$/],
    'a remote without its colon': [
      ['cp', 'a', 'box'],
      /^codexfs: cp: `box` is a remote, and a path on it needs a colon$/,
    ],
    'no operands': [['cp'], /^codexfs: cp: /],
    'one operand': [['cp', 'a'], /^codexfs: cp: /],
    'an empty operand': [['cp', '', 'box:a'], /^codexfs: cp: /],
    'an unknown option': [['cp', '--frobnicate', 'a', 'box:b'], /^codexfs: cp: .*--frobnicate/],
    'an unknown command': [['frobnicate'], /^codexfs: .*frobnicate/],
    'a remote without a name': [['--remote', '=ws://h:1', 'cp', 'a', 'box:b'], /^codexfs: .*--remote/],
    'a remote of another protocol': [['--remote', 'web=http://h:1', 'cp', 'a', 'web:b'], /^codexfs: .*ws:/],
    'a password in a URL': [['cp', 'ws://me:secret@127.0.0.1:1/a', 'b'], /^codexfs: cp: (?!.*secret)/],
    'a default remote that is not there': [['cp', ':a', 'b'], /^codexfs: cp: `:a` needs a default remote/],
  };
  for (const [title, [words, line]] of Object.entries(misuses)) {
    test(`${title}, ends with 2 and attempts nothing`, async () => {
      await using near = await temporaryDirectory();
      await writeFile(near.join('b'), precious);
      const definition = title.includes('default') ? [] : ['--remote', 'box=ws://127.0.0.1:1'];
      assertFails(await runCodexfs([...definition, ...words], { cwd: near.path }), 2, line);
      assert.ok((await readFile(near.join('b'))).equals(precious));
    });
  }
});

/** Runs both directions against `url` from a folder with a file that must survive. */
async function assertCannotConnect(
  url: string,
  line: RegExp,
  env = {},
  options: readonly string[] = [],
): Promise<void> {
  await using near = await temporaryDirectory();
  await writeFile(near.join('precious'), precious);
  for (const words of [
    [`${url}/tmp/a`, 'precious'],
    ['precious', `${url}/tmp/a`],
  ]) {
    const result = await runCodexfs(['cp', ...options, ...words], { cwd: near.path, env });
    assertFails(result, 7, line);
  }
  assert.ok((await readFile(near.join('precious'))).equals(precious));
}

describe('codexfs without a server, given', (test) => {
  test('an address where nothing listens, ends with 7', async () => {
    const server = await rawServer(() => {});
    await server[Symbol.asyncDispose]();
    await assertCannotConnect(
      `ws://127.0.0.1:${server.port}`,
      /^codexfs: cp: cannot connect to .*: nothing listens there/,
    );
  });

  test('a web server, ends with 7', async () => {
    const page = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
    await using server = await rawServer((socket) => socket.once('data', () => socket.end(page)));
    await assertCannotConnect(
      `ws://127.0.0.1:${server.port}`,
      /^codexfs: cp: ws:\/\/.* is a web server but not an exec-server/,
    );
  });

  test('a server of something else, ends with 7', async () => {
    await using server = await rawServer((socket) => socket.write('220 mail.example ESMTP\r\n'));
    await assertCannotConnect(`ws://127.0.0.1:${server.port}`, /^codexfs: cp: .*does not speak HTTP$/);
  });

  const greetings: Record<string, object | string> = {
    'no JSON': 'Welcome!',
    'a list': '[]',
    'an answer to something else': { id: 'x', result: {} },
    'a result of another protocol': { id: 1, result: 'hello' },
    'an error': { id: 1, error: { code: -32600, message: 'who are you?' } },
  };
  for (const [title, greeting] of Object.entries(greetings)) {
    test(`a server that greets with ${title}, ends with 7`, async () => {
      await using server = await evilServer({
        initialize: (_request, peer) => {
          peer.send(greeting);
          return undefined;
        },
      });
      await assertCannotConnect(server.url, /^codexfs: cp: ws:\/\/.* did not shake hands: /);
    });
  }

  test('a server that hangs up instead of greeting, ends with 7', async () => {
    await using server = await evilServer({
      initialize: (_request, peer) => {
        peer.drop();
        return undefined;
      },
    });
    await assertCannotConnect(server.url, /^codexfs: cp: ws:\/\/.* did not shake hands: /);
  });

  test('a server that never greets, ends with 7 after the time it was given', async () => {
    await using server = await evilServer({ initialize: () => undefined });
    await assertCannotConnect(server.url, /^codexfs: cp: .*did not shake hands: no answer for 1 s$/, {}, [
      '--connect-timeout',
      '1s',
    ]);
  });

  test('a program that is not there, ends with 7', async () => {
    const result = await runCodexfs(['--remote', 'box=exec:no-such-program-xyz', 'cp', 'box:/a', 'b']);
    assertFails(result, 7, 'codexfs: cp: cannot start `no-such-program-xyz`: no such program');
  });

  test('a program that is no server, ends with 7', async () => {
    for (const program of ['true', 'echo hello', 'sh -c "echo nothing to see >&2; exit 3"']) {
      const result = await runCodexfs(['--remote', `box=exec:${program}`, 'cp', 'box:/a', 'b']);
      assertFails(result, 7, /^codexfs: cp: .* did not shake hands: /);
    }
  });
});

describe('codexfs with a token', (test) => {
  for (const [name, start] of [
    ['codex exec-server', startCodexExecServer],
    ['codexfs serve', startCodexfsServe],
  ] as const) {
    test(
      `that is wrong or missing ends with 7, with ${name}`,
      async () => {
        await using folder = await temporaryDirectory();
        await writeFile(folder.join('token'), 'correct-horse');
        await chmod(folder.join('token'), 0o600);
        await writeFile(folder.join('a'), precious);
        const digest = createHash('sha256').update('correct-horse').digest('hex');
        for (const args of [
          ['--ws-token-file', folder.join('token')],
          ['--ws-token-sha256', digest],
        ]) {
          await using server = await start({ listen: 'ws', args: ['--ws-auth', 'capability-token', ...args] });
          const url = server.remote;
          const wrong = { CODEX_EXEC_SERVER_CONNECTION_TOKEN: 'battery-staple' };
          await assertCannotConnect(url, /^codexfs: cp: ws:.* refused the connection: a token is needed/, {});
          await assertCannotConnect(url, /^codexfs: cp: ws:.* refused the connection: the token is not the one/, wrong);
          const env = { CODEX_EXEC_SERVER_CONNECTION_TOKEN: 'correct-horse' };
          const result = await runCodexfs(['cp', `${url}${folder.join('a')}`, folder.join('b')], { env });
          assert.is(result.exitCode, 0, result.stderr);
          assert.ok((await readFile(folder.join('b'))).equals(precious));
        }
      },
      { timeoutMs: 30_000 },
    );
  }
});

describe('codexfs without permission', (test) => {
  const skip = unavailable(asNobody[0] ?? '', ...asNobody.slice(1), 'true');

  test(
    'for a local file ends with 5',
    async () => {
      await using place = await setUp(() => startCodexfsServe({ listen: 'ws' }));
      const { near, far, codexfs } = place;
      await chmod(near.path, 0o755);
      await chmod(near.join('precious'), 0o600);
      const read = await codexfs(['cp', 'precious', `box:${far.join('precious')}`], { wrapper: asNobody });
      assertFails(read, 5, 'codexfs: cp: precious: permission denied');
      const written = await codexfs(['cp', `box:${far.join('precious')}`, 'precious'], { wrapper: asNobody });
      assertFails(written, 5, 'codexfs: cp: precious: permission denied');
      const created = await codexfs(['cp', `box:${far.join('precious')}`, 'new'], { wrapper: asNobody });
      assertFails(created, 5, 'codexfs: cp: new: permission denied');
      await assertUnharmed(place);
    },
    { skip, timeoutMs: 20_000 },
  );

  test(
    'for a remote file ends with 5',
    async () => {
      await using place = await setUp(() => startCodexfsServe({ listen: 'ws', wrapper: asNobody }));
      const { far, codexfs } = place;
      await chmod(far.path, 0o755);
      await chmod(far.join('precious'), 0o600);
      const path = `box:${far.join('precious')}`;
      assertFails(await codexfs(['cp', path, 'precious']), 5, `codexfs: cp: ${path}: permission denied`);
      assertFails(await codexfs(['cp', 'precious', path]), 5, `codexfs: cp: ${path}: permission denied`);
      const created = `box:${far.join('new')}`;
      assertFails(await codexfs(['cp', 'precious', created]), 5, `codexfs: cp: ${created}: permission denied`);
      await assertUnharmed(place);
    },
    { skip, timeoutMs: 20_000 },
  );
});
