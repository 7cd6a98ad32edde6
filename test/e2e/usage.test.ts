// What is wrong with a command line is said in one line and a hint, in the same form everywhere, with exit status 2.

import * as assert from 'uvu/assert';
import { commandTable } from '../../src/cli/commands/commandTable.js';
import { exitStatus } from '../../src/cli/exitStatus.js';
import { topicNames } from '../../src/cli/help/topicNames.js';
import { describe } from '../helpers/describe.js';
import { runCodexfs } from '../helpers/runCodexfs.js';

/** The command line and what it is answered: one line, and a hint or none. */
const table: readonly (readonly [string, string, (string | undefined)?])[] = [
  ['', 'codexfs: a command is needed', 'codexfs --help lists them'],
  ['cpp a b', "codexfs: unknown command 'cpp'", 'did you mean cp?'],
  ['cp --target-directry d a', "codexfs: cp: unknown option '--target-directry'", 'did you mean --target-directory?'],
  [
    '--nope',
    "codexfs: unknown option '--nope'",
    'options of a command stand behind its name; codexfs --help tells more',
  ],
  ['get box:a .', "codexfs: unknown command 'get'", 'codexfs cp SOURCE… DESTINATION copies both ways'],
  ['tail box:a', "codexfs: unknown command 'tail'", 'codexfs cat --range -1000 LOCATION writes the last 1000 bytes'],
  ['exec box ls', "codexfs: unknown command 'exec'", 'codexfs --help tells more'],
  ['mv a b', "codexfs: unknown command 'mv'", 'servers cannot rename: codexfs cp copies, and codexfs rm removes'],
  ['box:a .', "codexfs: unknown command 'box:a'", 'codexfs cp SOURCE… DESTINATION copies both ways'],
  ['cat --range', "codexfs: cat: option '--range <RANGE>' argument missing", 'codexfs cat --help tells more'],
  ['cp --color=pink a b', 'codexfs: cp: --color: `pink` is not one of auto, always, never', 'as in --color=auto'],
  ['--timeout 5d ls a', 'codexfs: --timeout: `5d` is no duration', 'write 30s, 500ms, 2m or 1h'],
  ['cp', 'codexfs: cp: an operand is missing', 'codexfs cp [OPTION]… SOURCE… DESTINATION'],
  ['doctor', 'codexfs: doctor: an operand is missing', 'codexfs doctor [OPTION]… NAME[:DIRECTORY]'],
  ['rm', 'codexfs: rm: an operand is missing', 'codexfs rm --help tells more'],
  ['sum', 'codexfs: sum: an operand is missing', 'codexfs sum --help tells more'],
  [
    'cp -P 22 a b:c',
    'codexfs: cp: -P: the port is part of the location',
    'write ws://HOST:PORT/PATH, or --remote NAME=ws://HOST:PORT',
  ],
  [
    'cp -Cq a b:c',
    'codexfs: cp: -C: compression is left to what carries the connection',
    'leave it out; a tunnel such as `ssh -C` compresses',
  ],
  [
    'cp -l 100 a b:c',
    'codexfs: cp: -l: hard links (cp) are not made, and a rate (scp) is limited by another option',
    'write --bwlimit RATE',
  ],
  ['cp -rf a b:c', 'codexfs: cp: -f: destinations are overwritten unless an option says otherwise', 'leave it out'],
  [
    'cp --delete a b:c',
    'codexfs: cp: --delete: only sync removes what the source has not',
    'codexfs sync --delete SOURCE DIRECTORY',
  ],
  ['sync -an a b:c', 'codexfs: sync: -n: it would be --dry-run for rsync and --no-clobber for cp', 'write --dry-run'],
  ['sync -aP a b:c', 'codexfs: sync: -P: progress is shown on a terminal, and what is partial is kept', 'leave it out'],
  [
    'sync -au a b:c',
    'codexfs: sync: -u: what differs is copied, newer or not',
    'codexfs cp -ru SOURCE/. DIRECTORY copies what is newer',
  ],
  ['ls --remote x=ws://h a', 'codexfs: ls: `--remote x=ws://h` does not define a remote', undefined],
  ['help locatons', 'codexfs: help: there is no command and no topic `locatons`', 'did you mean locations?'],
  ['ls boxx: --remote box=ws://127.0.0.1:1', 'codexfs: ls: there is no remote called `boxx`', undefined],
  [
    'ls http://127.0.0.1:1/a',
    'codexfs: ls: there is no remote called `http`',
    'a server is reached at ws://HOST:PORT/PATH or wss://HOST:PORT/PATH',
  ],
  [
    'ls box --remote box=ws://127.0.0.1:1',
    'codexfs: ls: `box` is a remote, and a path on it needs a colon',
    'did you mean `box:`? for a local file of that name write ./box',
  ],
  [
    'cp a me@box:b',
    'codexfs: cp: `a` and `me@box:b` are both on this machine',
    '`me@box:b` names a user, and a remote has none; a location on a remote is NAME:PATH or ws://HOST:PORT/PATH',
  ],
  [
    'cp box.example.com:a b',
    'codexfs: cp: `box.example.com:a` and `b` are both on this machine',
    '`box.example.com` is no name of a remote, which is two letters, digits, _ or - at least; a location on a remote is NAME:PATH or ws://HOST:PORT/PATH',
  ],
  [
    'cp C:/a b',
    'codexfs: cp: `C:/a` and `b` are both on this machine',
    'plain `cp` or `rsync` does that; a location on a remote is NAME:PATH or ws://HOST:PORT/PATH',
  ],
];

describe('a wrong command line', (test) => {
  for (const [line, message, hint] of table) {
    test(`codexfs ${line}`, async () => {
      const { exitCode, stdout, stderr } = await runCodexfs(line.split(' ').filter((word) => word !== ''));
      const [first, second, ...rest] = stderr.trimEnd().split('\n');
      assert.equal([exitCode, stdout.length, first, rest], [2, 0, message, []]);
      if (hint !== undefined) assert.is(second, `hint: ${hint}`);
    });
  }
});

describe('what is asked of the program itself', (test) => {
  test('codexfs --version', async () => {
    const { exitCode, stdout, stderr } = await runCodexfs(['--version']);
    assert.match(stdout.toString('utf8'), /^\d+\.\d+\.\d+\n$/);
    assert.equal([exitCode, stderr], [0, '']);
  });

  for (const line of ['--help', 'cp --help', 'help stat', 'cat -h']) {
    test(`codexfs ${line}`, async () => {
      const { exitCode, stdout, stderr } = await runCodexfs(line.split(' '));
      assert.match(stdout.toString('utf8'), /^Usage: codexfs [\s\S]*--remote/);
      assert.equal([exitCode, stderr], [0, '']);
    });
  }

  test('codexfs help: every command in at most 40 lines of 80 columns, examples first', async () => {
    const { exitCode, stdout } = await runCodexfs(['help']);
    const text = stdout.toString('utf8');
    const lines = text.trimEnd().split('\n');
    assert.is(exitCode, 0);
    assert.ok(lines.length <= 40, `${lines.length} lines`);
    assert.equal(
      lines.filter((line) => line.length > 80),
      [],
    );
    const listed = [...text.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name);
    const shown = commandTable.filter(({ isHidden }) => !isHidden).map(({ name }) => name);
    assert.equal([...listed].sort(), [...shown].sort());
    assert.ok(text.indexOf('Examples') < text.indexOf('Copy:'));
  });

  test(
    'the help of each command: in 80 columns, with examples, and how it ends',
    async () => {
      for (const { name, isHidden } of commandTable) {
        if (isHidden || name === 'help') continue;
        const text = (await runCodexfs([name, '--help'])).stdout.toString('utf8');
        const lines = text.split('\n');
        assert.equal([name, lines.filter((line) => line.length > 80)], [name, []]);
        assert.match(lines[0] ?? '', /^Usage: codexfs \w+ \[OPTION\]…/);
        assert.match(text, /\nExamples:\n {2}\S/, name);
        assert.not.match(text, /\n\n\n/, name);
        if (name === 'cp' || name === 'sync') assert.not.match(text, /\nOptions:\n/, 'each option is in a group');
        if (name !== 'serve') assert.match(text, /\nExit status: 0 .*\n/, name);
      }
    },
    { timeoutMs: 60_000 },
  );

  for (const topic of topicNames) {
    test(`codexfs help ${topic}`, async () => {
      const { exitCode, stdout, stderr } = await runCodexfs(['help', topic]);
      const lines = stdout.toString('utf8').split('\n');
      assert.equal([exitCode, stderr], [0, '']);
      assert.ok(lines.length > 8);
      assert.equal(
        lines.filter((line) => line.length > 80),
        [],
      );
    });
  }

  test('codexfs help exit-codes names every status', async () => {
    const { stdout } = await runCodexfs(['help', 'exit-codes']);
    const listed = [...stdout.toString('utf8').matchAll(/^ +(\d[\d, ]*?) {2}/gm)].flatMap(([, numbers = '']) =>
      numbers.split(', ').map(Number),
    );
    assert.equal(
      listed.sort((a, b) => a - b),
      [...new Set([...Object.values(exitStatus), 129, 130, 143])].sort((a, b) => a - b),
    );
  });
});
